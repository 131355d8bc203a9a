#include "query/lang/insights/compiler.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/nearest.h"
#include "base/network.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "record/json_writer.h"

namespace taffrail::query::lang::insights {
namespace {

using expr::FieldRef;
using Kind = Node::Kind;
using plan::MakeCall;
using plan::MakeConstant;
using plan::MakeField;
using plan::ScalarPtr;
using Source = FieldRef::Source;

// The plan's and(), or() and the like take no more than this; longer lists become trees.
constexpr size_t kMaxArguments = 64;

ScalarPtr Call(std::string_view name, std::vector<ScalarPtr> arguments) {
  return MakeCall(std::string(name), std::move(arguments));
}

ScalarPtr Wide(std::string_view name, std::vector<ScalarPtr> arguments) {
  while (arguments.size() > kMaxArguments) {
    std::vector<ScalarPtr> fewer;
    for (size_t i = 0; i < arguments.size(); i += kMaxArguments) {
      const auto begin = arguments.begin() + static_cast<ptrdiff_t>(i);
      const auto end =
          arguments.begin() + static_cast<ptrdiff_t>(std::min(i + kMaxArguments, arguments.size()));
      fewer.push_back(Call(name, {begin, end}));
    }
    arguments = std::move(fewer);
  }
  return arguments.size() == 1 ? arguments[0] : Call(name, std::move(arguments));
}

bool IsIndex(std::string_view part) {
  return !part.empty() && part.size() < 10 &&
         std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "b.0.c" and "[1].d" behind it as the path ["b"][0]["c"][1]["d"].
std::string PathText(std::string_view dotted, std::string_view indexed) {
  std::string out;
  const auto add_key = [&out](std::string_view part) {
    if (part.empty()) return;
    if (IsIndex(part)) {
      out += fmt::format("[{}]", part);
      return;
    }
    out += '[';
    record::AppendJsonString(part, out);
    out += ']';
  };
  const auto add_keys = [&](std::string_view keys) {
    while (!keys.empty()) {
      const size_t dot = keys.find('.');
      add_key(keys.substr(0, dot));
      keys = dot == std::string_view::npos ? "" : keys.substr(dot + 1);
    }
  };
  add_keys(dotted);
  while (!indexed.empty()) {  // [1].d[2] …
    const size_t close = indexed.find(']');
    if (indexed[0] != '[' || close == std::string_view::npos) {
      const size_t open = indexed.find('[');
      add_keys(indexed.substr(0, open));
      indexed = open == std::string_view::npos ? "" : indexed.substr(open);
      continue;
    }
    add_key(indexed.substr(1, close - 1));
    indexed = indexed.substr(close + 1);
  }
  return out;
}

ScalarPtr Inside(ScalarPtr value, const std::string& path) {
  return Call("json_get", {std::move(value), MakeConstant(path)});
}

expr::Value NumberOf(std::string_view text) {
  int64_t integer = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (read.ec == std::errc() && read.ptr == text.data() + text.size()) return integer;
  return expr::ParseJsonValue(text);
}

ScalarPtr AsNumber(const Typed& value) {
  if (value.type == Type::kTime) return Call("to_millis", {value.scalar});
  if (value.type == Type::kBool) {
    return Call("if", {value.scalar, MakeConstant(int64_t{1}), MakeConstant(int64_t{0})});
  }
  return value.scalar;
}

// Nine digits, so that times compare as texts; none where every one is of whole seconds.
ScalarPtr AsHeld(const Typed& value) {
  if (value.type != Type::kTime) return AsNumber(value);
  return Call("time_text", {value.scalar, MakeConstant(int64_t{9})});
}

}  // namespace

std::string Compiler::Written(const Node& node) const {
  return std::string(lexer_.text().substr(node.begin, node.end - node.begin));
}

std::string Squeezed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') out += c;
  }
  return out;
}

