#include "record/shape.h"

#include "record/batch_builder.h"
#include "record/json_walk.h"

namespace taffrail::record {
namespace {

struct SkeletonVisitor {
  Shape& shape;
  std::vector<ColumnKey>& keys;
  Origin origin;
  const char* base;  // of the whole skeleton

  bool OnHole(std::string_view path, const char* begin, const char*, const ScannedValue& value) {
    shape.holes.push_back({.literal_end = static_cast<uint32_t>(begin - base)});
    keys.push_back({.origin = origin, .kind = value.kind, .path = std::string(path)});
    return true;
  }
  void OnConstant(std::string_view path, std::string_view json) {
    shape.constants.push_back({.origin = origin, .path = std::string(path), .json = std::string(json)});
  }
};

bool ParsePart(std::string_view part, Origin origin, SkeletonVisitor visitor) {
  visitor.origin = origin;
  JsonWalk<SkeletonVisitor> walk(visitor, /*skeleton=*/true);
  return walk.Run(part);
}

}  // namespace

bool ParseSkeleton(std::string_view skeleton, Shape& shape, std::vector<ColumnKey>& keys) {
  shape = Shape();
  keys.clear();
  if (skeleton.empty() || skeleton.size() > kMaxShapeBytes) return false;
  const SkeletonVisitor visitor{shape, keys, Origin::kLine, skeleton.data()};
  // Inside strings JSON escapes control bytes, so the first raw 0x1e is the separator.
  const size_t separator = skeleton.find(kAttributeSeparator);
  const std::string_view line = skeleton.substr(0, separator);
  shape.is_text = line.size() == 1 && line[0] == static_cast<char>(Kind::kText);
  if (shape.is_text) {
    shape.holes.push_back({.literal_end = 0});
    keys.push_back({.origin = Origin::kLine, .kind = Kind::kText, .path = ""});
  } else if (!ParsePart(line, Origin::kLine, visitor)) {
    return false;
  }
  shape.line_holes = static_cast<uint32_t>(shape.holes.size());
  shape.line_size = static_cast<uint32_t>(line.size());
  if (separator != std::string_view::npos &&
      !ParsePart(skeleton.substr(separator + 1), Origin::kAttribute, visitor)) {
    return false;
  }
  shape.skeleton = skeleton;
  return true;
}

}  // namespace taffrail::record
