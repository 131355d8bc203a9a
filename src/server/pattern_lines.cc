#include "server/pattern_lines.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/spares.h"
#include "expr/field_values.h"
#include "record/row_cursor.h"

namespace taffrail::server {
namespace {

namespace exec = query::exec;
namespace plan = query::plan;
using expr::FieldValues;
using pattern::Forms;

const expr::FieldRef kMessage{expr::FieldRef::Source::kMessage, ""};

// What one thread has counted.
struct Counted {
  explicit Counted(Forms::Options steps) : forms(steps) {}
  Forms forms;
  uint64_t lines = 0;
  uint64_t baseline_lines = 0;
};

// The form of each text that rows of a batch have as their message.
class FormsOfTexts {
 public:
  FormsOfTexts(const FieldValues& values, Forms& forms) : values_(values), forms_(forms) {
    known_.resize(values.sources().size());
    for (size_t s = 0; s < known_.size(); ++s) {
      const record::Column* const column = values.sources()[s].column;
      if (column == nullptr) {
        known_[s].resize(1);
      } else if (column->coded()) {
        known_[s].resize(column->strings.size());
      }
    }
  }

  struct Known {
    Forms::Form* form = nullptr;
    bool asked = false;
  };

  Forms::Form* Of(size_t i) {
    const uint32_t s = values_.source(i);
    if (known_[s].empty()) return forms_.Of(Text(i));
    const record::Column* const column = values_.sources()[s].column;
    Known& known = known_[s][column == nullptr ? 0 : column->codes[values_.index(i)]];
    if (!known.asked) known = {forms_.Of(Text(i)), true};
    return known.form;
  }

  std::string_view Text(size_t i) {
    const record::Column* const column = values_.sources()[values_.source(i)].column;
    if (column != nullptr && column->key.kind == record::Kind::kString) return column->text(values_.index(i));
    scratch_ = expr::ToText(values_.Read(i));
    return scratch_;
  }

 private:
  const FieldValues& values_;
  Forms& forms_;
  std::vector<std::vector<Known>> known_;  // by source, then by text; empty: texts are not known to be few
  std::string scratch_;
};

class LineCounter {
 public:
  explicit LineCounter(const PatternQuery& query)
      : steps_(query.steps),
        since_ns_(query.new_since_ns.value_or(INT64_MIN)),
        counted_([this] { return std::make_unique<Counted>(steps_); }) {}

  // Any thread. Adds the messages of the rows; those that have none are given to `without`.
  void AddMessages(const record::RecordBatch& batch, const expr::Selection& rows, expr::Selection& without) {
    std::unique_ptr<Counted> counted = counted_.Take();
    const FieldValues values(batch, kMessage, rows);
    FormsOfTexts forms(values, counted->forms);
    std::vector<bool> missing(values.sources().size());
    for (size_t s = 0; s < missing.size(); ++s) {
      const FieldValues::Source& source = values.sources()[s];
      missing[s] = source.column == nullptr && std::holds_alternative<expr::Missing>(source.constant);
    }
    for (size_t i = 0; i < rows.size(); ++i) {
      if (missing[values.source(i)]) {
        without.push_back(rows[i]);
        continue;
      }
      const int64_t time_ns = batch.timestamp_ns[rows[i]];
      CountLine(*counted, forms.Of(i), time_ns, [&] { return forms.Text(i); });
    }
    counted->forms.FoldIfFull();
    counted_.Give(std::move(counted));
  }

  // The same for the lines as a whole.
  void AddLines(const record::RecordBatch& batch, const expr::Selection& rows) {
    std::unique_ptr<Counted> counted = counted_.Take();
    record::RowCursor cursor(batch);
    std::string line;
    for (const uint32_t row : rows) {
      cursor.MoveTo(row);
      line.clear();
      cursor.AppendLine(line);
      CountLine(*counted, counted->forms.Of(line), batch.timestamp_ns[row],
                [&] { return std::string_view(line); });
    }
    counted->forms.FoldIfFull();
    counted_.Give(std::move(counted));
  }

  MinedLines Finish() {
    Counted all(steps_);
    for (const std::unique_ptr<Counted>& each : counted_.TakeAll()) {
      all.forms.Merge(each->forms);
      all.lines += each->lines;
      all.baseline_lines += each->baseline_lines;
    }
    return {.mined = all.forms.Mine(), .lines = all.lines, .baseline_lines = all.baseline_lines};
  }

 private:
  template <typename Line>
  void CountLine(Counted& counted, Forms::Form* form, int64_t time_ns, Line&& line) const {
    ++counted.lines;
    counted.baseline_lines += time_ns < since_ns_ ? 1 : 0;
    if (form != nullptr) counted.forms.Count(*form, time_ns, line);
  }

  const Forms::Options steps_;
  const int64_t since_ns_;
  base::Spares<Counted> counted_;
};

// The lines of records without a message, in one range, newest first.
absl::StatusOr<bool> AddWithoutMessage(plan::Source source, exec::Engine& engine,
                                       const exec::ExecOptions& options, LineCounter& counter) {
  if (source.range.from_ns >= source.range.to_ns) return false;
  expr::Expr exists{.op = expr::Expr::Op::kExists, .field = kMessage};
  source.filter = expr::And({source.filter, expr::Not(expr::Make(std::move(exists)))});
  source.order = plan::Order::kDescending;
  uint64_t taken = 0;
  bool truncated = false;
  exec::ExecStats stats;
  TAFFRAIL_RETURN_IF_ERROR(exec::ReadRecords(
      source, {.fields = {}, .lines = true}, engine,
      [&](const record::RecordBatch& batch, const expr::Selection& rows) {
        truncated = taken >= kMostLinesWithoutMessage;
        if (truncated) return false;
        counter.AddLines(batch, rows);
        taken += rows.size();
        return true;
      },
      options, stats));
  return truncated;
}

}  // namespace

absl::StatusOr<MinedLines> MineLines(const PatternQuery& query, exec::Engine& engine,
                                     const exec::ExecOptions& options, exec::ExecStats& stats) {
  LineCounter counter(query);
  plan::Source source{.range = query.range, .order = plan::Order::kNone, .filter = query.filter};
  if (source.range.from_ns >= source.range.to_ns) return counter.Finish();
  exec::ScanSpec probe;
  probe.order = plan::Order::kDescending;
  const bool is_store = engine.CanPush(probe).order;  // else lines are there as soon as anything is
  std::atomic<bool> some_without = false;
  TAFFRAIL_RETURN_IF_ERROR(exec::ReadRecords(
      source, {.fields = {kMessage}, .lines = !is_store}, engine,
      [&](const record::RecordBatch& batch, const expr::Selection& rows) {
        expr::Selection without;
        counter.AddMessages(batch, rows, without);
        if (without.empty()) return true;
        if (is_store) {
          some_without = true;
        } else {
          counter.AddLines(batch, without);
        }
        return true;
      },
      options, stats));
  bool truncated = false;
  if (some_without) {
    plan::Source newer = source;
    if (query.new_since_ns) {
      newer.range.from_ns = std::max(*query.new_since_ns, source.range.from_ns);
      source.range.to_ns = std::min(*query.new_since_ns, source.range.to_ns);
      TAFFRAIL_ASSIGN_OR_RETURN(truncated, AddWithoutMessage(source, engine, options, counter));
    }
    TAFFRAIL_ASSIGN_OR_RETURN(const bool newer_truncated, AddWithoutMessage(newer, engine, options, counter));
    truncated = truncated || newer_truncated;
  }
  MinedLines mined = counter.Finish();
  mined.truncated = truncated;
  return mined;
}

}  // namespace taffrail::server