void Scope::Create(const std::string& name, Type type) {
  const bool is_new = created.insert_or_assign(name, type).second;
  if (!is_table || !is_new) return;
  columns.push_back(name);
  written.emplace(Squeezed(name), name);
}

std::optional<std::string> Compiler::ColumnOf(const std::string& written, const Scope& scope) {
  if (!scope.is_table) return std::nullopt;
  const auto found = scope.written.find(Squeezed(written));
  return found == scope.written.end() ? std::nullopt : std::optional(found->second);
}

absl::Status Compiler::NoColumn(const Node& node, const Scope& scope) const {
  std::vector<std::string_view> names(scope.columns.begin(), scope.columns.end());
  const std::string_view nearest = base::Nearest(node.text, names);
  if (!nearest.empty()) {
    return lexer_.ErrorAt(
        node.begin, fmt::format("there is no \"{}\" after stats; did you mean \"{}\"?", node.text, nearest));
  }
  return lexer_.ErrorAt(node.begin, fmt::format("there is no \"{}\" after stats; there are {}", node.text,
                                                fmt::join(names, ", ")));
}

absl::StatusOr<std::optional<Compiler::Field>> Compiler::FieldOf(const Node& node, const Scope& scope) const {
  const auto created = scope.created.find(node.text);
  if (created != scope.created.end()) {
    if (!node.path.empty()) return std::nullopt;
    return Field{{Source::kField, node.text}, created->second};
  }
  for (size_t dot = node.text.find('.'); dot != std::string::npos; dot = node.text.find('.', dot + 1)) {
    if (scope.Has(node.text.substr(0, dot))) return std::nullopt;
  }
  if (scope.is_table) return NoColumn(node, scope);
  if (!node.path.empty()) return std::nullopt;
  if (node.text == "@timestamp" || node.text == "@ingestionTime")
    return Field{{Source::kTimestamp, ""}, Type::kTime};
  if (node.text == "@message") return Field{{Source::kLine, ""}};
  if (node.text == "@logStream") return Field{{Source::kField, "log_stream"}};
  if (node.text == "@log") return Field{{Source::kField, "log_group"}};
  if (node.text == "@ptr") return std::nullopt;
  std::string_view rest = node.text;
  for (size_t dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
    rest = rest.substr(dot + 1);
    if (IsIndex(rest.substr(0, rest.find('.')))) return std::nullopt;
  }
  return Field{{Source::kField, node.text}};
}

absl::StatusOr<Typed> Compiler::FieldValue(const Node& node, const Scope& scope) const {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::optional<Field> field, FieldOf(node, scope));
  if (field) {
    if (field->type != Type::kTime || field->ref.source == Source::kTimestamp) {
      return Typed{MakeField(field->ref), field->type == Type::kTime ? Type::kTime : Type::kAny};
    }
    return Typed{Call("to_time", {MakeField(field->ref)}), Type::kTime};
  }
  if (node.text == "@ptr") {
    return Typed{
        Call("record_id", {MakeField({Source::kTimestamp, ""}), MakeField({Source::kSequence, ""})})};
  }
  // Inside a value: of the longest name that is one, else from the first part that is a place in a list.
  const std::string& name = node.text;
  if (scope.Has(name)) return Typed{Inside(MakeField({Source::kField, name}), PathText("", node.path))};
  for (size_t dot = name.rfind('.'); dot != std::string::npos && dot > 0; dot = name.rfind('.', dot - 1)) {
    if (!scope.Has(name.substr(0, dot))) continue;
    return Typed{
        Inside(MakeField({Source::kField, name.substr(0, dot)}), PathText(name.substr(dot + 1), node.path))};
  }
  for (size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    const std::string rest = name.substr(dot + 1);
    if (!IsIndex(rest.substr(0, rest.find('.')))) continue;
    ScalarPtr inside = Inside(MakeField({Source::kField, name.substr(0, dot)}), PathText(rest, node.path));
    if (!node.path.empty()) return Typed{std::move(inside)};
    return Typed{Call("coalesce", {MakeField({Source::kField, name}), std::move(inside)})};
  }
  return Typed{Inside(MakeField({Source::kField, name}), PathText("", node.path))};
}

