#include "query/lang/logql/logql.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "expr/syntax_error.h"
#include "expr/words.h"
#include "fmt/format.h"
#include "query/lang/logql/label_filter.h"
#include "query/lang/logql/lexer.h"
#include "query/lang/logql/line_filter.h"

namespace taffrail::query::lang::logql {
namespace {

using expr::ExprPtr;
using Type = Token::Type;

// Loki's other stages: named in errors, so that nobody looks for a typing mistake.
constexpr std::string_view kLaterStages[] = {
    "logfmt",       "pattern",    "regexp", "unpack", "xml",    "line_format",
    "label_format", "decolorize", "drop",   "keep",   "unwrap", "distinct",
};

constexpr std::string_view kSupported =
    "so far there are line filters (|= != |~ !~), | json and label filters (| level=\"error\")";

constexpr int kMaxParentheses = 32;  // around a whole query: programs add a pair or two

// Of the whole filter. A dozen comparisons give a hundred; only chains of comparisons with `or` before
// several conditions on __error__, each of which holds what led to it, multiply beyond.
constexpr int kMaxNodes = 10'000;

struct TreeSize {
  int nodes = 0;
  int depth = 0;
};

// Stops counting beyond kMaxNodes: parts of the tree are shared, so walking it may cost far more than it
// holds.
void Measure(const expr::Expr& expr, int depth, TreeSize& size) {
  if (++size.nodes > kMaxNodes) return;
  size.depth = std::max(size.depth, depth);
  for (const ExprPtr& child : expr.children) Measure(*child, depth + 1, size);
}

class Parser {
 public:
  Parser(std::string_view query, const std::vector<Token>& tokens) : reader_(query, tokens) {}

  absl::StatusOr<ExprPtr> ParseAll() {
    std::vector<size_t> open;
    while (reader_.Peek().Is("(") && open.size() < kMaxParentheses) open.push_back(reader_.Take().offset);
    TAFFRAIL_RETURN_IF_ERROR(RefuseMetricQuery());
    TAFFRAIL_RETURN_IF_ERROR(ParseSelector());
    while (reader_.Peek().type != Type::kEnd) {
      if (open.empty() || !reader_.Peek().Is(")")) {
        TAFFRAIL_RETURN_IF_ERROR(ParseStage());
        continue;
      }
      reader_.Take();
      open.pop_back();
      const bool ends = reader_.Peek().type == Type::kEnd || reader_.Peek().Is(")");
      if (!ends) return reader_.Error("a query in parentheses ends with them");
    }
    if (!open.empty()) return reader_.ErrorAt(open.back(), "this '(' is never closed");
    ExprPtr filter = expr::And(std::move(conditions_));
    TreeSize size;
    Measure(*filter, 1, size);
    if (size.nodes > kMaxNodes) {
      return reader_.ErrorAt(
          0, "the conditions on __error__ after this many comparisons are more than can be kept");
    }
    if (size.depth > expr::kMaxExprDepth) {
      return reader_.ErrorAt(0, fmt::format("the conditions nest deeper than {}", expr::kMaxExprDepth));
    }
    return filter;
  }

 private:
  absl::Status RefuseMetricQuery() const {
    if (reader_.Peek().type == Type::kEnd) {
      return reader_.Error("a query begins with a stream selector: {app=\"api\"}, or {} for all streams");
    }
    const bool is_metric = reader_.Peek().type == Type::kName || reader_.Peek().type == Type::kNumber;
    if (!is_metric) return absl::OkStatus();
    return reader_.Error(
        fmt::format("metric queries are not supported yet, and \"{}\" begins one; a log query begins with a "
                    "stream selector: "
                    "{{app=\"api\"}}, or {{}} for all streams",
                    reader_.Peek().source));
  }

  absl::Status ParseSelector() {
    const size_t begin = reader_.Peek().offset;
    if (!reader_.TakeSymbol("{")) {
      return reader_.Error("a query begins with a stream selector: {app=\"api\"}, or {} for all streams");
    }
    while (!reader_.TakeSymbol("}")) {
      if (reader_.Peek().type == Type::kEnd)
        return reader_.ErrorAt(begin, "expected '}': this '{' is never closed");
      if (reader_.Peek().type != Type::kName) return reader_.Error("expected the name of a label, or '}'");
      const Token& name = reader_.Take();
      size_t text_offset = 0;
      TAFFRAIL_ASSIGN_OR_RETURN(const TextMatch match, TakeTextMatch(reader_, text_offset));
      TAFFRAIL_RETURN_IF_ERROR(
          Add(MatchLabel({expr::FieldRef::Source::kStream, std::string(name.source)}, match), text_offset));
      const bool goes_on = reader_.TakeSymbol(",") || reader_.Peek().Is("}") || AtEnd();
      if (!goes_on) return reader_.Error("expected ',' or '}' after a label of the stream selector");
    }
    return absl::OkStatus();
  }

