// RangeAggregate: entries → series (range.h has the arithmetic).
#include <algorithm>
#include <map>

#include "absl/container/flat_hash_map.h"
#include "fmt/format.h"
#include "query/exec/entry_operator.h"
#include "query/exec/range.h"

namespace taffrail::query::exec {
namespace {

using plan::RangeFunction;

std::string LabelsText(const LabelSet& labels) {
  std::string out = "{";
  for (const auto& [name, value] : labels) {
    out += fmt::format("{}{}=\"{}\"", out.size() > 1 ? ", " : "", name, value);
  }
  return out + "}";
}

// Loki's words, since people search for them.
absl::Status PipelineError(const Entry& entry) {
  return absl::InvalidArgumentError(fmt::format(
      "pipeline error: '{0}' for series: '{1}'.\n"
      "Use a label filter to intentionally skip this error. (e.g | __error__!=\"{0}\").\n"
      "To skip all potential errors you can match empty errors.(e.g __error__=\"\")\n"
      "The label filter can also be specified after unwrap. (e.g | unwrap latency | __error__=\"\" )\n",
      entry.error, LabelsText(LabelsOf(entry))));
}

class RangeAggregate final : public EntryOperator {
 public:
  RangeAggregate(const plan::RangeAggregate& range, Context context, Matrix& result)
      : range_(range), context_(context), result_(result) {}

  absl::StatusOr<Flow> Push(Entry entry) override {
    ++context_.stats.rows_in;
    PaneKey pane;
    if (!PaneOf(range_, entry.timestamp_ns, pane)) return Flow::kMore;
    if (!entry.error.empty()) return PipelineError(entry);
    TAFFRAIL_ASSIGN_OR_RETURN(Panes* const panes, PanesOf(entry));
    auto [found, is_new] = panes->try_emplace(pane);
    size_t bytes = is_new ? sizeof(std::pair<PaneKey, Accumulator>) + kNodeBytes : 0;
    bytes += found->second.Add(range_.function, entry.timestamp_ns, SampleOf(entry));
    if (bytes > 0) TAFFRAIL_RETURN_IF_ERROR(context_.budget.Charge(bytes, "windows"));
    return Flow::kMore;
  }

  absl::Status Finish() override {
    const Stopwatch stopwatch(context_.stats);
    result_.grid = range_.grid;
    if (range_.function == RangeFunction::kAbsent) return FinishAbsent();
    for (size_t i = 0; i < labels_.size(); ++i) {
      Series series;
      series.labels = std::move(labels_[i]);
      TAFFRAIL_RETURN_IF_ERROR(Fill(panes_[i], series));
      panes_[i].clear();
      ++context_.stats.rows_out;
      result_.series.push_back(std::move(series));
    }
    std::sort(result_.series.begin(), result_.series.end(),
              [](const Series& a, const Series& b) { return a.labels < b.labels; });
    return absl::OkStatus();
  }

 private:
  using Panes = std::map<PaneKey, Accumulator>;
  static constexpr size_t kNodeBytes = 48;  // of a tree's node

  double SampleOf(const Entry& entry) const {
    switch (range_.function) {
      case RangeFunction::kCount:
      case RangeFunction::kRate:
      case RangeFunction::kAbsent:
        return 1;
      case RangeFunction::kBytes:
      case RangeFunction::kBytesRate:
        return static_cast<double>(entry.line.size());
      default:
        return entry.sample;
    }
  }

  absl::StatusOr<Panes*> PanesOf(const Entry& entry) {
    if (range_.function == RangeFunction::kAbsent) {
      if (panes_.empty()) panes_.emplace_back();
      return &panes_[0];
    }
    LabelSet labels;
    key_.clear();
    if (range_.grouping && !range_.grouping->without) {
      for (const std::string& name : range_.grouping->labels) {
        const EntryField* const field = entry.Find(name);
        std::string text = field != nullptr ? expr::ToText(field->value) : std::string();
        key_.append(text).append(1, '\0');
        if (!text.empty()) labels.emplace_back(name, std::move(text));
      }
    } else {
      labels = LabelsOf(entry);
      if (range_.grouping) {
        const auto& gone = range_.grouping->labels;
        std::erase_if(labels, [&](const auto& label) {
          return std::find(gone.begin(), gone.end(), label.first) != gone.end();
        });
      }
      for (const auto& [name, value] : labels)
        key_.append(name).append(1, '\0').append(value).append(1, '\0');
    }
    const auto [found, is_new] = numbers_.try_emplace(key_, panes_.size());
    if (is_new) {
      std::sort(labels.begin(), labels.end());
      labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
      constexpr size_t kSeriesBytes = 128;
      TAFFRAIL_RETURN_IF_ERROR(context_.budget.Charge(2 * key_.size() + kSeriesBytes, "series"));
      panes_.emplace_back();
      labels_.push_back(std::move(labels));
    }
    return &panes_[found->second];
  }

  absl::Status Fill(const Panes& panes, Series& series) {
    const size_t points = range_.grid.points();
    TAFFRAIL_RETURN_IF_ERROR(context_.budget.Charge(points * (sizeof(double) + 1), "series"));
    TAFFRAIL_RETURN_IF_ERROR(context_.budget.Check());
    series.values.resize(points);
    series.present.resize(points);
    // Panes are in order of their first point, and of their last: those of a point are a run of them.
    auto begin = panes.begin();
    for (size_t point = 0; point < points && begin != panes.end(); ++point) {
      while (begin != panes.end() && begin->first.last < point) ++begin;
      Accumulator all;
      for (auto at = begin; at != panes.end() && at->first.first <= point; ++at) {
        all.Merge(range_.function, at->second);
      }
      if (all.empty()) continue;
      series.present[point] = true;
      series.values[point] = all.Result(range_, range_.grid.At(point) - range_.offset_ns);
    }
    return absl::OkStatus();
  }

  absl::Status FinishAbsent() {
    Series series;
    if (!panes_.empty()) TAFFRAIL_RETURN_IF_ERROR(Fill(panes_[0], series));
    series.present.resize(range_.grid.points());
    series.present.flip();
    if (std::find(series.present.begin(), series.present.end(), true) == series.present.end()) {
      return absl::OkStatus();
    }
    series.labels = range_.absent_labels;
    series.values.assign(range_.grid.points(), 1);
    ++context_.stats.rows_out;
    result_.series.push_back(std::move(series));
    return absl::OkStatus();
  }

  const plan::RangeAggregate range_;
  Context context_;
  Matrix& result_;
  absl::flat_hash_map<std::string, size_t> numbers_;
  std::vector<LabelSet> labels_;  // by series
  std::vector<Panes> panes_;      // by series
  std::string key_;
};

}  // namespace

EntryOperatorPtr MakeRangeAggregate(const plan::RangeAggregate& range, Context context, Matrix& result) {
  return std::make_unique<RangeAggregate>(range, context, result);
}

}  // namespace taffrail::query::exec
