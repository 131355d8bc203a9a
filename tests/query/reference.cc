#include "query/reference.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>

#include "base/time_text.h"

namespace taffrail::query_test {
namespace {

using query::plan::Aggregate;
using query::plan::Call;
using query::plan::Dedup;
using query::plan::Filter;
using query::plan::Function;
using query::plan::GroupKey;
using query::plan::Limit;
using query::plan::Plan;
using query::plan::Project;
using query::plan::Sort;
using query::plan::Unnest;
using Kind = Cell::Kind;

// What flows from stage to stage: records until a stage makes a table, then rows of named columns.
struct State {
  std::vector<ParsedRecord> records;
  bool is_table = false;
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;

  size_t size() const { return is_table ? rows.size() : records.size(); }
  Cell Read(size_t i, const expr::FieldRef& field) const {
    if (!is_table) return ReadField(records[i], field);
    const auto column = std::find(columns.begin(), columns.end(), field.name);
    return rows[i][static_cast<size_t>(column - columns.begin())];
  }
  // Keeps the rows with these indexes, in that order.
  void Keep(const std::vector<size_t>& order) {
    State kept;
    for (const size_t i : order) {
      if (is_table) {
        kept.rows.push_back(rows[i]);
      } else {
        kept.records.push_back(records[i]);
      }
    }
    rows = kept.rows;
    records = kept.records;
  }
  // From now on records are entries.
  void MakeEntries() {
    for (ParsedRecord& record : records) record.is_entry = true;
  }
};

void Add(const std::string& name, const Cell& cell, ParsedRecord& record) {
  std::erase_if(record.added, [&name](const Field& field) { return field.path == name; });
  record.added.push_back({name, cell});
}

bool IsNothing(const Cell& cell) { return cell.kind == Kind::kMissing || cell.kind == Kind::kNull; }

Cell NumberCell(double number) {
  char text[64];
  std::snprintf(text, sizeof(text), "%.12g", number);
  return {Kind::kNumber, text};
}

void Run(const Filter& filter, State& state) {
  std::vector<size_t> kept;
  for (size_t i = 0; i < state.size(); ++i) {
    const bool matches = state.is_table ? MatchesRow(state.columns, state.rows[i], *filter.condition)
                                        : Matches(state.records[i], *filter.condition);
    if (matches) kept.push_back(i);
  }
  state.Keep(kept);
}

void Run(const Limit& limit, State& state) {
  std::vector<size_t> kept;
  for (size_t i = limit.offset; i < state.size() && kept.size() < limit.count; ++i) kept.push_back(i);
  state.Keep(kept);
}

void Run(const Sort& sort, State& state) {
  std::vector<size_t> order(state.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    for (const query::plan::SortKey& key : sort.keys) {
      const Cell x = state.Read(a, key.field);
      const Cell y = state.Read(b, key.field);
      const int compared = CompareCells(x, y);
      if (compared != 0)
        return key.descending && !IsNothing(x) && !IsNothing(y) ? compared > 0 : compared < 0;
    }
    return false;
  });
  state.Keep(order);
}

// The first row of each combination; with keeps_missing also every row that lacks one of the fields.
void Run(const Dedup& dedup, State& state) {
  state.MakeEntries();
  std::set<std::vector<std::pair<Kind, std::string>>> seen;
  std::vector<size_t> kept;
  for (size_t i = 0; i < state.size(); ++i) {
    std::vector<std::pair<Kind, std::string>> id;
    bool lacks_one = false;
    for (const expr::FieldRef& field : dedup.fields) {
      const Cell cell = state.Read(i, field);
      lacks_one = lacks_one || IsNothing(cell);
      // As in a key to group by, null is missing.
      id.emplace_back(cell.kind == Kind::kNull ? Kind::kMissing : cell.kind, cell.text);
    }
    if ((dedup.keeps_missing && lacks_one) || seen.insert(id).second) kept.push_back(i);
  }
  state.Keep(kept);
}

void UnnestRecords(const Unnest& unnest, State& state) {
  state.MakeEntries();
  std::vector<ParsedRecord> all;
  for (const ParsedRecord& record : state.records) {
    for (const Cell& element : ElementsOf(ReadField(record, unnest.field)))
      Add(unnest.name, element, all.emplace_back(record));
  }
  state.records = std::move(all);
}

void Run(const Unnest& unnest, State& state) {
  if (!state.is_table) return UnnestRecords(unnest, state);
  const auto found = std::find(state.columns.begin(), state.columns.end(), unnest.name);
  const auto to = static_cast<size_t>(found - state.columns.begin());
  State table;
  table.is_table = true;
  table.columns = state.columns;
  if (to == table.columns.size()) table.columns.push_back(unnest.name);
  for (size_t i = 0; i < state.size(); ++i) {
    for (const Cell& element : ElementsOf(state.Read(i, unnest.field))) {
      std::vector<Cell>& row = table.rows.emplace_back(state.rows[i]);
      row.resize(table.columns.size());
      row[to] = element;
    }
  }
  state = std::move(table);
}

// On records alone: on tables the plans here have none.
void Run(const query::plan::Extend& extend, State& state) {
  if (state.is_table) std::abort();
  state.MakeEntries();
  for (ParsedRecord& record : state.records) {
    for (const query::plan::Assignment& assignment : extend.assignments)
      Add(assignment.name, ValueOf(record, *assignment.value), record);
  }
}

// In a table a time is a text.
Cell ShownField(const State& state, size_t i, const expr::FieldRef& field) {
  if (state.is_table || field.source != expr::FieldRef::Source::kTimestamp) return state.Read(i, field);
  return {Kind::kText, base::FormatRfc3339(state.records[i].sample->timestamp_ns)};
}

void Run(const Project& project, State& state) {
  State table;
  table.is_table = true;
  for (const query::plan::Column& column : project.columns) table.columns.push_back(column.name);
  for (size_t i = 0; i < state.size(); ++i) {
    std::vector<Cell>& row = table.rows.emplace_back();
    for (const query::plan::Column& column : project.columns)
      row.push_back(ShownField(state, i, column.field));
  }
  state = std::move(table);
}

Cell Extreme(const std::vector<Cell>& cells, bool maximum) {
  Cell best{Kind::kNull, ""};
  for (const Cell& cell : cells) {
    const int order = IsNothing(best) ? 0 : CompareCells(cell, best);
    const bool tie_goes_to_cell = order == 0 && cell.text < best.text;  // the same number, shorter
    if (IsNothing(best) || (maximum ? order > 0 : order < 0) || tie_goes_to_cell) best = cell;
  }
  return best;
}

Cell QuantileOf(std::vector<double> numbers, double quantile) {
  std::sort(numbers.begin(), numbers.end());
  const double rank = quantile * static_cast<double>(numbers.size() - 1);
  const auto low = static_cast<size_t>(rank);
  const size_t high = std::min(low + 1, numbers.size() - 1);
  const double weight = rank - static_cast<double>(low);
  return NumberCell(weight == 0 ? numbers[low] : numbers[low] * (1 - weight) + numbers[high] * weight);
}

// `cells`: of the call's field in every row of the group; `all_rows`: how many there are in all groups.
Cell Apply(const Call& call, std::vector<Cell> cells, size_t all_rows) {
  const size_t rows = cells.size();
  if (call.function == Function::kShare) {
    if (all_rows == 0) return {Kind::kNull, ""};
    return NumberCell(static_cast<double>(rows) / static_cast<double>(all_rows));
  }
  if (call.function == Function::kCount && !call.has_field) return NumberCell(static_cast<double>(rows));
  std::erase_if(cells, IsNothing);
  std::vector<double> numbers;
  std::set<std::pair<Kind, std::string>> distinct;
  for (const Cell& cell : cells) {
    double number = 0;
    if (CellNumber(cell, number)) numbers.push_back(number);
    distinct.emplace(cell.kind, cell.text);
  }
  double sum = 0;
  for (const double number : numbers) sum += number;
  switch (call.function) {
    case Function::kCount:
      return NumberCell(static_cast<double>(cells.size()));
    case Function::kCountDistinct:  // samples stay below the bound from which it is estimated
                                    // (exec/distinct.h)
      return NumberCell(static_cast<double>(distinct.size()));
    case Function::kMin:
    case Function::kMax:
      return Extreme(cells, call.function == Function::kMax);
    default:
      break;
  }
  if (numbers.empty()) return {Kind::kNull, ""};
  if (call.function == Function::kQuantile) return QuantileOf(numbers, call.quantile);
  return NumberCell(call.function == Function::kSum ? sum : sum / static_cast<double>(numbers.size()));
}

Cell KeyOf(const State& state, size_t i, const GroupKey& key) {
  if (key.bucket_ns == 0) {
    const Cell cell = ShownField(state, i, key.field);
    return cell.kind == Kind::kNull ? Cell{Kind::kMissing, ""} : cell;
  }
  const int64_t start_ns =
      state.records[i].sample->timestamp_ns / key.bucket_ns * key.bucket_ns;  // samples are >= 0
  return {Kind::kText, base::FormatRfc3339(start_ns, 0)};
}

void Run(const Aggregate& aggregate, State& state) {
  std::map<std::vector<std::pair<Kind, std::string>>, std::vector<size_t>> groups;
  std::map<std::vector<std::pair<Kind, std::string>>, std::vector<Cell>> keys;
  if (aggregate.keys.empty()) groups[{}] = {};
  for (size_t i = 0; i < state.size(); ++i) {
    std::vector<std::pair<Kind, std::string>> id;
    std::vector<Cell> cells;
    for (const GroupKey& key : aggregate.keys) {
      cells.push_back(KeyOf(state, i, key));
      id.emplace_back(cells.back().kind, cells.back().text);
    }
    groups[id].push_back(i);
    keys[id] = cells;
  }
  State table;
  table.is_table = true;
  for (const GroupKey& key : aggregate.keys) table.columns.push_back(key.name);
  for (const Call& call : aggregate.calls) table.columns.push_back(call.name);
  for (const auto& [id, members] : groups) {
    std::vector<Cell> row = keys[id];
    for (const Call& call : aggregate.calls) {
      std::vector<Cell> cells;
      for (const size_t i : members)
        cells.push_back(call.has_field ? ShownField(state, i, call.field) : Cell());
      row.push_back(Apply(call, std::move(cells), state.size()));
    }
    table.rows.push_back(std::move(row));
  }
  const size_t key_count = aggregate.keys.size();
  std::stable_sort(table.rows.begin(), table.rows.end(), [&](const auto& a, const auto& b) {
    for (size_t i = 0; i < key_count; ++i) {
      if (const int order = CompareCells(a[i], b[i]); order != 0) return order < 0;
    }
    return false;
  });
  state = std::move(table);
}

// Stages on entries and series have a reference of their own (reference_series.cc); plans here have none.
template <typename T>
void Run(const T&, State&) {
  std::abort();
}

}  // namespace