  bool AtEnd() const { return reader_.Peek().type == Type::kEnd; }

  absl::Status ParseStage() {
    for (const std::string_view op : {"|=", "!=", "|~", "!~"}) {
      if (reader_.Peek().Is(op)) return ParseLineFilter();
    }
    if (reader_.Peek().Is("|>") || reader_.Peek().Is("!>")) {
      return reader_.Error(
          fmt::format("{}, a pattern filter, is not supported yet; {}", reader_.Peek().source, kSupported));
    }
    if (reader_.Peek().Is("[")) {
      return reader_.Error(
          "a range belongs to a metric query, which is not supported yet; the time range of a "
          "log query is given beside it");
    }
    if (!reader_.TakeSymbol("|")) return reader_.Error("expected a stage: |= != |~ !~ or |");
    TAFFRAIL_RETURN_IF_ERROR(RefuseLaterStage());
    if (reader_.AtKeyword("json")) return ParseJson();
    TAFFRAIL_ASSIGN_OR_RETURN(Conversion filter, LabelFilterParser(reader_, check_, labels_).Parse());
    conditions_.push_back(std::move(filter.passes));
    labels_.AddFailures(std::move(filter.fails));
    return absl::OkStatus();
  }

  absl::Status RefuseLaterStage() const {
    for (const std::string_view stage : kLaterStages) {
      if (reader_.AtKeyword(stage)) {
        return reader_.Error(fmt::format("\"| {}\" is not supported yet; {}", stage, kSupported));
      }
    }
    return absl::OkStatus();
  }

  absl::Status ParseJson() {
    reader_.Take();
    if (reader_.Peek().type == Type::kName) {
      return reader_.Error(
          "| json with parameters is not supported yet; | json alone makes a label of every "
          "field, named as its path: a.b is a_b");
    }
    labels_.ParseJson();
    return absl::OkStatus();
  }

  // The operator holds for the whole chain: != "a" or "b" keeps lines with neither.
  absl::Status ParseLineFilter() {
    const std::string_view op = reader_.Take().source;
    std::vector<ExprPtr> chain;
    do {
      if (reader_.AtKeyword("ip")) {
        return reader_.Error(
            "ip() as a line filter is not supported yet; after | json a label filter can use "
            "it: | addr=ip(\"10.0.0.0/8\")");
      }
      if (reader_.Peek().type != Type::kText)
        return reader_.Error("expected a text in double quotes or backticks");
      const Token& text = reader_.Take();
      absl::StatusOr<ExprPtr> found = op.back() == '~' ? LineMatches(text.text) : LineContains(text.text);
      if (!found.ok()) return reader_.ErrorAt(text.offset, std::string(found.status().message()));
      TAFFRAIL_RETURN_IF_ERROR(check_.Check(*found, text.offset));
      chain.push_back(*std::move(found));
    } while (reader_.TakeKeyword("or"));
    ExprPtr any = expr::Or(std::move(chain));
    conditions_.push_back(op[0] == '!' ? expr::Not(std::move(any)) : std::move(any));
    return absl::OkStatus();
  }

  absl::Status Add(ExprPtr condition, size_t offset) {
    TAFFRAIL_RETURN_IF_ERROR(check_.Check(condition, offset));
    conditions_.push_back(std::move(condition));
    return absl::OkStatus();
  }

  TokenReader reader_;
  ConditionCheck check_{reader_};
  Labels labels_;
  std::vector<ExprPtr> conditions_;
};

}  // namespace

absl::StatusOr<plan::Plan> Parse(std::string_view text, int64_t /*now_ns*/) {
  if (text.size() > kMaxQueryBytes) {
    return expr::SyntaxError(text, kMaxQueryBytes,
                             fmt::format("the query is longer than {} bytes", kMaxQueryBytes));
  }
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<Token> tokens, Lex(text));
  plan::Plan plan;
  TAFFRAIL_ASSIGN_OR_RETURN(plan.source.filter, Parser(text, tokens).ParseAll());
  return plan;
}

}  // namespace taffrail::query::lang::logql
