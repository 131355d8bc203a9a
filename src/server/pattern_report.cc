#include "server/pattern_report.h"

#include <algorithm>
#include <iterator>
#include <variant>

#include "expr/field_reader.h"
#include "fmt/format.h"
#include "record/json_writer.h"
#include "record/row_cursor.h"

namespace taffrail::server {
namespace {

constexpr int64_t kFirstStepNs = 1'000'000'000;

const expr::FieldRef kMessage{expr::FieldRef::Source::kMessage, ""};

void AppendTime(int64_t time_ns, int digits, std::string& out) {
  out += '"';
  record::AppendRfc3339(time_ns, digits, out);
  out += '"';
}

}  // namespace

void MineRows(const record::RecordBatch& batch, const expr::Selection& rows, pattern::Miner& miner) {
  const expr::FieldReader reader(batch, kMessage);
  record::RowCursor cursor(batch);
  std::string line;
  for (const uint32_t row : rows) {
    cursor.MoveTo(row);
    const expr::Value value = reader.Read(cursor);
    line.clear();
    if (std::holds_alternative<expr::Missing>(value)) {
      cursor.AppendLine(line);
    } else {
      line = expr::ToText(value);
    }
    miner.Add(line, batch.timestamp_ns[row]);
  }
}

PatternReport::PatternReport(size_t max_steps, std::optional<int64_t> new_since_ns, uint64_t most_lines)
    : new_since_ns_(new_since_ns),
      most_lines_(most_lines),
      miner_({.step_ns = kFirstStepNs, .max_steps = std::max<size_t>(max_steps, 2)}) {}

std::vector<expr::FieldRef> PatternReport::Fields() { return {kMessage}; }

bool PatternReport::Add(const record::RecordBatch& batch, const expr::Selection& rows) {
  if (rows.empty()) return true;
  const bool baseline = new_since_ns_ && batch.timestamp_ns[rows.front()] < *new_since_ns_;
  uint64_t& taken = baseline ? baseline_lines_ : lines_;
  if (taken >= most_lines_) {
    truncated_ = true;
    return false;
  }
  MineRows(batch, rows, miner_);
  taken += rows.size();
  return true;
}

std::string PatternReport::ToJson(size_t limit) const {
  std::string out = fmt::format(
      R"({{"lines":{},"baseline_lines":{},"unmatched":{},"truncated":{},"step_ms":{},"patterns":[)",
      lines_ + baseline_lines_, baseline_lines_, miner_.unmatched(), truncated_,
      miner_.step_ns() / 1'000'000);
  size_t shown = 0;
  for (const pattern::Template* const one : miner_.Templates()) {
    if (shown++ == limit) break;
    if (out.back() != '[') out += ",\n";
    out += "{\"pattern\":";
    record::AppendJsonString(one->Text(), out);
    fmt::format_to(std::back_inserter(out), ",\"lines\":{},\"first\":", one->count);
    AppendTime(one->first_ns, 9, out);
    out += ",\"last\":";
    AppendTime(one->last_ns, 9, out);
    if (new_since_ns_) out += one->first_ns >= *new_since_ns_ ? ",\"new\":true" : ",\"new\":false";
    out += ",\"sample\":";
    record::AppendJsonString(one->sample, out);
    out += ",\"counts\":[";
    for (const auto& [begin_ns, count] : one->counts) {
      if (out.back() != '[') out += ',';
      out += '[';
      AppendTime(begin_ns, 0, out);
      fmt::format_to(std::back_inserter(out), ",{}]", count);
    }
    out += "]}";
  }
  return out + "]}\n";
}

}  // namespace taffrail::server
