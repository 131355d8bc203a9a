#include "query/lang/logql/logql.h"

#include <utility>
#include <vector>

#include "expr/syntax_error.h"
#include "fmt/format.h"
#include "query/lang/logql/label_filter.h"
#include "query/lang/logql/lexer.h"
#include "query/lang/logql/metric.h"
#include "query/lang/logql/pipeline.h"

namespace taffrail::query::lang::logql {
namespace {

using Type = Token::Type;

constexpr int kMaxParentheses = 32;  // around a whole query: programs add a pair or two

absl::StatusOr<std::vector<Token>> LexQuery(std::string_view text) {
  if (text.size() > kMaxQueryBytes) {
    return expr::SyntaxError(text, kMaxQueryBytes,
                             fmt::format("the query is longer than {} bytes", kMaxQueryBytes));
  }
  return Lex(text);
}

absl::StatusOr<Query> ParseLogQuery(TokenReader& reader, ConditionCheck& check, const QueryOptions& options) {
  std::vector<size_t> open;
  while (reader.Peek().Is("(") && open.size() < kMaxParentheses) open.push_back(reader.Take().offset);
  PipelineParser pipeline(reader, check, options.now_ns);
  TAFFRAIL_RETURN_IF_ERROR(pipeline.ParseSelector());
  while (reader.Peek().type != Type::kEnd) {
    if (!open.empty() && reader.Peek().Is(")")) {
      reader.Take();
      open.pop_back();
      const bool ends = reader.Peek().type == Type::kEnd || reader.Peek().Is(")");
      if (!ends) return reader.Error("a query in parentheses ends with them");
      continue;
    }
    if (reader.Peek().Is("[")) {
      return reader.Error("a range belongs to a metric query: count_over_time({app=\"api\"}[5m])");
    }
    if (!pipeline.AtStage()) return reader.Error("expected a stage: |= != |~ !~ |> !> or |");
    TAFFRAIL_RETURN_IF_ERROR(pipeline.ParseStage());
  }
  if (!open.empty()) return reader.ErrorAt(open.back(), "this '(' is never closed");
  if (options.entries) pipeline.MakeEntries();
  Query query;
  TAFFRAIL_ASSIGN_OR_RETURN(query.plan, pipeline.Finish());
  return query;
}

absl::StatusOr<Query> ParseMetricQuery(TokenReader& reader, ConditionCheck& check,
                                       const QueryOptions& options) {
  TAFFRAIL_ASSIGN_OR_RETURN(MetricParser::Value value,
                            MetricParser(reader, check, options.grid, options.now_ns).Parse());
  if (reader.Peek().type != Type::kEnd) return reader.Error("expected an operator, or the end of the query");
  Query query;
  query.is_metric = true;
  if (value.is_scalar) {
    query.scalar = value.scalar;
    value.plan.source.constant = plan::ConstantVector{value.scalar, options.grid};
  }
  query.plan = std::move(value.plan);
  const absl::Status status = plan::Verify(query.plan);
  if (!status.ok()) return reader.ErrorAt(0, std::string(status.message()));
  return query;
}

// Whether a space stands between two tokens that follow each other.
bool Spaced(const Token& left, const Token& right) {
  const auto is_any = [](const Token& token, std::initializer_list<std::string_view> symbols) {
    for (const std::string_view symbol : symbols) {
      if (token.Is(symbol)) return true;
    }
    return false;
  };
  if (is_any(right, {",", ")", "]", "}", "."}) || is_any(left, {"(", "[", "{", "."})) return false;
  if (right.Is("(") || right.Is("[")) return left.type != Type::kName && !left.Is("}") && !left.Is("(");
  if (is_any(right, {"=", "=~"}) || is_any(left, {"=", "=~"})) return false;
  if (left.Is("-") && (right.Is("-") || right.type == Type::kName)) return false;
  return true;
}

}  // namespace

absl::StatusOr<Query> ParseQuery(std::string_view text, const QueryOptions& options) {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<Token> tokens, LexQuery(text));
  TokenReader reader(text, tokens);
  ConditionCheck check(reader);
  if (MetricParser::Begins(reader)) return ParseMetricQuery(reader, check, options);
  return ParseLogQuery(reader, check, options);
}

absl::StatusOr<plan::Plan> Parse(std::string_view text, int64_t now_ns) {
  const QueryOptions options{.now_ns = now_ns, .grid = {now_ns, now_ns, 1}};
  TAFFRAIL_ASSIGN_OR_RETURN(Query query, ParseQuery(text, options));
  return std::move(query.plan);
}

absl::StatusOr<std::string> Format(std::string_view text) {
  TAFFRAIL_RETURN_IF_ERROR(ParseQuery(text, {}).status());
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<Token> tokens, LexQuery(text));
  std::string out;
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (i > 0 && Spaced(tokens[i - 1], tokens[i])) out += ' ';
    out += tokens[i].source;
  }
  return out;
}

}  // namespace taffrail::query::lang::logql