absl::StatusOr<Typed> Compiler::Value(const Node& node, const Scope& scope) const {
  switch (node.kind) {
    case Kind::kField:
      return FieldValue(node, scope);
    case Kind::kText:
      return Typed{MakeConstant(node.text)};
    case Kind::kNumber:
      return Typed{MakeConstant(NumberOf(node.text))};
    case Kind::kBool:
      return Typed{MakeConstant(node.text == "true"), Type::kBool};
    case Kind::kNull:
      return Typed{MakeConstant(expr::Null{})};
    case Kind::kPeriod:
      return lexer_.ErrorAt(node.begin,
                            fmt::format("a period such as {} stands in bin(), datefloor() or "
                                        "dateceil(); names that begin with a digit need backticks",
                                        node.text));
    case Kind::kStar:
      return lexer_.ErrorAt(node.begin, "* stands in count(*) alone");
    case Kind::kOperator:
      return OperatorValue(node, scope);
    case Kind::kCall:
      break;
  }
  return CallValue(node, scope);
}

absl::StatusOr<Typed> Compiler::Held(const Node& node, const Scope& scope) const {
  TAFFRAIL_ASSIGN_OR_RETURN(Typed value, Value(node, scope));
  return Typed{AsHeld(value), value.type == Type::kTime ? Type::kTime : Type::kAny};
}

absl::StatusOr<Typed> Compiler::OperatorValue(const Node& node, const Scope& scope) const {
  if (node.text == "and" || node.text == "or" || node.text == "not") {
    Scalars parts;
    for (const NodePtr& child : node.children) {
      TAFFRAIL_ASSIGN_OR_RETURN(Typed part, Value(*child, scope));
      parts.push_back(std::move(part.scalar));
    }
    return Typed{node.text == "not" ? Call("not", std::move(parts)) : Wide(node.text, std::move(parts)),
                 Type::kBool};
  }
  if (node.text == "in") return Membership(node, scope);
  if (node.text == "like" || node.text == "regex") {
    TAFFRAIL_ASSIGN_OR_RETURN(ScalarPtr text, Argument(*node.children[0], scope, Function::Times::kAsTexts));
    return Typed{Call(node.text == "like" ? "contains" : "matches",
                      {std::move(text), MakeConstant(node.children[1]->text)}),
                 Type::kBool};
  }
  const bool compares = node.text.size() == 2;  // eq ne lt le gt ge
  if (compares) return Comparison(node, scope);
  Scalars numbers;
  for (const NodePtr& child : node.children) {
    TAFFRAIL_ASSIGN_OR_RETURN(ScalarPtr number, Argument(*child, scope, Function::Times::kAsNumbers));
    numbers.push_back(std::move(number));
  }
  return Typed{Call(node.text, std::move(numbers))};
}