std::vector<std::string> RunReference(const Plan& plan, const std::vector<Sample>& samples,
                                      uint64_t first_sequence) {
  State state;
  uint64_t sequence = first_sequence;
  for (const Sample& sample : samples) {
    const bool in_range =
        sample.timestamp_ns >= plan.source.range.from_ns &&
        (plan.source.range.to_ns == INT64_MAX || sample.timestamp_ns < plan.source.range.to_ns);
    if (in_range) {
      state.records.push_back(ParseRecord(sample));
      state.records.back().sequence = sequence;
    }
    ++sequence;
  }
  if (plan.source.order == query::plan::Order::kDescending)
    std::reverse(state.records.begin(), state.records.end());
  Run(Filter{plan.source.filter}, state);
  for (const query::plan::Stage& stage : plan.stages) {
    std::visit([&state](const auto& one) { Run(one, state); }, stage);
  }
  std::vector<std::string> answer;
  for (const ParsedRecord& record : state.records) {
    answer.push_back(std::to_string(record.sample->timestamp_ns) + " " + record.sample->line + " " +
                     record.sample->attributes);
  }
  for (const std::vector<Cell>& row : state.rows) {
    std::string& text = answer.emplace_back();
    for (const Cell& cell : row) text += CellJson(cell) + " ";
  }
  return answer;
}

}  // namespace taffrail::query_test
