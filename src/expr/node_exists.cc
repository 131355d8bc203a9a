// kExists and kUncertain: answered by shapes and streams alone, without reading a value.
#include <algorithm>
#include <vector>

#include "expr/binding.h"
#include "expr/node.h"
#include "expr/scatter.h"
#include "record/json_line.h"

namespace taffrail::expr {
namespace {

using record::RecordBatch;

bool IsBelow(std::string_view path, std::string_view parent) {
  return path.size() > parent.size() && path[parent.size()] == '.' && path.starts_with(parent);
}

// Whether the line has an object at `path`: some field of it has a longer path.
bool HasObject(const RecordBatch& batch, const record::Shape& shape, std::string_view path) {
  for (uint32_t i = 0; i < shape.line_holes; ++i) {
    if (IsBelow(batch.columns[shape.holes[i].column].key.path, path)) return true;
  }
  for (const record::Constant& constant : shape.constants) {
    if (constant.origin == record::Origin::kLine && IsBelow(constant.path, path)) return true;
  }
  return false;
}

class ExistsNode final : public Node {
 public:
  explicit ExistsNode(const Expr& expr) : field_(expr.field), non_null_(expr.non_null) {}

  void Evaluate(const RecordBatch& batch, const Bits&, Bits& result) const override {
    switch (field_.source) {
      case FieldRef::Source::kLine:
      case FieldRef::Source::kAny:
      case FieldRef::Source::kTimestamp:
      case FieldRef::Source::kSequence:
        result.Reset(batch.rows(), true);
        return;
      default:
        break;
    }
    const Binding binding(batch, field_);
    std::vector<bool> objects(batch.shapes.size(), false);
    if (field_.source == FieldRef::Source::kField) {
      for (size_t i = 0; i < objects.size(); ++i) objects[i] = HasObject(batch, batch.shapes[i], field_.name);
    }
    if (binding.shape_only()) {
      for (size_t i = 0; i < objects.size(); ++i) {
        objects[i] = objects[i] || IsThere(binding.by_shape()[i]);
      }
      return FillByShape(batch, objects, result);
    }
    result.Reset(batch.rows());
    for (size_t row = 0; row < batch.rows(); ++row) {
      const uint32_t shape = batch.shape[row];
      if (objects[shape] || IsThere(binding.At(shape, batch.stream_of(row)))) result.Set(row);
    }
  }

  int cost() const override { return kShapeCost; }
  bool NeedsColumn(const record::ColumnKey&) const override { return false; }

 private:
  bool IsThere(const Place& place) const {
    const bool is_null = place.type == Place::Type::kConstant && place.text == "null";
    return place.type != Place::Type::kNone && !(non_null_ && is_null);
  }

  FieldRef field_;
  const bool non_null_;
};

// Whether a value at `path` is no text.
bool HasNoText(const RecordBatch& batch, const record::Shape& shape, std::string_view path) {
  for (uint32_t i = 0; i < shape.line_holes; ++i) {
    const record::ColumnKey& key = batch.columns[shape.holes[i].column].key;
    const bool text = key.kind == record::Kind::kString || key.kind == record::Kind::kEscaped;
    if (key.path == path && !text) return true;
  }
  return std::any_of(shape.constants.begin(), shape.constants.end(), [path](const auto& constant) {
    return constant.origin == record::Origin::kLine && constant.path == path && constant.json[0] != '"';
  });
}

class UncertainNode final : public Node {
 public:
  explicit UncertainNode(const Expr& expr) : path_(expr.field.name), no_text_(expr.no_text) {}

  void Evaluate(const RecordBatch& batch, const Bits&, Bits& result) const override {
    std::vector<bool> uncertain(batch.shapes.size(), false);
    for (size_t i = 0; i < uncertain.size(); ++i) {
      const record::Shape& shape = batch.shapes[i];
      uncertain[i] = HasObject(batch, shape, path_) || record::RepeatsPath(shape) ||
                     (no_text_ && HasNoText(batch, shape, path_));
    }
    FillByShape(batch, uncertain, result);
  }

  int cost() const override { return kShapeCost; }
  bool NeedsColumn(const record::ColumnKey&) const override { return false; }

 private:
  const std::string path_;
  const bool no_text_;
};

}  // namespace

std::unique_ptr<Node> MakeUncertainNode(const Expr& expr) { return std::make_unique<UncertainNode>(expr); }

std::unique_ptr<Node> MakeExistsNode(const Expr& expr) { return std::make_unique<ExistsNode>(expr); }

}  // namespace taffrail::expr
