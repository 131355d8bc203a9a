#include "query/exec/key_column.h"

#include <functional>
#include <utility>

#include "query/exec/sort_buffer.h"

namespace taffrail::query::exec {
namespace {

using expr::FieldValues;
using expr::Value;
using record::Kind;

constexpr uint32_t kUnknown = UINT32_MAX;
constexpr size_t kTableBytes = 48;  // of an entry of a hash table

}  // namespace

int64_t BucketStart(int64_t time_ns, int64_t bucket_ns) {
  const int64_t rest = time_ns % bucket_ns;
  return time_ns - (rest < 0 ? rest + bucket_ns : rest);
}

uint32_t ValueNumbers::Add(Value value) {
  memory_bytes_ += kTableBytes + sizeof(Value) + 2 * HeapBytes(value);
  values_.push_back(std::move(value));
  return static_cast<uint32_t>(values_.size() - 1);
}

uint32_t ValueNumbers::OfText(std::string_view text) {
  const auto found = texts_.find(text);
  if (found != texts_.end()) return found->second;
  return texts_.emplace(std::string(text), Add(std::string(text))).first->second;
}

uint32_t ValueNumbers::OfInteger(int64_t integer) {
  const auto found = integers_.find(integer);
  if (found != integers_.end()) return found->second;
  return integers_.emplace(integer, Add(integer)).first->second;
}

uint32_t ValueNumbers::Of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return OfText(*text);
  if (const auto* integer = std::get_if<int64_t>(&value)) return OfInteger(*integer);
  std::string key;
  expr::AppendKey(value, key);
  const auto found = others_.find(std::string_view(key));
  if (found != others_.end()) return found->second;
  return others_.emplace(std::move(key), Add(value)).first->second;
}

uint32_t KeyColumn::NumberOf(const FieldValues& values, const FieldValues::Source& source, uint32_t index) {
  if (source.column == nullptr || values.is_level()) return known_.Of(values.Read(source, index));
  switch (source.column->key.kind) {
    case Kind::kString:
      return known_.OfText(source.column->text(index));
    case Kind::kInteger:
      return known_.OfInteger(source.column->integers[index]);
    default:
      return known_.Of(values.Read(source, index));
  }
}

// REQUIRES: the values have one source, a coded column.
void KeyColumn::NumberCoded(const FieldValues& values, std::vector<uint32_t>& numbers) {
  const FieldValues::Source& source = values.sources()[0];
  std::vector<uint32_t> of_texts(source.column->strings.size(), kUnknown);
  for (size_t i = 0; i < values.size(); ++i) {
    const uint32_t index = values.index(i);
    uint32_t& number = of_texts[source.column->codes[index]];
    if (number == kUnknown) number = NumberOf(values, source, index);
    numbers[i] = number;
  }
}

void KeyColumn::Number(const FieldValues& values, std::vector<uint32_t>& numbers) {
  numbers.resize(values.size());
  if (values.one_source() && values.sources()[0].column != nullptr && values.sources()[0].column->coded()) {
    return NumberCoded(values, numbers);
  }
  // What is known of each source: the number of a constant, the numbers of a coded column's texts.
  std::vector<std::vector<uint32_t>> known(values.sources().size());
  for (size_t s = 0; s < known.size(); ++s) {
    const record::Column* column = values.sources()[s].column;
    const size_t texts = column == nullptr ? 1 : column->coded() ? column->strings.size() : 0;
    known[s].resize(texts, kUnknown);
  }
  for (size_t i = 0; i < values.size(); ++i) {
    const uint32_t s = values.source(i);
    const FieldValues::Source& source = values.sources()[s];
    const uint32_t index = values.index(i);
    if (known[s].empty()) {
      numbers[i] = NumberOf(values, source, index);
      continue;
    }
    uint32_t& number = known[s][source.column == nullptr ? 0 : source.column->codes[index]];
    if (number == kUnknown) number = NumberOf(values, source, index);
    numbers[i] = number;
  }
}

void KeyColumn::NumberBuckets(const std::vector<int64_t>& timestamp_ns, const expr::Selection& rows,
                              int64_t bucket_ns, std::vector<uint32_t>& numbers) {
  numbers.resize(rows.size());
  // Neighbours mostly lie in one interval.
  int64_t start = 0;
  uint32_t number = kUnknown;
  for (size_t i = 0; i < rows.size(); ++i) {
    const int64_t time = timestamp_ns[rows[i]];
    if (number == kUnknown || time < start ||
        static_cast<uint64_t>(time) - static_cast<uint64_t>(start) >= static_cast<uint64_t>(bucket_ns)) {
      start = BucketStart(time, bucket_ns);
      number = known_.OfInteger(start);
    }
    numbers[i] = number;
  }
}

}  // namespace taffrail::query::exec
