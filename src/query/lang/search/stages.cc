#include "query/lang/search/stages.h"

#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/duration.h"
#include "fmt/format.h"
#include "query/lang/search/filter_parser.h"
#include "query/lang/search/term.h"

namespace taffrail::query::lang::search {
namespace {

using plan::Aggregate;
using plan::Call;
using plan::Function;
using plan::GroupKey;

constexpr std::pair<std::string_view, Function> kFunctions[] = {
    {"count", Function::kCount}, {"count_distinct", Function::kCountDistinct},
    {"sum", Function::kSum},     {"avg", Function::kAvg},
    {"min", Function::kMin},     {"max", Function::kMax},
};

// "p95", "p99.9" as a quantile.
std::optional<double> AsPercentile(std::string_view name) {
  double percent = 0;
  if (name.size() < 2 || name[0] != 'p') return std::nullopt;
  const char* end = name.data() + name.size();
  const auto result = std::from_chars(name.data() + 1, end, percent, std::chars_format::fixed);
  if (result.ec != std::errc() || result.ptr != end || percent < 0 || percent > 100) return std::nullopt;
  return percent / 100;
}

class StageParser {
 public:
  StageParser(Cursor& cursor, bool of_table, int64_t now_ns) : cursor_(cursor), terms_(now_ns, of_table) {}

  absl::StatusOr<plan::Stage> Parse() {
    ++cursor_.at;  // the '|'
    cursor_.SkipSpace();
    const size_t begin = cursor_.at;
    TAFFRAIL_ASSIGN_OR_RETURN(plan::Stage stage, ParseAny(begin));
    if (!cursor_.AtEnd() && !cursor_.AtStage()) {
      return cursor_.Error("expected '|' and another stage, or the end of the query");
    }
    return stage;
  }

 private:
  absl::StatusOr<plan::Stage> ParseAny(size_t begin) {
    if (TakeWord("where")) {
      TAFFRAIL_ASSIGN_OR_RETURN(expr::ExprPtr condition, ParseFilter(cursor_, terms_));
      return plan::Filter{std::move(condition)};
    }
    if (TakeWord("fields")) return ParseFields();
    if (TakeWord("count")) return ParseCount();
    if (TakeWord("stats")) return ParseStats();
    if (TakeWord("sort")) return ParseSort();
    if (TakeWord("limit")) return ParseLimit();
    return cursor_.ErrorAt(
        begin, "expected a stage: where, fields, count, stats, sort or limit; to search for '|' quote it");
  }

  bool TakeWord(std::string_view word) { return cursor_.TakeWord(word, "(),|"); }

  bool TakeSymbol(char c) {
    if (cursor_.Peek() != c) return false;
    ++cursor_.at;
    cursor_.SkipSpace();
    return true;
  }

  // A name, in quotes or up to a space or a symbol.
  absl::StatusOr<std::string> TakeName(std::string_view what) {
    std::string name;
    if (cursor_.Peek() == '"') {
      const size_t end = cursor_.text.find('"', cursor_.at + 1);
      if (end == std::string_view::npos) return cursor_.Error("this quote is never closed");
      name = cursor_.text.substr(cursor_.at + 1, end - cursor_.at - 1);
      cursor_.at = end + 1;
    } else {
      constexpr std::string_view kStops = ",()|\"";
      while (!cursor_.AtEnd() && !IsSpace(cursor_.Peek()) &&
             kStops.find(cursor_.Peek()) == std::string_view::npos) {
        name += cursor_.text[cursor_.at++];
      }
    }
    if (name.empty()) return cursor_.Error(fmt::format("expected {}", what));
    cursor_.SkipSpace();
    return name;
  }

  absl::StatusOr<plan::Stage> ParseFields() {
    plan::Project project;
    do {
      TAFFRAIL_ASSIGN_OR_RETURN(std::string name, TakeName("the name of a field"));
      plan::Column column{.name = name, .field = FieldOf(name)};
      if (TakeWord("as")) {
        TAFFRAIL_ASSIGN_OR_RETURN(column.name, TakeName("a name for the column"));
      }
      project.columns.push_back(std::move(column));
    } while (TakeSymbol(','));
    return project;
  }

  absl::StatusOr<plan::Stage> ParseCount() {
    Aggregate aggregate;
    aggregate.calls.push_back({.name = "count"});
    if (TakeSymbol('(') && !TakeSymbol(')'))
      return cursor_.Error("expected ')'; stats count(field) counts values");
    TAFFRAIL_RETURN_IF_ERROR(ParseKeys(aggregate));
    return aggregate;
  }

