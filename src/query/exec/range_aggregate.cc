// RangeAggregate: entries → series (range.h has the arithmetic).
#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "base/spares.h"
#include "fmt/format.h"
#include "query/exec/cells.h"
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

// The series so far, each with its panes.
class RangeState {
 public:
  RangeState(const plan::RangeAggregate& range, Context context, Matrix& result)
      : range_(range), context_(context), result_(result) {}

  const plan::RangeAggregate& range() const { return range_; }

  // The panes of the series under this key; `labels` tells its labels when it is new.
  template <typename F>
  absl::StatusOr<size_t> SeriesOf(const std::string& key, F&& labels) {
    const auto [found, is_new] = numbers_.try_emplace(key, panes_.size());
    if (is_new) {
      LabelSet set = labels();
      std::sort(set.begin(), set.end());
      set.erase(std::unique(set.begin(), set.end()), set.end());
      constexpr size_t kSeriesBytes = 128;
      TAFFRAIL_RETURN_IF_ERROR(context_.budget.Charge(2 * key.size() + kSeriesBytes, "series"));
      panes_.emplace_back();
      labels_.push_back(std::move(set));
    }
    return found->second;
  }

  absl::Status Add(size_t series, const PaneKey& pane, int64_t time_ns, double sample) {
    const auto [found, is_new] = panes_[series].try_emplace(pane);
    size_t bytes = is_new ? sizeof(std::pair<PaneKey, Accumulator>) + kNodeBytes : 0;
    bytes += found->second.Add(range_.function, time_ns, sample);
    return bytes > 0 ? context_.budget.Charge(bytes, "windows") : absl::OkStatus();
  }

  // Takes in the series of another state; counts alone come out the same whichever takes in which.
  absl::Status Merge(RangeState& other) {
    for (const auto& [key, number] : other.numbers_) {
      auto& labels = other.labels_[number];
      TAFFRAIL_ASSIGN_OR_RETURN(const size_t series, SeriesOf(key, [&] { return std::move(labels); }));
      size_t bytes = 0;
      for (const auto& [pane, accumulator] : other.panes_[number]) {
        const auto [found, is_new] = panes_[series].try_emplace(pane);
        found->second.Merge(range_.function, accumulator);
        if (is_new) bytes += sizeof(std::pair<PaneKey, Accumulator>) + kNodeBytes;
      }
      TAFFRAIL_RETURN_IF_ERROR(context_.budget.Charge(bytes, "windows"));
    }
    return absl::OkStatus();
  }

  absl::Status Finish() {
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
};

class EntryRange final : public EntryOperator {
 public:
  EntryRange(const plan::RangeAggregate& range, Context context, Matrix& result)
      : state_(range, context, result), context_(context) {}

  absl::StatusOr<Flow> Push(Entry entry) override {
    ++context_.stats.rows_in;
    PaneKey pane;
    if (!PaneOf(state_.range(), entry.timestamp_ns, pane)) return Flow::kMore;
    if (!entry.error.empty()) return PipelineError(entry);
    TAFFRAIL_ASSIGN_OR_RETURN(const size_t series, SeriesOf(entry));
    TAFFRAIL_RETURN_IF_ERROR(state_.Add(series, pane, entry.timestamp_ns, SampleOf(entry)));
    return Flow::kMore;
  }

  absl::Status Finish() override {
    const Stopwatch stopwatch(context_.stats);
    return state_.Finish();
  }

