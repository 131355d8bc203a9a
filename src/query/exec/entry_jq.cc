// JqFilter: entries → entries, through a worker process (query/jq).
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/time_text.h"
#include "fmt/format.h"
#include "query/exec/entry_operator.h"
#include "query/jq/filter.h"
#include "query/jq/spare_filters.h"
#include "record/json_line.h"

namespace taffrail::query::exec {
namespace {

// Lines go to the worker in batches: a few at first, so that the first rows of an answer come at once and a
// small limit is not overshot; then so many that the hand-over costs nothing beside the filter.
constexpr size_t kFirstBatch = 8;
constexpr size_t kMostBatch = 1024;
constexpr size_t kMostBatchBytes = size_t{1} << 20;

class Jq final : public EntryOperator {
 public:
  Jq(std::string_view program, std::unique_ptr<jq::Filter> filter, Context context, EntryOperatorPtr next)
      : program_(program), filter_(std::move(filter)), context_(context), next_(std::move(next)) {}

  absl::StatusOr<Flow> Push(Entry entry) override {
    ++context_.stats.rows_in;
    held_bytes_ += entry.line.size();
    held_.push_back(std::move(entry));
    if (held_.size() < batch_size_ && held_bytes_ < kMostBatchBytes) return Flow::kMore;
    batch_size_ = std::min(batch_size_ * 2, kMostBatch);
    return RunHeld();
  }

  absl::Status Finish() override {
    TAFFRAIL_RETURN_IF_ERROR(RunHeld().status());
    if (!ended_) jq::SpareFilters::Shared().Give(program_, std::move(filter_));
    return next_->Finish();
  }

 private:
  class Outputs final : public jq::Sink {
   public:
    explicit Outputs(Jq& jq) : jq_(jq) {}
    absl::StatusOr<bool> OnOutput(size_t line, std::string_view json) override {
      Entry output = jq_.held_[line];
      output.line = json;
      ++jq_.context_.stats.rows_out;
      TAFFRAIL_ASSIGN_OR_RETURN(const Flow flow, jq_.next_->Push(std::move(output)));
      return flow == Flow::kMore;
    }
    // A text line fails in nearly every filter; who filters JSON need not hear of that.
    void OnFailure(size_t line, std::string_view message) override {
      if (jq_.is_json_[line]) jq_.CountFailure(jq_.held_[line], message);
    }

   private:
    Jq& jq_;
  };

  absl::StatusOr<Flow> RunHeld() {
    if (ended_) return Flow::kEnough;
    if (held_.empty()) return Flow::kMore;
    std::vector<jq::Line> lines;
    lines.reserve(held_.size());
    is_json_.clear();
    for (const Entry& entry : held_) {
      is_json_.push_back(IsJson(entry.line));
      lines.push_back({.text = entry.line, .is_json = is_json_.back()});
    }
    Outputs outputs(*this);
    TAFFRAIL_ASSIGN_OR_RETURN(const bool more,
                              filter_->Run(lines, outputs, [this] { return context_.budget.Check(); }));
    held_.clear();
    held_bytes_ = 0;
    ended_ = !more;
    return more ? Flow::kMore : Flow::kEnough;
  }

  // As the store sees it: an object that only libjq takes for one has no fields, and conditions that ran
  // ahead of the filter would have looked for them in vain.
  static bool IsJson(std::string_view line) {
    const size_t first = line.find_first_not_of(" \t\r\n");
    return first == std::string_view::npos || line[first] != '{' || record::IsJsonLine(line);
  }

  void CountFailure(const Entry& entry, std::string_view message) {
    if (failures_++ == 0) {
      constexpr size_t kShownBytes = 200;  // of a message that may hold a whole line
      first_failure_ =
          fmt::format("{}, at {}", message.substr(0, kShownBytes), base::FormatRfc3339(entry.timestamp_ns));
    }
    context_.stats.note = fmt::format("the jq filter failed for {} line{}; first: {}", failures_,
                                      failures_ == 1 ? "" : "s", first_failure_);
  }

  const std::string program_;
  std::unique_ptr<jq::Filter> filter_;  // null once all lines are through
  Context context_;
  EntryOperatorPtr next_;
  std::vector<Entry> held_;
  std::vector<bool> is_json_;  // of those held
  size_t held_bytes_ = 0;
  size_t batch_size_ = kFirstBatch;
  bool ended_ = false;
  uint64_t failures_ = 0;
  std::string first_failure_;
};

}  // namespace

absl::StatusOr<EntryOperatorPtr> MakeJq(const plan::JqFilter& filter, EntryContext context,
                                        EntryOperatorPtr next) {
  TAFFRAIL_ASSIGN_OR_RETURN(auto running, jq::SpareFilters::Shared().Take(filter.program, [&] {
    return context.context.budget.Check();
  }));
  return std::make_unique<Jq>(filter.program, std::move(running), context.context, std::move(next));
}

}  // namespace taffrail::query::exec