// As a condition on a field has it: what is no number is neither above nor below one, and what is missing is
// unequal to everything but null.
absl::StatusOr<Typed> Compiler::Comparison(const Node& node, const Scope& scope) const {
  const Node& left = *node.children[0];
  const Node& right = *node.children[1];
  TAFFRAIL_ASSIGN_OR_RETURN(Typed a, Value(left, scope));
  TAFFRAIL_ASSIGN_OR_RETURN(Typed b, Value(right, scope));
  const bool truths = (a.type == Type::kBool && right.kind == Kind::kBool) ||
                      (b.type == Type::kBool && left.kind == Kind::kBool);
  if (!truths && left.kind != Kind::kBool && right.kind != Kind::kBool) {
    if (a.type == Type::kTime && right.kind == Kind::kText) b = {Call("to_time", {b.scalar}), Type::kTime};
    if (b.type == Type::kTime && left.kind == Kind::kText) a = {Call("to_time", {a.scalar}), Type::kTime};
    if (a.type != Type::kTime || b.type != Type::kTime) {
      a.scalar = AsNumber(a);
      b.scalar = AsNumber(b);
    }
  } else if (!truths) {  // a field that holds true or false
    a.scalar = Call("to_text", {a.scalar});
    b.scalar = Call("to_text", {b.scalar});
  }
  if (node.text != "eq" && node.text != "ne") {
    if (left.kind == Kind::kNumber) b.scalar = Call("to_number", {b.scalar});
    if (right.kind == Kind::kNumber) a.scalar = Call("to_number", {a.scalar});
  }
  return Typed{Call(node.text, {std::move(a.scalar), std::move(b.scalar)}), Type::kBool};
}

absl::StatusOr<Typed> Compiler::Membership(const Node& node, const Scope& scope) const {
  Scalars arguments;
  TAFFRAIL_ASSIGN_OR_RETURN(ScalarPtr value, Argument(*node.children[0], scope, Function::Times::kAsNumbers));
  arguments.push_back(std::move(value));
  for (size_t i = 1; i < node.children.size(); ++i) {
    TAFFRAIL_ASSIGN_OR_RETURN(const Typed element, Value(*node.children[i], scope));
    arguments.push_back(AsNumber(element));
  }
  if (arguments.size() == 1) return Typed{MakeConstant(false), Type::kBool};
  return Typed{Call("one_of", std::move(arguments)), Type::kBool};
}

absl::StatusOr<ScalarPtr> Compiler::Argument(const Node& node, const Scope& scope,
                                             Function::Times times) const {
  TAFFRAIL_ASSIGN_OR_RETURN(Typed value, Value(node, scope));
  if (times == Function::Times::kAsThey) return value.scalar;
  return times == Function::Times::kAsTexts ? AsHeld(value) : AsNumber(value);
}

absl::Status Compiler::UnknownFunction(const Node& node) const {
  if (FindAggregate(node.text) != nullptr) {
    return lexer_.ErrorAt(node.begin,
                          fmt::format("{}() is of many lines: it stands in stats, not here", node.text));
  }
  const std::vector<std::string_view> names = FunctionNames(true);
  const std::string_view nearest = base::Nearest(node.text, names);
  if (!nearest.empty()) {
    return lexer_.ErrorAt(
        node.begin, fmt::format("there is no function \"{}\"; did you mean \"{}\"?", node.text, nearest));
  }
  return lexer_.ErrorAt(node.begin, fmt::format("there is no function \"{}\"; there are {}", node.text,
                                                fmt::join(names, ", ")));
}

absl::Status Compiler::WrongArguments(const Node& node, std::string_view form) const {
  return lexer_.ErrorAt(node.begin, fmt::format("expected {}", form));
}