 private:
  double SampleOf(const Entry& entry) const {
    switch (state_.range().function) {
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

  absl::StatusOr<size_t> SeriesOf(const Entry& entry) {
    const std::optional<plan::Grouping>& grouping = state_.range().grouping;
    LabelSet labels;
    key_.clear();
    if (state_.range().function == RangeFunction::kAbsent) {
      // one series, whatever the labels
    } else if (grouping && !grouping->without) {
      for (const std::string& name : grouping->labels) {
        const EntryField* const field = entry.Find(name);
        std::string text = field != nullptr ? expr::ToText(field->value) : std::string();
        key_.append(text).append(1, '\0');
        if (!text.empty()) labels.emplace_back(name, std::move(text));
      }
    } else {
      labels = LabelsOf(entry);
      if (grouping) {
        const auto& gone = grouping->labels;
        std::erase_if(labels, [&](const auto& label) {
          return std::find(gone.begin(), gone.end(), label.first) != gone.end();
        });
      }
      for (const auto& [name, value] : labels) {
        key_.append(name).append(1, '\0').append(value).append(1, '\0');
      }
    }
    return state_.SeriesOf(key_, [&labels] { return std::move(labels); });
  }

  RangeState state_;
  Context context_;
  std::string key_;
};

// The same off the columns of a batch, without making entries: for counts by labels that are fields of the
// records. Several threads may bring batches; each call takes a state that nobody uses and gives it back.
class RecordRange final : public RecordOperator {
 public:
  // The fields are those of the grouping's labels; the last is __error__.
  RecordRange(const plan::RangeAggregate& range, std::vector<expr::FieldRef> fields, Context context,
              Matrix& result)
      : range_(range),
        fields_(std::move(fields)),
        context_(context),
        states_([this, &result] { return std::make_unique<RangeState>(range_, context_, result); }) {}

  bool TakesConcurrently() const override { return true; }

  absl::StatusOr<Flow> Push(const Records& records) override {
    OperatorStats stats{.timed = context_.stats.timed};
    std::unique_ptr<RangeState> state = states_.Take();
    absl::Status status;
    {
      const Stopwatch stopwatch(stats);
      status = Add(records, *state);
    }
    states_.Give(std::move(state));
    stats.rows_in = records.rows.size();
    absl::MutexLock lock(&mutex_);
    context_.stats.Add(stats);
    if (!status.ok()) return status;
    return Flow::kMore;
  }

  absl::Status Finish() override {
    const Stopwatch stopwatch(context_.stats);
    const std::unique_ptr<RangeState> all = states_.Take();
    for (const std::unique_ptr<RangeState>& each : states_.TakeAll()) {
      TAFFRAIL_RETURN_IF_ERROR(all->Merge(*each));
    }
    return all->Finish();
  }

 private:
  absl::Status Add(const Records& records, RangeState& state) const {
    RecordCells cells(records.batch, fields_);
    std::string key;
    for (const uint32_t row : records.rows) {
      const int64_t time_ns = records.batch.timestamp_ns[row];
      PaneKey pane;
      if (!PaneOf(range_, time_ns, pane)) continue;
      cells.MoveTo(row);
      TAFFRAIL_ASSIGN_OR_RETURN(const size_t series, SeriesOf(cells, key, state));
      TAFFRAIL_RETURN_IF_ERROR(state.Add(series, pane, time_ns, 1));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<size_t> SeriesOf(const RecordCells& cells, std::string& key, RangeState& state) const {
    const size_t labels = fields_.size() - 1;
    const expr::Value error = cells.Read(labels);
    if (!std::holds_alternative<expr::Missing>(error)) {
      Entry entry;
      entry.error = expr::ToText(error);
      for (size_t i = 0; i < labels; ++i) {
        entry.fields.push_back({fields_[i].name, cells.Read(i), EntryField::Origin::kParsed});
      }
      return PipelineError(entry);
    }
    key.clear();
    for (size_t i = 0; i < labels; ++i) AppendLabel(cells.Read(i), key);
    return state.SeriesOf(key, [&] {
      LabelSet set;
      for (size_t i = 0; i < labels; ++i) {
        std::string text;
        AppendLabel(cells.Read(i), text);
        text.pop_back();
        if (!text.empty()) set.emplace_back(fields_[i].name, std::move(text));
      }
      return set;
    });
  }

  // What a parser gives as a label: arrays and objects are none.
  static void AppendLabel(const expr::Value& value, std::string& out) {
    if (!std::holds_alternative<expr::Json>(value)) out += expr::ToText(value);
    out += '\0';
  }

  const plan::RangeAggregate range_;
  const std::vector<expr::FieldRef> fields_;
  Context context_;
  base::Spares<RangeState> states_;
  absl::Mutex mutex_;  // of the context's stats
};

}  // namespace

EntryOperatorPtr MakeRangeAggregate(const plan::RangeAggregate& range, Context context, Matrix& result) {
  return std::make_unique<EntryRange>(range, context, result);
}

bool ReadsColumns(std::span<const plan::Stage> stages, std::vector<expr::FieldRef>& fields) {
  using Source = expr::FieldRef::Source;
  if (stages.empty() || stages.size() > 2) return false;
  const auto* const range = std::get_if<plan::RangeAggregate>(&stages.back());
  if (range == nullptr || !range->grouping || range->grouping->without) return false;
  if (range->function != RangeFunction::kCount && range->function != RangeFunction::kRate) return false;
  Source source = Source::kLabel;
  if (stages.size() == 2) {
    const auto* const parse = std::get_if<plan::ParseFields>(&stages.front());
    const bool whole_json = parse != nullptr && parse->format == plan::ParseFields::Format::kJson &&
                            parse->wanted.empty() && parse->from.source == Source::kLine;
    if (!whole_json) return false;
    source = Source::kLogql;
  }
  for (const std::string& label : range->grouping->labels) fields.push_back({source, label});
  fields.push_back({source, std::string(kErrorField)});
  return true;
}

RecordOperatorPtr MakeRecordRange(const plan::RangeAggregate& range, std::vector<expr::FieldRef> fields,
                                  Context context, Matrix& result) {
  return std::make_unique<RecordRange>(range, std::move(fields), context, result);
}

}  // namespace taffrail::query::exec
