#include "expr/binding.h"

#include <algorithm>

#include "record/well_known.h"

namespace taffrail::expr {
namespace {

using record::ColumnKey;
using record::Kind;
using record::Origin;
using record::RecordBatch;
using record::Shape;

Place ColumnPlace(uint32_t column) { return {.type = Place::Type::kColumn, .column = column, .text = {}}; }
Place LabelPlace(std::string_view value) { return {.type = Place::Type::kLabel, .column = 0, .text = value}; }

bool IsNameByte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
// A character of several bytes is one '_': its first.
bool ContinuesCharacter(std::string_view path, size_t i) {
  const auto byte = [path](size_t at) { return static_cast<unsigned char>(path[at]); };
  return (byte(i) & 0xc0) == 0x80 && i > 0 && byte(i - 1) >= 0x80;
}

// Whether LogqlName(path) == name, without building it.
bool HasLogqlName(std::string_view path, std::string_view name) {
  if (!path.empty() && path[0] >= '0' && path[0] <= '9') {
    if (name.empty() || name[0] != '_') return false;
    name.remove_prefix(1);
  }
  size_t at = 0;
  for (size_t i = 0; i < path.size(); ++i) {
    if (ContinuesCharacter(path, i)) continue;
    if (at == name.size() || (IsNameByte(path[i]) ? path[i] : '_') != name[at++]) return false;
  }
  return at == name.size();
}

// The place of `path` in the part of the shape that `origin` names.
Place FindPath(const RecordBatch& batch, const Shape& shape, Origin origin, std::string_view path) {
  for (const record::Hole& hole : shape.holes) {
    const ColumnKey& key = batch.columns[hole.column].key;
    if (key.origin == origin && key.path == path) return ColumnPlace(hole.column);
  }
  for (const record::Constant& constant : shape.constants) {
    if (constant.origin == origin && constant.path == path) {
      return {.type = Place::Type::kConstant, .column = 0, .text = constant.json};
    }
  }
  return {};
}

// The line's field that `| json` would name so: the last one wins there. It skips arrays and null.
Place FindLogqlName(const RecordBatch& batch, const Shape& shape, std::string_view name) {
  Place place;
  for (uint32_t i = 0; i < shape.line_holes; ++i) {
    const ColumnKey& key = batch.columns[shape.holes[i].column].key;
    if (key.kind != Kind::kJson && key.kind != Kind::kText && HasLogqlName(key.path, name)) {
      place = ColumnPlace(shape.holes[i].column);
    }
  }
  if (place.type != Place::Type::kNone) return place;
  for (const record::Constant& constant : shape.constants) {
    const char first = constant.json[0];
    if (constant.origin == Origin::kLine && first != 'n' && first != '{' && first != '[' &&
        HasLogqlName(constant.path, name)) {
      place = {.type = Place::Type::kConstant, .column = 0, .text = constant.json};
    }
  }
  return place;
}

const std::string* FindLabel(const record::Stream& stream, std::string_view name) {
  for (const auto& [key, value] : stream.labels) {
    if (key == name) return &value;
  }
  return nullptr;
}

record::Role RoleOf(FieldRef::Source source) {
  return source == FieldRef::Source::kLevel ? record::Role::kLevel : record::Role::kMessage;
}

}  // namespace

std::string LogqlName(std::string_view path) {
  std::string name;
  if (!path.empty() && path[0] >= '0' && path[0] <= '9') name += '_';
  for (size_t i = 0; i < path.size(); ++i) {
    if (!ContinuesCharacter(path, i)) name += IsNameByte(path[i]) ? path[i] : '_';
  }
  return name;
}

Binding::Binding(const RecordBatch& batch, const FieldRef& field)
    : by_shape_(batch.shapes.size()), by_stream_(std::max<size_t>(1, batch.streams.size())) {
  switch (field.source) {
    case FieldRef::Source::kLogql:
      BindLogql(batch, field.name);
      break;
    case FieldRef::Source::kLevel:
    case FieldRef::Source::kMessage:
      BindRole(batch, field.source);
      break;
    default:
      BindField(batch, field);
  }
  if (!stream_collides_.empty()) shape_only_ = false;
}

void Binding::BindLabel(const RecordBatch& batch, std::string_view name) {
  for (size_t i = 0; i < batch.streams.size(); ++i) {
    if (by_stream_[i].type != Place::Type::kNone) continue;
    if (const std::string* value = FindLabel(batch.streams[i], name)) {
      by_stream_[i] = LabelPlace(*value);
      shape_only_ = false;
    }
  }
}

void Binding::BindField(const RecordBatch& batch, const FieldRef& field) {
  const bool in_line = field.source == FieldRef::Source::kField || field.source == FieldRef::Source::kPath;
  const bool in_attributes =
      field.source == FieldRef::Source::kField || field.source == FieldRef::Source::kLabel;
  labels_first_ = field.source == FieldRef::Source::kLabel;
  for (size_t i = 0; i < batch.shapes.size(); ++i) {
    const Shape& shape = batch.shapes[i];
    if (in_line) by_shape_[i] = FindPath(batch, shape, Origin::kLine, field.name);
    if (in_attributes && by_shape_[i].type == Place::Type::kNone) {
      by_shape_[i] = FindPath(batch, shape, Origin::kAttribute, field.name);
    }
  }
  if (field.source != FieldRef::Source::kPath) BindLabel(batch, field.name);
}

void Binding::BindLogql(const RecordBatch& batch, const std::string& name) {
  labels_first_ = true;
  const bool extracted = name.size() > kExtractedSuffix.size() && name.ends_with(kExtractedSuffix);
  const std::string_view base =
      std::string_view(name).substr(0, name.size() - (extracted ? kExtractedSuffix.size() : 0));
  if (extracted) extracted_.resize(batch.shapes.size());
  for (size_t i = 0; i < batch.shapes.size(); ++i) {
    const Shape& shape = batch.shapes[i];
    by_shape_[i] = FindPath(batch, shape, Origin::kAttribute, name);
    if (by_shape_[i].type != Place::Type::kNone) continue;
    if (shape.is_text) {
      if (name == kErrorLabel) by_shape_[i] = LabelPlace(kJsonParserError);
      continue;
    }
    by_shape_[i] = FindLogqlName(batch, shape, name);
    if (!extracted) continue;
    extracted_[i] = FindLogqlName(batch, shape, base);
    const bool collides = FindPath(batch, shape, Origin::kAttribute, base).type != Place::Type::kNone;
    if (collides && by_shape_[i].type == Place::Type::kNone) by_shape_[i] = extracted_[i];
  }
  if (extracted) {
    stream_collides_.resize(by_stream_.size());
    for (size_t i = 0; i < batch.streams.size(); ++i) {
      stream_collides_[i] = FindLabel(batch.streams[i], base) != nullptr;
    }
  }
  BindLabel(batch, name);
}

void Binding::BindRole(const RecordBatch& batch, FieldRef::Source source) {
  const std::vector<int> holes = record::HolesOf(batch, RoleOf(source));
  for (size_t i = 0; i < holes.size(); ++i) {
    if (holes[i] >= 0)
      by_shape_[i] = ColumnPlace(batch.shapes[i].holes[static_cast<size_t>(holes[i])].column);
  }
  if (source == FieldRef::Source::kMessage) {
    for (size_t i = 0; i < batch.shapes.size(); ++i) {
      if (batch.shapes[i].is_text) by_shape_[i] = ColumnPlace(batch.shapes[i].holes[0].column);
    }
    return;
  }
  // Senders by Loki's protocol often know the level only as a label.
  for (const std::string_view path : record::PathsOf(record::Role::kLevel)) BindLabel(batch, path);
  BindLabel(batch, "detected_level");
}

bool Binding::NeedsColumn(const FieldRef& field, const ColumnKey& key) {
  const bool in_line = key.origin == Origin::kLine;
  switch (field.source) {
    case FieldRef::Source::kField:
      return key.path == field.name;
    case FieldRef::Source::kPath:
      return in_line && key.path == field.name;
    case FieldRef::Source::kStream:
      return false;
    case FieldRef::Source::kLabel:
      return !in_line && key.path == field.name;
    case FieldRef::Source::kLogql: {
      if (!in_line) return key.path == field.name;
      std::string_view name = field.name;
      if (HasLogqlName(key.path, name)) return true;
      if (!name.ends_with(kExtractedSuffix)) return false;
      name.remove_suffix(kExtractedSuffix.size());
      return HasLogqlName(key.path, name);
    }
    case FieldRef::Source::kLevel:
    case FieldRef::Source::kMessage: {
      if (key.kind == Kind::kText) return field.source == FieldRef::Source::kMessage;
      const auto paths = record::PathsOf(RoleOf(field.source));
      return std::find(paths.begin(), paths.end(), key.path) != paths.end();
    }
    case FieldRef::Source::kLine:
      return in_line;
    case FieldRef::Source::kAny:
      return true;
    case FieldRef::Source::kTimestamp:
    case FieldRef::Source::kSequence:
      return false;
  }
  return true;
}

}  // namespace taffrail::expr
