// Records → entries: the line, the stream's labels, the attributes, and what later stages read of the record.
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "query/exec/cells.h"
#include "query/exec/entry_operator.h"
#include "query/parse/json.h"

namespace taffrail::query::exec {
namespace {

class AttributeSink final : public parse::FieldSink {
 public:
  explicit AttributeSink(Entry& entry) : entry_(entry) {}
  void Add(std::string_view name, std::string_view value, parse::FieldType) override {
    if (!entry_.Has(name)) entry_.Set(name, std::string(value), EntryField::Origin::kAttribute);
  }

 private:
  Entry& entry_;
};

class EntrySource final : public RecordOperator {
 public:
  EntrySource(std::shared_ptr<const EntrySchema> schema, bool lines, Context context, EntryOperatorPtr next)
      : schema_(std::move(schema)), lines_(lines), context_(context), next_(std::move(next)) {}

  absl::StatusOr<Flow> Push(const Records& records) override {
    const Stopwatch stopwatch(context_.stats);
    of_batch_ = nullptr;  // another batch may stand where the last one stood
    context_.stats.rows_in += records.rows.size();
    if (records.backwards) return PushBackwards(records);
    RecordCells cells(records.batch, schema_->fields());
    record::RowCursor cursor(records.batch);
    for (const uint32_t row : records.rows) {
      ++context_.stats.rows_out;
      TAFFRAIL_ASSIGN_OR_RETURN(const Flow flow, next_->Push(Read(records.batch, row, cells, cursor)));
      if (flow == Flow::kEnough) return flow;
    }
    return Flow::kMore;
  }
  absl::Status Finish() override {
    const Stopwatch stopwatch(context_.stats);
    return next_->Finish();
  }

 private:
  // Values can only be found walking forward: make a stretch of entries, hand it over from its end.
  absl::StatusOr<Flow> PushBackwards(const Records& records) {
    constexpr size_t kStretchRows = 1024;
    std::vector<Entry> stretch;
    for (size_t end = records.rows.size(); end > 0;) {
      const size_t begin = end > kStretchRows ? end - kStretchRows : 0;
      RecordCells cells(records.batch, schema_->fields());
      record::RowCursor cursor(records.batch);
      stretch.clear();
      for (size_t i = begin; i < end; ++i)
        stretch.push_back(Read(records.batch, records.rows[i], cells, cursor));
      for (; end > begin; --end) {
        ++context_.stats.rows_out;
        TAFFRAIL_ASSIGN_OR_RETURN(const Flow flow, next_->Push(std::move(stretch[end - 1 - begin])));
        if (flow == Flow::kEnough) return flow;
      }
    }
    return Flow::kMore;
  }

  Entry Read(const record::RecordBatch& batch, uint32_t row, RecordCells& cells, record::RowCursor& cursor) {
    Entry entry;
    entry.timestamp_ns = batch.timestamp_ns[row];
    entry.sequence = batch.sequence.empty() ? 0 : batch.sequence[row];
    entry.stream = Keep(batch, batch.stream_of(row));
    entry.fields.reserve(entry.stream->size() + 8);
    for (const auto& [name, value] : *entry.stream) {
      entry.fields.push_back({name, value, EntryField::Origin::kStream});
    }
    cursor.MoveTo(row);
    attributes_.clear();
    cursor.AppendAttributes(attributes_);
    if (!attributes_.empty()) {
      AttributeSink sink(entry);
      parse::ParseJson(attributes_, sink);
    }
    if (lines_) cursor.AppendLine(entry.line);
    if (!schema_->fields().empty()) {
      cells.MoveTo(row);
      entry.record.reserve(schema_->fields().size());
      for (size_t i = 0; i < schema_->fields().size(); ++i) entry.record.push_back(cells.Read(i));
    }
    return entry;
  }

  // Entries may be held beyond their batch: their streams' labels are kept here, each once.
  const record::Labels* Keep(const record::RecordBatch& batch, uint32_t stream) {
    if (by_number_.size() != batch.streams.size() || of_batch_ != &batch) {
      by_number_.assign(batch.streams.size(), nullptr);
      of_batch_ = &batch;
    }
    const record::Labels*& known = by_number_[stream];
    if (known != nullptr) return known;
    const record::Labels& labels = batch.streams[stream].labels;
    std::string key;
    for (const auto& [name, value] : labels) key.append(name).append(1, '\0').append(value).append(1, '\0');
    auto& kept = streams_[key];
    if (kept == nullptr) kept = std::make_unique<record::Labels>(labels);
    return known = kept.get();
  }

  const std::shared_ptr<const EntrySchema> schema_;
  const bool lines_;
  Context context_;
  EntryOperatorPtr next_;
  std::string attributes_;
  absl::flat_hash_map<std::string, std::unique_ptr<record::Labels>> streams_;
  std::vector<const record::Labels*> by_number_;  // of the batch being read
  const record::RecordBatch* of_batch_ = nullptr;
};

}  // namespace

RecordOperatorPtr MakeEntrySource(std::shared_ptr<const EntrySchema> schema, bool lines, Context context,
                                  EntryOperatorPtr next) {
  return std::make_unique<EntrySource>(std::move(schema), lines, context, std::move(next));
}

}  // namespace taffrail::query::exec