absl::StatusOr<Typed> Compiler::CallValue(const Node& node, const Scope& scope) const {
  if (const std::optional<std::string> column = ColumnOf(Written(node), scope)) {
    Node name;
    name.kind = Kind::kField;
    name.text = *column;
    return FieldValue(name, scope);
  }
  const Function* const function = FindFunction(node.text);
  if (function == nullptr) return UnknownFunction(node);
  if (node.children.size() < function->min_arguments || node.children.size() > function->max_arguments) {
    return WrongArguments(node, function->form);
  }
  if (function->name == "now") return Typed{MakeConstant(now_ns_ / 1'000'000'000)};
  if (function->scalar.empty()) {
    return function->result == Type::kTime ? TimeCall(*function, node, scope)
                                           : SubnetCall(*function, node, scope);
  }
  Scalars arguments;
  for (const NodePtr& child : node.children) {
    TAFFRAIL_ASSIGN_OR_RETURN(ScalarPtr argument, Argument(*child, scope, function->times));
    arguments.push_back(std::move(argument));
  }
  return Typed{Call(function->scalar, std::move(arguments)), function->result};
}

absl::StatusOr<Period> Compiler::PeriodOf(const Node& node) const {
  const std::optional<Period> period =
      node.kind == Kind::kPeriod ? ParsePeriod(node.text) : std::optional<Period>();
  if (period) return *period;
  return lexer_.ErrorAt(node.begin, "expected a period, such as 30s, 5m, 1h, 1d, 1w, 1mo, 1q or 1y");
}

absl::StatusOr<Typed> Compiler::Time(const Scope& scope, size_t begin) const {
  if (!scope.is_table) return Typed{MakeField({Source::kTimestamp, ""}), Type::kTime};
  if (scope.Has("@timestamp")) {
    return Typed{Call("to_time", {MakeField({Source::kField, "@timestamp"})}), Type::kTime};
  }
  return lexer_.ErrorAt(
      begin,
      "bin() is of @timestamp, which an earlier stats has left behind; use datefloor() of a "
      "column that is a time");
}

absl::StatusOr<Typed> Compiler::TimeCall(const Function& function, const Node& node,
                                         const Scope& scope) const {
  TAFFRAIL_ASSIGN_OR_RETURN(const Period period, PeriodOf(*node.children.back()));
  Typed time;
  if (node.children.size() == 1) {
    TAFFRAIL_ASSIGN_OR_RETURN(time, Time(scope, node.begin));
  } else {
    TAFFRAIL_ASSIGN_OR_RETURN(time, Value(*node.children[0], scope));
    if (time.type != Type::kTime) {
      return lexer_.ErrorAt(node.children[0]->begin,
                            "expected a time, such as @timestamp or fromMillis(field)");
    }
  }
  const std::string_view name = function.name == "dateceil" ? "bucket_end" : "bucket";
  return Typed{Call(name, {std::move(time.scalar), MakeConstant(period.Text())}), Type::kTime};
}

std::optional<int64_t> Compiler::BucketOf(const Node& node, const Scope& scope) const {
  if (scope.is_table || node.kind != Kind::kCall) return std::nullopt;
  const Function* const function = FindFunction(node.text);
  if (function == nullptr || (function->name != "bin" && function->name != "datefloor")) return std::nullopt;
  if (node.children.size() != function->min_arguments) return std::nullopt;
  if (function->name == "datefloor") {
    const Node& time = *node.children[0];
    if (time.kind != Kind::kField || time.text != "@timestamp" || scope.Has(time.text)) return std::nullopt;
  }
  const Node& written = *node.children.back();
  const auto period = written.kind == Kind::kPeriod ? ParsePeriod(written.text) : std::optional<Period>();
  if (!period || period->months > 0) return std::nullopt;
  return period->length_ns;
}

absl::StatusOr<std::string> Compiler::NetworkOf(const Function& function, const Node& node) const {
  const bool is_network = node.kind == Kind::kText && base::Network::Parse(node.text);
  const bool is_v6 = node.text.find(':') != std::string::npos;
  if (is_network && function.name == (is_v6 ? "isIpv6InSubnet" : "isIpv4InSubnet")) return node.text;
  if (is_network && function.name == "isIpInSubnet") return node.text;
  return lexer_.ErrorAt(node.begin, fmt::format("expected a network in quotes, as in {}", function.form));
}

absl::StatusOr<Typed> Compiler::SubnetCall(const Function& function, const Node& node,
                                           const Scope& scope) const {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string network, NetworkOf(function, *node.children[1]));
  TAFFRAIL_ASSIGN_OR_RETURN(ScalarPtr address, Argument(*node.children[0], scope, Function::Times::kAsTexts));
  return Typed{Call("in_network", {std::move(address), MakeConstant(network)}), Type::kBool};
}

}  // namespace taffrail::query::lang::insights
