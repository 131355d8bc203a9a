#include "server/field_catalog.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "record/json_writer.h"

namespace taffrail::server {

using record::Kind;
using record::Origin;

namespace {

std::string_view NameOf(Origin origin) { return origin == Origin::kLine ? "line" : "attribute"; }

}  // namespace

FieldCatalog::Type FieldCatalog::TypeOf(Kind kind) {
  switch (kind) {
    case Kind::kInteger:
    case Kind::kDecimal:
    case Kind::kNumber:
      return kNumber;
    case Kind::kBool:
      return kBool;
    case Kind::kJson:
      return kJson;
    default:
      return kString;
  }
}

void FieldCatalog::Count(Fields& fields, std::string_view path, uint8_t type, std::string_view origin,
                         uint64_t lines) {
  if (path.empty()) return;  // a line that is text
  auto found = fields.find(path);
  if (found == fields.end()) {
    if (fields.size() >= kMaxFields) {
      truncated_ = true;
      return;
    }
    found = fields.emplace(path, Field{.origin = origin}).first;
  }
  found->second.lines += lines;
  found->second.types |= type;
}

void FieldCatalog::Add(const record::RecordBatch& batch, const expr::Selection& rows) {
  std::vector<uint64_t> by_shape(batch.shapes.size());
  std::vector<uint64_t> by_stream(batch.streams.size());
  for (const uint32_t row : rows) {
    ++by_shape[batch.shape[row]];
    ++by_stream[batch.stream_of(row)];
  }
  lines_ += rows.size();
  Add(batch, by_shape, by_stream);
}

// Each column once, whose shapes are a dozen each: a hint about a field that no line has asks every block.
void FieldCatalog::AddShapes(const record::RecordBatch& batch) {
  for (const record::Column& column : batch.columns) Add(column.key, 1);
  for (const record::Shape& shape : batch.shapes) AddConstants(shape, 1);
  for (const record::Stream& stream : batch.streams) AddLabels(stream, 1);
}

// The vectors: how many lines have the shape, the stream.
void FieldCatalog::Add(const record::RecordBatch& batch, const std::vector<uint64_t>& by_shape,
                       const std::vector<uint64_t>& by_stream) {
  for (size_t shape = 0; shape < by_shape.size(); ++shape) {
    if (by_shape[shape] == 0) continue;
    for (const record::Hole& hole : batch.shapes[shape].holes)
      Add(batch.columns[hole.column].key, by_shape[shape]);
    AddConstants(batch.shapes[shape], by_shape[shape]);
  }
  for (size_t stream = 0; stream < by_stream.size(); ++stream) {
    if (by_stream[stream] > 0) AddLabels(batch.streams[stream], by_stream[stream]);
  }
}

void FieldCatalog::Add(const record::ColumnKey& key, uint64_t lines) {
  Count(fields_, key.path, TypeOf(key.kind), NameOf(key.origin), lines);
}

void FieldCatalog::AddConstants(const record::Shape& shape, uint64_t lines) {
  for (const record::Constant& constant : shape.constants) {
    const Type type = constant.json == "null" ? kNull : kJson;
    Count(fields_, constant.path, type, NameOf(constant.origin), lines);
  }
}

void FieldCatalog::AddLabels(const record::Stream& stream, uint64_t lines) {
  for (const auto& [name, value] : stream.labels) Count(labels_, name, kString, "label", lines);
}

std::vector<FieldCatalog::Listed> FieldCatalog::List() const {
  std::vector<Listed> listed;
  const auto add = [&listed](std::string_view name, uint8_t types) {
    listed.push_back(
        {std::string(name), (types & kString) != 0, (types & kNumber) != 0, (types & kBool) != 0});
  };
  for (const auto& [name, field] : fields_) {
    if (field.types != kNull) add(name, field.types);
  }
  for (const auto& [name, label] : labels_) {
    if (!fields_.contains(name)) add(name, label.types);
  }
  return listed;
}

std::vector<std::string> FieldCatalog::Names() const {
  std::vector<std::string> names;
  names.reserve(fields_.size() + labels_.size());
  for (const auto& [name, field] : fields_) names.push_back(name);
  for (const auto& [name, label] : labels_) names.push_back(name);
  return names;
}

std::vector<std::string> FieldCatalog::LabelNames() const {
  std::vector<std::string> names;
  for (const auto& [name, label] : labels_) names.push_back(name);
  for (const auto& [name, field] : fields_) {
    if (field.origin == "attribute") names.push_back(name);
  }
  return names;
}

std::string FieldCatalog::ToJson(size_t limit) const {
  std::vector<std::pair<std::string_view, const Field*>> fields;
  for (const auto& [name, field] : fields_) fields.emplace_back(name, &field);
  for (const auto& [name, label] : labels_) {
    if (!fields_.contains(name)) fields.emplace_back(name, &label);
  }
  std::sort(fields.begin(), fields.end(), [](const auto& a, const auto& b) {
    return std::pair(b.second->lines, a.first) < std::pair(a.second->lines, b.first);
  });
  const bool cut = truncated_ || fields.size() > limit;
  fields.resize(std::min(fields.size(), limit));
  std::string out = fmt::format("{{\"lines\":{},\"fields\":[", lines_);
  constexpr std::pair<Type, std::string_view> kNames[] = {
      {kString, "string"}, {kNumber, "number"}, {kBool, "boolean"}, {kNull, "null"}, {kJson, "json"}};
  for (const auto& [name, field] : fields) {
    if (out.back() != '[') out += ",\n";
    out += "{\"name\":";
    record::AppendJsonString(name, out);
    out += ",\"types\":[";
    for (const auto& [type, type_name] : kNames) {
      if ((field->types & type) == 0) continue;
      if (out.back() != '[') out += ',';
      fmt::format_to(std::back_inserter(out), "\"{}\"", type_name);
    }
    fmt::format_to(std::back_inserter(out), "],\"origin\":\"{}\",\"lines\":{}}}", field->origin,
                   field->lines);
  }
  return out + fmt::format("],\"truncated\":{}}}\n", cut);
}

}  // namespace taffrail::server
