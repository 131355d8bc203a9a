// The end of the line for entries: hands them to the sink.
#include "query/exec/entry_operator.h"
#include "record/json_writer.h"

namespace taffrail::query::exec {
namespace {

class EntryOutput final : public EntryOperator {
 public:
  EntryOutput(ResultSink& sink, Context context) : sink_(sink), context_(context) {}

  absl::StatusOr<Flow> Push(Entry entry) override {
    ++context_.stats.rows_in;
    ++context_.stats.rows_out;
    attributes_.clear();
    for (const EntryField& field : entry.fields) {
      if (field.origin == EntryField::Origin::kStream) continue;
      AppendName(field.name);
      expr::AppendJson(field.value, attributes_);
    }
    AppendError(kErrorField, entry.error);
    AppendError(kErrorDetailsField, entry.error_details);
    if (!attributes_.empty()) attributes_ += '}';
    const LogRow row{.timestamp_ns = entry.timestamp_ns,
                     .sequence = entry.sequence,
                     .labels = entry.stream,
                     .line = entry.line,
                     .attributes = attributes_,
                     .entry = &entry};
    return sink_.OnRecord(row) ? Flow::kMore : Flow::kEnough;
  }
  absl::Status Finish() override { return absl::OkStatus(); }

 private:
  void AppendName(std::string_view name) {
    attributes_ += attributes_.empty() ? '{' : ',';
    record::AppendJsonString(name, attributes_);
    attributes_ += ':';
  }
  void AppendError(std::string_view name, std::string_view text) {
    if (text.empty()) return;
    AppendName(name);
    record::AppendJsonString(text, attributes_);
  }

  ResultSink& sink_;
  Context context_;
  std::string attributes_;
};

}  // namespace

EntryOperatorPtr MakeEntryOutput(ResultSink& sink, Context context) {
  return std::make_unique<EntryOutput>(sink, context);
}

}  // namespace taffrail::query::exec