  absl::StatusOr<plan::Stage> ParseStats() {
    Aggregate aggregate;
    do {
      TAFFRAIL_ASSIGN_OR_RETURN(Call call, ParseCall());
      aggregate.calls.push_back(std::move(call));
    } while (TakeSymbol(','));
    TAFFRAIL_RETURN_IF_ERROR(ParseKeys(aggregate));
    return aggregate;
  }

  absl::StatusOr<Call> ParseCall() {
    const size_t begin = cursor_.at;
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string function,
                              TakeName("a function, such as count() or p95(duration_ms)"));
    Call call;
    bool known = false;
    for (const auto& [name, value] : kFunctions) {
      if (name != function) continue;
      call.function = value;
      known = true;
    }
    if (const std::optional<double> quantile = AsPercentile(function); !known && quantile) {
      call.function = Function::kQuantile;
      call.quantile = *quantile;
      known = true;
    }
    if (!known) {
      return cursor_.ErrorAt(
          begin, fmt::format("there is no function \"{}\"; there are count, count_distinct, sum, avg, "
                             "min, max and percentiles such as p95",
                             function));
    }
    if (!TakeSymbol('(')) return cursor_.Error(fmt::format("expected '(' after {}", function));
    std::string argument;
    if (cursor_.Peek() != ')') {
      TAFFRAIL_ASSIGN_OR_RETURN(argument, TakeName("the name of a field"));
      call.has_field = true;
      call.field = FieldOf(argument);
    }
    if (!TakeSymbol(')')) return cursor_.Error("expected ')'");
    call.name = call.has_field ? fmt::format("{}({})", function, argument) : function;
    if (TakeWord("as")) {
      TAFFRAIL_ASSIGN_OR_RETURN(call.name, TakeName("a name for the column"));
    }
    return call;
  }

  absl::Status ParseKeys(Aggregate& aggregate) {
    if (!TakeWord("by")) return absl::OkStatus();
    do {
      const size_t begin = cursor_.at;
      TAFFRAIL_ASSIGN_OR_RETURN(std::string name, TakeName("the name of a field, or time(5m)"));
      GroupKey key{.name = name, .field = FieldOf(name)};
      if (name == "time" && TakeSymbol('(')) {
        TAFFRAIL_ASSIGN_OR_RETURN(const std::string text, TakeName("a duration, such as 5m"));
        const std::optional<int64_t> bucket_ns = base::ParseDuration(text);
        if (!bucket_ns || *bucket_ns <= 0)
          return cursor_.ErrorAt(begin, "time() takes a duration, such as time(5m)");
        if (!TakeSymbol(')')) return cursor_.Error("expected ')'");
        key.field = {};
        key.bucket_ns = *bucket_ns;
      }
      aggregate.keys.push_back(std::move(key));
    } while (TakeSymbol(','));
    return absl::OkStatus();
  }

  absl::StatusOr<plan::Stage> ParseSort() {
    plan::Sort sort;
    do {
      plan::SortKey key;
      key.descending = TakeSymbol('-');
      TAFFRAIL_ASSIGN_OR_RETURN(const std::string name, TakeName("the name of a field to sort by"));
      key.field = FieldOf(name);
      if (TakeWord("desc")) {
        key.descending = true;
      } else {
        TakeWord("asc");
      }
      sort.keys.push_back(std::move(key));
    } while (TakeSymbol(','));
    return sort;
  }

  absl::StatusOr<plan::Stage> ParseLimit() {
    const size_t begin = cursor_.at;
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string text, TakeName("a number of rows"));
    plan::Limit limit;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), limit.count);
    if (result.ec != std::errc() || result.ptr != text.data() + text.size()) {
      return cursor_.ErrorAt(begin, "expected a number of rows");
    }
    return limit;
  }

  expr::FieldRef FieldOf(std::string_view name) const { return terms_.FieldOf(name); }

  Cursor& cursor_;
  TermBuilder terms_;
};

}  // namespace

absl::StatusOr<plan::Stage> ParseStage(Cursor& cursor, bool of_table, int64_t now_ns) {
  return StageParser(cursor, of_table, now_ns).Parse();
}

}  // namespace taffrail::query::lang::search
