#include "query/lang/logql/logql.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "expr/matcher.h"
#include "expr/syntax_error.h"
#include "fmt/format.h"
#include "query/lang/logql/labels.h"
#include "query/lang/logql/lexer.h"
#include "query/lang/logql/line_filter.h"

namespace taffrail::query::lang::logql {
namespace {

using expr::Expr;
using expr::ExprPtr;
using expr::FieldRef;

// Stages and expressions of Loki that are still to come: named, so that the error says more than
// "unexpected".
constexpr std::string_view kLaterStages[] = {"logfmt",      "pattern",      "regexp", "unpack",
                                             "line_format", "label_format", "unwrap", "decolorize"};
constexpr std::string_view kSupported = "supported are |= != |~ !~, | json, label filters, | drop and | keep";

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) {}

  absl::StatusOr<ExprPtr> ParseQuery() {
    TAFFRAIL_RETURN_IF_ERROR(Advance());
    std::vector<ExprPtr> parts;
    TAFFRAIL_RETURN_IF_ERROR(ParseSelector(parts));
    while (token_.type != Token::Type::kEnd) {
      // Each is one more condition; people write a handful.
      if (parts.size() > kMaxConditions) return Error(fmt::format("more than {} conditions", kMaxConditions));
      TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr part, ParseStage());
      parts.push_back(std::move(part));
    }
    ExprPtr all = expr::And(std::move(parts));
    const absl::Status status = expr::Matcher::Compile(all).status();
    if (!status.ok()) return Error(std::string(status.message()));
    return all;
  }

 private:
  static constexpr size_t kMaxConditions = 1000;
  static constexpr int kMaxDepth = 50;          // parentheses; people write a handful
  static constexpr int kMaxNumberFilters = 64;  // each names the errors of all before it

  bool IsSymbol(std::string_view symbol) const {
    return token_.type == Token::Type::kSymbol && token_.text == symbol;
  }
  bool IsName(std::string_view name) const {
    return token_.type == Token::Type::kName && token_.text == name;
  }
  bool IsOneOf(std::initializer_list<std::string_view> symbols) const {
    return std::any_of(symbols.begin(), symbols.end(),
                       [this](std::string_view symbol) { return IsSymbol(symbol); });
  }

  absl::Status Error(std::string_view message) const { return ErrorAt(token_.offset, message); }
  absl::Status ErrorAt(size_t offset, std::string_view message) const {
    return expr::SyntaxError(lexer_.text(), offset, message);
  }
  template <typename T>
  absl::StatusOr<T> Placed(absl::StatusOr<T> result, size_t offset) const {
    if (result.ok()) return result;
    return ErrorAt(offset, std::string(result.status().message()));
  }

  absl::Status Advance() {
    TAFFRAIL_ASSIGN_OR_RETURN(token_, lexer_.Next());
    return absl::OkStatus();
  }
  absl::Status Expect(std::string_view symbol) {
    if (!IsSymbol(symbol)) return Error(fmt::format("expected '{}'", symbol));
    return Advance();
  }
  absl::StatusOr<std::string> ExpectName(std::string_view what) {
    if (token_.type != Token::Type::kName) return Error(fmt::format("expected {}", what));
    std::string name = std::move(token_.text);
    TAFFRAIL_RETURN_IF_ERROR(Advance());
    return name;
  }
  absl::StatusOr<std::string> ExpectString() {
    if (token_.type != Token::Type::kString) return Error("expected a text in \"quotes\" or `backticks`");
    std::string text = std::move(token_.text);
    TAFFRAIL_RETURN_IF_ERROR(Advance());
    return text;
  }

  absl::Status ParseSelector(std::vector<ExprPtr>& parts) {
    if (token_.type == Token::Type::kName || IsSymbol("(")) {
      return Error("metric queries are not supported yet; a log query begins with {label=\"value\"}");
    }
    if (!IsSymbol("{"))
      return Error("a log query begins with a stream selector: {label=\"value\"}, or {} for all");
    TAFFRAIL_RETURN_IF_ERROR(Advance());
    while (!IsSymbol("}")) {
      if (parts.size() > kMaxConditions) return Error(fmt::format("more than {} conditions", kMaxConditions));
      TAFFRAIL_ASSIGN_OR_RETURN(const std::string label, ExpectName("the name of a label"));
      if (!IsOneOf({"=", "!=", "=~", "!~"})) return Error("expected =, !=, =~ or !~");
      const std::string op = token_.text;
      TAFFRAIL_RETURN_IF_ERROR(Advance());
      const size_t begin = token_.offset;
      TAFFRAIL_ASSIGN_OR_RETURN(std::string value, ExpectString());
      TAFFRAIL_ASSIGN_OR_RETURN(
          ExprPtr part,
          Placed(TextCondition({FieldRef::Source::kStream, label}, op, std::move(value)), begin));
      parts.push_back(std::move(part));
      if (!IsSymbol(",")) break;
      TAFFRAIL_RETURN_IF_ERROR(Advance());
    }
    return Expect("}");
  }

  absl::StatusOr<ExprPtr> ParseStage() {
    if (IsOneOf({"|=", "!=", "|~", "!~"})) return ParseLineFilter();
    if (IsOneOf({"|>", "!>"})) {
      return Error(fmt::format("pattern filters ({}) are not supported yet; {}", token_.text, kSupported));
    }
    if (IsSymbol("[")) return Error("ranges belong to metric queries, which are not supported yet");
    if (!IsSymbol("|")) return Error("expected a line filter (|= \"text\") or a stage (| json)");
    TAFFRAIL_RETURN_IF_ERROR(Advance());
    if (IsName("json")) return ParseJson();
    if (IsName("drop") || IsName("keep")) return ParseDropOrKeep();
    for (const std::string_view stage : kLaterStages) {
      if (IsName(stage))
        return Error(fmt::format("the stage \"| {}\" is not supported yet; {}", stage, kSupported));
    }
    return ParseOr(1);
  }

  absl::StatusOr<ExprPtr> ParseLineFilter() {
    const std::string op = token_.text;
    std::vector<ExprPtr> choices;
    do {
      TAFFRAIL_RETURN_IF_ERROR(Advance());
      if (IsName("ip"))
        return Error(fmt::format("{} ip(…) is not supported yet; a label filter can use ip()", op));
      const size_t begin = token_.offset;
      TAFFRAIL_ASSIGN_OR_RETURN(std::string text, ExpectString());
      if (op == "|=" || op == "!=") {
        choices.push_back(LineContains(std::move(text)));
      } else {
        TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr choice, Placed(LineMatches(std::move(text)), begin));
        choices.push_back(std::move(choice));
      }
      if (choices.size() > kMaxConditions) return Error(fmt::format("more than {} choices", kMaxConditions));
    } while (IsName("or"));
    ExprPtr any = expr::Or(std::move(choices));
    return op[0] == '!' ? expr::Not(std::move(any)) : any;
  }

  absl::StatusOr<ExprPtr> ParseJson() {
    TAFFRAIL_RETURN_IF_ERROR(Advance());
    if (token_.type != Token::Type::kName) {
      labels_.ParseJson();
      return expr::True();
    }
    while (true) {
      TAFFRAIL_ASSIGN_OR_RETURN(const std::string label, ExpectName("the name of a label to extract"));
      std::string path = label;
      const size_t begin = token_.offset;
      if (IsSymbol("=")) {
        TAFFRAIL_RETURN_IF_ERROR(Advance());
        TAFFRAIL_ASSIGN_OR_RETURN(path, ExpectString());
      }
      const absl::Status status = labels_.ParseJson(label, path);
      if (!status.ok()) return ErrorAt(begin, std::string(status.message()));
      if (!IsSymbol(",")) return expr::True();
      TAFFRAIL_RETURN_IF_ERROR(Advance());
    }
  }

  absl::StatusOr<ExprPtr> ParseDropOrKeep() {
    const bool drops = token_.text == "drop";
    std::set<std::string> names;
    do {
      TAFFRAIL_RETURN_IF_ERROR(Advance());
      TAFFRAIL_ASSIGN_OR_RETURN(std::string name, ExpectName("the name of a label"));
      names.insert(std::move(name));
      if (IsOneOf({"=", "!=", "=~", "!~"})) {
        return Error(fmt::format("{} with a condition is not supported yet; name the labels alone",
                                 drops ? "drop" : "keep"));
      }
    } while (IsSymbol(","));
    if (drops) {
      for (const std::string& name : names) labels_.Drop(name);
    } else {
      labels_.Keep(std::move(names));
    }
    return expr::True();
  }

  absl::StatusOr<ExprPtr> ParseOr(int depth) {
    if (depth > kMaxDepth) return Error(fmt::format("parentheses nest deeper than {}", kMaxDepth));
    std::vector<ExprPtr> parts;
    while (true) {
      TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr part, ParseAnd(depth));
      parts.push_back(std::move(part));
      if (!IsName("or")) return expr::Or(std::move(parts));
      TAFFRAIL_RETURN_IF_ERROR(Advance());
    }
  }

  absl::StatusOr<ExprPtr> ParseAnd(int depth) {
    std::vector<ExprPtr> parts;
    while (true) {
      if (parts.size() > kMaxConditions) return Error(fmt::format("more than {} conditions", kMaxConditions));
      TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr part, ParseTerm(depth));
      parts.push_back(std::move(part));
      if (IsName("and") || IsSymbol(",")) {
        TAFFRAIL_RETURN_IF_ERROR(Advance());
      } else if ((token_.type != Token::Type::kName || token_.text == "or") && !IsSymbol("(")) {
        return expr::And(std::move(parts));
      }
    }
  }

  absl::StatusOr<ExprPtr> ParseTerm(int depth) {
    if (IsSymbol("(")) {
      TAFFRAIL_RETURN_IF_ERROR(Advance());
      TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr inner, ParseOr(depth + 1));
      TAFFRAIL_RETURN_IF_ERROR(Expect(")"));
      return inner;
    }
    const size_t begin = token_.offset;
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string label,
                              ExpectName("a label filter (status >= 500) or a stage (json)"));
    if (!IsOneOf({"=", "==", "!=", "=~", "!~", ">", ">=", "<", "<="})) {
      return ErrorAt(begin, fmt::format("\"{}\" is no stage, and a label filter needs an operator; {}", label,
                                        kSupported));
    }
    const std::string op = token_.text;
    TAFFRAIL_RETURN_IF_ERROR(Advance());
    return ParseOperand(label, op);
  }

  absl::StatusOr<ExprPtr> ParseOperand(const std::string& label, const std::string& op) {
    const size_t begin = token_.offset;
    const bool text_op = op == "=" || op == "!=" || op == "=~" || op == "!~";
    if (token_.type == Token::Type::kNumber && op != "=~" && op != "!~") {
      if (++number_filters_ > kMaxNumberFilters) {
        return Error(fmt::format("more than {} comparisons with numbers", kMaxNumberFilters));
      }
      ExprPtr condition = labels_.CompareNumber(label, op, token_);
      TAFFRAIL_RETURN_IF_ERROR(Advance());
      return condition;
    }
    if (IsName("ip") && (op == "=" || op == "!=")) {
      TAFFRAIL_RETURN_IF_ERROR(Advance());
      TAFFRAIL_RETURN_IF_ERROR(Expect("("));
      const size_t text_begin = token_.offset;
      TAFFRAIL_ASSIGN_OR_RETURN(std::string network, ExpectString());
      TAFFRAIL_RETURN_IF_ERROR(Expect(")"));
      return Placed(labels_.MatchNetwork(label, op, std::move(network)), text_begin);
    }
    if (!text_op) return Error(fmt::format("expected a number, duration or size after {}", op));
    TAFFRAIL_ASSIGN_OR_RETURN(std::string text, ExpectString());
    return Placed(labels_.MatchText(label, op, std::move(text)), begin);
  }

  Lexer lexer_;
  Token token_;
  Labels labels_;
  int number_filters_ = 0;
};

}  // namespace

absl::StatusOr<plan::Plan> Parse(std::string_view text) {
  plan::Plan plan;
  TAFFRAIL_ASSIGN_OR_RETURN(plan.source.filter, Parser(text).ParseQuery());
  return plan;
}

}  // namespace taffrail::query::lang::logql
