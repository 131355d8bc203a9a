#include "ingest/fields_to_labels.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "expr/binding.h"
#include "expr/field_reader.h"

namespace taffrail::ingest {
namespace {

using record::RecordBatch;

constexpr uint32_t kNoValue = UINT32_MAX;

// One field of every row, as indexes into its distinct values.
struct FieldValues {
  std::string label;
  std::vector<std::string> values;
  std::vector<uint32_t> of_row;  // kNoValue: the row has none
  uint64_t refused = 0;          // rows whose value broke a limit
  bool too_many = false;
};

std::string LabelName(std::string_view field) {
  std::string name(field);
  for (char& c : name) {
    const bool allowed =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!allowed) c = '_';
  }
  return name;
}

// How many values came before a row, of the columns that a binding reads: a RowCursor, which counts all
// columns, takes several times as long.
class Counts {
 public:
  Counts(const RecordBatch& batch, const expr::Binding& binding)
      : next_(batch.columns.size()), feeds_(batch.shapes.size()) {
    std::vector<bool> used(batch.columns.size());
    for (const expr::Place& place : binding.by_shape()) {
      if (place.type == expr::Place::Type::kColumn) used[place.column] = true;
    }
    for (size_t s = 0; s < batch.shapes.size(); ++s) {
      for (const record::Hole& hole : batch.shapes[s].holes) {
        if (used[hole.column]) feeds_[s].push_back(hole.column);
      }
    }
  }
  uint32_t operator[](uint32_t column) const { return next_[column]; }
  void Pass(uint32_t shape) {
    for (const uint32_t column : feeds_[shape]) ++next_[column];
  }

 private:
  std::vector<uint32_t> next_;                // by column
  std::vector<std::vector<uint32_t>> feeds_;  // by shape: the columns in it
};

std::string TextOf(const RecordBatch& batch, const expr::Place& place, const Counts& counts) {
  switch (place.type) {
    case expr::Place::Type::kColumn:
      return expr::ToText(expr::ReadColumnValue(batch.columns[place.column], counts[place.column]));
    case expr::Place::Type::kConstant:
      return expr::ToText(expr::ParseJsonValue(place.text));
    case expr::Place::Type::kLabel:
      return std::string(place.text);
    case expr::Place::Type::kNone:
      break;
  }
  return {};
}

FieldValues ReadField(const RecordBatch& batch, const std::string& field, const LabelLimits& limits) {
  FieldValues result{.label = LabelName(field)};
  result.of_row.assign(batch.rows(), kNoValue);
  absl::flat_hash_map<std::string, uint32_t, base::StringHash, std::equal_to<>> ids;
  const auto take = [&](std::string_view text) {
    if (text.empty()) return kNoValue;  // an empty label is the same as none
    if (text.size() > limits.max_value_bytes) {
      ++result.refused;
      return kNoValue;
    }
    if (const auto known = ids.find(text); known != ids.end()) return known->second;
    const auto id = static_cast<uint32_t>(result.values.size());
    ids.emplace(text, id);
    result.values.emplace_back(text);
    return id;
  };
  // By column: the indexes of a coded column's texts, which rows have again and again.
  std::vector<std::vector<uint32_t>> of_codes(batch.columns.size());
  const auto take_coded = [&](const record::Column& column, size_t number, size_t value) {
    std::vector<uint32_t>& known = of_codes[number];
    if (known.empty()) known.assign(column.strings.size(), kNoValue);
    uint32_t& id = known[column.codes[value]];
    if (id == kNoValue) id = take(column.strings[column.codes[value]]);  // refused: again, to be counted
    return id;
  };
  const auto take_string = [&](size_t number, size_t value) {
    const record::Column& column = batch.columns[number];
    return column.coded() ? take_coded(column, number, value) : take(column.strings[value]);
  };
  const expr::Binding binding(batch, {.source = expr::FieldRef::Source::kField, .name = field});
  Counts counts(batch, binding);
  for (size_t row = 0; row < batch.rows(); ++row) {
    const expr::Place& place = binding.At(batch.shape[row], batch.stream_of(row));
    const bool is_string = place.type == expr::Place::Type::kColumn &&
                           batch.columns[place.column].key.kind == record::Kind::kString;
    result.of_row[row] =
        is_string ? take_string(place.column, counts[place.column]) : take(TextOf(batch, place, counts));
    counts.Pass(batch.shape[row]);
    if (result.values.size() > limits.max_values) {
      result.too_many = true;
      return result;
    }
  }
  return result;
}

struct Streams {
  std::vector<uint32_t> of_row;
  std::vector<std::vector<uint32_t>> combinations;  // by stream: a value index for each field
};

// False when there would be more than the limit.
bool Combine(const std::vector<FieldValues>& fields, size_t rows, size_t max_streams, Streams& streams) {
  absl::flat_hash_map<std::vector<uint32_t>, uint32_t> ids;
  streams = {};
  streams.of_row.reserve(rows);
  std::vector<uint32_t> combination(fields.size());
  uint32_t last = 0;
  for (size_t row = 0; row < rows; ++row) {
    bool same = row > 0;
    for (const FieldValues& field : fields) same = same && field.of_row[row] == field.of_row[row - 1];
    if (same) {
      streams.of_row.push_back(last);
      continue;
    }
    for (size_t f = 0; f < fields.size(); ++f) combination[f] = fields[f].of_row[row];
    const auto [entry, added] =
        ids.try_emplace(combination, static_cast<uint32_t>(streams.combinations.size()));
    if (added) streams.combinations.push_back(combination);
    if (streams.combinations.size() > max_streams) return false;
    last = entry->second;
    streams.of_row.push_back(last);
  }
  return true;
}

record::Labels LabelsOf(const std::vector<FieldValues>& fields, const std::vector<uint32_t>& combination) {
  record::Labels labels;
  for (size_t f = 0; f < fields.size(); ++f) {
    if (combination[f] != kNoValue) labels.emplace_back(fields[f].label, fields[f].values[combination[f]]);
  }
  std::sort(labels.begin(), labels.end());
  // Two fields may make one name ("a.b" and "a_b"): the first in order of value stays.
  labels.erase(std::unique(labels.begin(), labels.end(),
                           [](const auto& a, const auto& b) { return a.first == b.first; }),
               labels.end());
  return labels;
}

}  // namespace

uint64_t SetStreamsFromFields(RecordBatch& batch, const std::vector<std::string>& fields,
                              const LabelLimits& limits) {
  uint64_t refused = 0;
  std::vector<FieldValues> read;
  for (const std::string& field : fields) {
    FieldValues values = ReadField(batch, field, limits);
    if (values.too_many) {
      refused += batch.rows();
      continue;
    }
    refused += values.refused;
    read.push_back(std::move(values));
  }
  Streams streams;
  while (!Combine(read, batch.rows(), limits.max_streams, streams)) {
    // The field with most values is the least fit to be a label.
    const auto worst = std::max_element(
        read.begin(), read.end(),
        [](const FieldValues& a, const FieldValues& b) { return a.values.size() < b.values.size(); });
    refused += batch.rows();
    read.erase(worst);
  }
  batch.streams.clear();
  for (const auto& combination : streams.combinations) batch.streams.push_back({LabelsOf(read, combination)});
  batch.stream = std::move(streams.of_row);
  if (batch.streams.size() <= 1) batch.stream.clear();
  return refused;
}

}  // namespace taffrail::ingest
