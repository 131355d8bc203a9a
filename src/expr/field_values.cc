#include "expr/field_values.h"

#include <algorithm>
#include <utility>

#include "expr/binding.h"
#include "expr/scatter.h"

namespace taffrail::expr {
namespace {

using record::RecordBatch;

// Gives each place of a binding the number of its source; equal places share one.
class Sources {
 public:
  Sources(const RecordBatch& batch, std::vector<FieldValues::Source>& sources)
      : batch_(batch), sources_(sources) {}

  std::vector<uint32_t> Of(const std::vector<Place>& places) {
    std::vector<uint32_t> numbers;
    numbers.reserve(places.size());
    for (const Place& place : places) numbers.push_back(Of(place));
    return numbers;
  }
  const std::vector<uint32_t>& columns() const { return columns_; }
  // Which of columns() the source is, or -1.
  const std::vector<int32_t>& steps() const { return steps_; }

 private:
  uint32_t Of(const Place& place) {
    if (place.type == Place::Type::kColumn) {
      const auto known = std::find(columns_.begin(), columns_.end(), place.column);
      if (known != columns_.end()) return numbers_[static_cast<size_t>(known - columns_.begin())];
      columns_.push_back(place.column);
      numbers_.push_back(
          Add({&batch_.columns[place.column], Missing{}}, static_cast<int32_t>(columns_.size() - 1)));
      return numbers_.back();
    }
    Value value = Missing{};
    if (place.type == Place::Type::kConstant) value = ParseJsonValue(place.text);
    if (place.type == Place::Type::kLabel) value = std::string(place.text);
    for (uint32_t i = 0; i < sources_.size(); ++i) {
      if (sources_[i].column == nullptr && sources_[i].constant == value) return i;
    }
    return Add({nullptr, std::move(value)}, -1);
  }

  uint32_t Add(FieldValues::Source source, int32_t step) {
    sources_.push_back(std::move(source));
    steps_.push_back(step);
    return static_cast<uint32_t>(sources_.size() - 1);
  }

  const RecordBatch& batch_;
  std::vector<FieldValues::Source>& sources_;
  std::vector<uint32_t> columns_;
  std::vector<uint32_t> numbers_;  // of the columns' sources
  std::vector<int32_t> steps_;     // by source
};

}  // namespace

bool FieldValues::Suits(const FieldRef& field) {
  return field.source != FieldRef::Source::kLine && field.source != FieldRef::Source::kAny &&
         field.source != FieldRef::Source::kTimestamp && field.source != FieldRef::Source::kSequence;
}

FieldValues::FieldValues(const RecordBatch& batch, const FieldRef& field, const Selection& rows)
    : size_(rows.size()), is_level_(field.source == FieldRef::Source::kLevel) {
  Locate(batch, field, rows);
}

void FieldValues::Locate(const RecordBatch& batch, const FieldRef& field, const Selection& rows) {
  const Binding binding(batch, field);
  Sources sources(batch, sources_);
  const std::vector<uint32_t> by_shape = sources.Of(binding.by_shape());
  std::vector<uint32_t> by_stream;
  std::vector<uint32_t> extracted;
  if (!binding.shape_only()) {
    by_stream = sources.Of(binding.by_stream());
    extracted = sources.Of(binding.extracted());
  }
  const std::vector<uint32_t>& columns = sources.columns();
  if (columns.empty() && sources_.size() == 1) return;  // one constant
  if (sources_.size() == 1 && batch.columns[columns[0]].size() == batch.rows()) {
    index_ = rows.data();  // every row has a value there
    return;
  }
  const auto source_of = [&](uint32_t row) {
    const uint32_t shape = batch.shape[row];
    if (binding.shape_only()) return by_shape[shape];
    const uint32_t stream = batch.stream_of(row);
    const Place& place = binding.At(shape, stream);
    if (&place == &binding.by_stream()[stream]) return by_stream[stream];
    return &place == &binding.by_shape()[shape] ? by_shape[shape] : extracted[shape];
  };
  if (columns.size() == 1 && binding.shape_only())
    return LocateInOne(batch, columns[0], sources.steps(), by_shape, rows);
  const ColumnSteps steps(batch, columns);
  std::vector<uint32_t> position(columns.size(), 0);
  source_.resize(size_);
  index_memory_.resize(size_);
  index_ = index_memory_.data();
  uint32_t row = 0;
  for (size_t i = 0; i < size_; ++i) {
    for (; row < rows[i]; ++row) {
      const uint32_t shape = batch.shape[row];
      for (const uint32_t* step = steps.begin(shape); step != steps.end(shape); ++step) ++position[*step];
    }
    const uint32_t source = source_of(row);
    const int32_t step = sources.steps()[source];
    source_[i] = source;
    index_memory_[i] = step < 0 ? 0 : position[static_cast<size_t>(step)];
  }
}

// One column, which not all rows have.
void FieldValues::LocateInOne(const RecordBatch& batch, uint32_t column, const std::vector<int32_t>& steps,
                              const std::vector<uint32_t>& by_shape, const Selection& rows) {
  const ColumnShapes shapes(batch, column);
  index_memory_.resize(size_);
  index_ = index_memory_.data();
  constexpr size_t kDense = 16;  // from one row in so many on, all rows are counted without a branch
  if (size_ > batch.rows() / kDense) {
    const std::vector<uint32_t> before = shapes.CountBeforeEach();
    for (size_t i = 0; i < size_; ++i) index_memory_[i] = before[rows[i]];
  } else {
    uint32_t position = 0;
    size_t row = 0;
    for (size_t i = 0; i < size_; ++i) {
      position += shapes.Count(row, rows[i]);
      row = rows[i];
      index_memory_[i] = position;
    }
  }
  std::vector<uint8_t> has(by_shape.size());
  for (size_t shape = 0; shape < has.size(); ++shape) has[shape] = steps[by_shape[shape]] >= 0 ? 1 : 0;
  const bool all = std::all_of(rows.begin(), rows.end(), [&](uint32_t row) { return has[batch.shape[row]]; });
  if (all) {
    const Source of_all{&batch.columns[column], Missing{}};
    sources_.assign(1, of_all);
    return;
  }
  source_.resize(size_);
  for (size_t i = 0; i < size_; ++i) source_[i] = by_shape[batch.shape[rows[i]]];
}

Value FieldValues::Read(const Source& source, uint32_t index) const {
  Value value = source.column == nullptr ? source.constant : ReadColumnValue(*source.column, index);
  if (!is_level_ || std::holds_alternative<Missing>(value)) return value;
  return NormalLevel(ToText(value));
}

}  // namespace taffrail::expr
