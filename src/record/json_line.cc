#include "record/json_line.h"

#include <simdjson.h>

#include "record/batch_builder.h"
#include "record/json_walk.h"

namespace taffrail::record {
namespace {

struct Ignore {
  bool OnHole(std::string_view, const char*, const char*, const ScannedValue&) { return true; }
  void OnConstant(std::string_view, std::string_view) {}
};

}  // namespace

bool IsUtf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

bool IsJsonLine(std::string_view line) {
  Ignore ignore;
  return IsUtf8(line) && JsonWalk<Ignore>(ignore, /*skeleton=*/false).Run(line);
}

bool RepeatsPath(const Shape& shape) {
  if (shape.is_text) return false;
  Ignore ignore;
  JsonWalk<Ignore> walk(ignore, /*skeleton=*/true);
  return !walk.Run(std::string_view(shape.skeleton).substr(0, shape.line_size)) || walk.repeats();
}

}  // namespace taffrail::record
