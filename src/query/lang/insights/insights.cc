#include "query/lang/insights/insights.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "base/nearest.h"
#include "fmt/format.h"
#include "query/lang/insights/builder.h"

namespace taffrail::query::lang::insights {
namespace {

using expr::FieldRef;
using Kind = Node::Kind;
using Source = FieldRef::Source;

// Each is checked together with all before it. People chain a handful.
constexpr size_t kMaxCommands = 100;

// Commands of the language that this one does not have, and what to do instead.
constexpr std::pair<std::string_view, std::string_view> kMissing[] = {
    {"diff", "run the query twice, with --from and --to for either period"},
    {"anomaly", "use stats with bin()"},
    {"join", "ask for both sides and join the answers"},
    {"lookup", "ask without it and join the answer"},
    {"unmask", "what was masked was masked before it was stored"},
    {"addtotals", "use a second query without by"},
    {"source", "choose by fields: filter log_group = \"…\""},
    {"tail", "use sort @timestamp asc and limit"},
};

constexpr std::string_view kCommands[] = {"fields", "display", "filter", "where", "filterIndex",
                                          "stats",  "sort",    "limit",  "parse", "dedup",
                                          "head",   "pattern", "unnest"};

// "user=*, took *" finds user=1, took 5: every '*' is a group, the last one to the end of the text.
std::string GlobRegex(std::string_view glob, const std::vector<std::string>& groups) {
  std::string regex = "(?s)";
  size_t group = 0;
  for (size_t i = 0; i < glob.size(); ++i) {
    if (glob[i] != '*') {
      const size_t end = std::min(glob.find('*', i), glob.size());
      regex += RE2::QuoteMeta(re2::StringPiece(glob.data() + i, end - i));
      i = end - 1;
      continue;
    }
    regex += fmt::format("(?P<{}>{})", groups[group++], i + 1 == glob.size() ? ".*" : ".*?");
  }
  return regex;
}

class Parser {
 public:
  Parser(std::string_view text, int64_t now_ns) : lexer_(text), builder_(lexer_, now_ns) {}

  absl::StatusOr<plan::Plan> Parse() {
    TAFFRAIL_RETURN_IF_ERROR(lexer_.Start());
    while (!lexer_.AtEnd()) {
      const size_t begin = lexer_.token().begin;
      if (++commands_ > kMaxCommands) {
        return lexer_.Error(fmt::format("more than {} commands", kMaxCommands));
      }
      TAFFRAIL_RETURN_IF_ERROR(Command());
      TAFFRAIL_RETURN_IF_ERROR(Check(begin));
      if (lexer_.AtEnd()) break;
      if (!lexer_.AtSymbol("|")) {
        return lexer_.Error(
            fmt::format("expected '|' and another command, or the end, not {}", lexer_.Shown()));
      }
      TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
      if (lexer_.AtEnd()) return lexer_.Error("expected a command after '|'");
    }
    builder_.Finish(has_limit_);
    TAFFRAIL_RETURN_IF_ERROR(Check(0));
    return std::move(builder_.plan());
  }

 private:
  absl::Status Check(size_t begin) {
    const absl::Status status = plan::Verify(builder_.plan());
    if (status.ok()) return status;
    return lexer_.ErrorAt(begin, std::string(status.message()));
  }

  absl::Status Command() {
    struct Entry {
      std::string_view word;
      absl::Status (Parser::*parse)();
    };
    constexpr Entry kEntries[] = {
        {"fields", &Parser::Fields},
        {"display", &Parser::Display},
        {"filter", &Parser::Filter},
        {"where", &Parser::Filter},
        {"filterIndex", &Parser::FilterIndex},
        {"stats", &Parser::Stats},
        {"sort", &Parser::Sort},
        {"limit", &Parser::Limit},
        {"head", &Parser::Limit},
        {"parse", &Parser::ParseCommand},
        {"dedup", &Parser::Dedup},
        {"pattern", &Parser::Pattern},
        {"unnest", &Parser::Unnest},
    };
    for (const Entry& entry : kEntries) {
      if (!lexer_.AtWord(entry.word)) continue;
      TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
      return (this->*entry.parse)();
    }
    for (const auto& [word, instead] : kMissing) {
      if (lexer_.AtWord(word)) {
        return lexer_.Error(fmt::format("the command {} is not supported; {}", word, instead));
      }
    }
    if (lexer_.token().kind == Token::Kind::kName) {
      const std::string_view nearest = base::Nearest(lexer_.token().text, kCommands);
      if (!nearest.empty()) {
        return lexer_.Error(
            fmt::format("there is no command \"{}\"; did you mean \"{}\"?", lexer_.token().text, nearest));
      }
    }
    return lexer_.Error(
        fmt::format("expected a command, not {}: fields, display, filter, filterIndex, stats, "
                    "sort, limit, parse, dedup, pattern or unnest",
                    lexer_.Shown()));
  }

  absl::Status Fields() {
    TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<Item> items, ParseItems(lexer_, builder_.compiler()));
    for (const Item& item : items) {
      if (builder_.shown() > plan::kMaxColumns) break;  // Finish makes a plan that is refused
      const Node& node = *item.node;
      const bool plain = node.kind == Kind::kField && node.text + node.path == item.name;
      if (plain) {
        TAFFRAIL_ASSIGN_OR_RETURN(Compiler::Field field, builder_.FieldFor(node));
        builder_.Show(item.name, std::move(field.ref));
        continue;
      }
      if (const auto column = Compiler::ColumnOf(item.name, builder_.scope());
          column && item.name == builder_.compiler().Written(node)) {
        builder_.Show(*column, {Source::kField, *column});
        continue;
      }
      TAFFRAIL_ASSIGN_OR_RETURN(Typed held, builder_.compiler().Held(node, builder_.scope()));
      builder_.Extend(item.name, std::move(held.scalar));
      builder_.scope().Create(item.name, held.type);
      builder_.Show(item.name, {Source::kField, item.name});
    }
    return absl::OkStatus();
  }

  absl::Status Display() {
    builder_.ShowOnly();
    return Fields();
  }

  absl::Status Filter() {
    TAFFRAIL_ASSIGN_OR_RETURN(const NodePtr condition, ParseExpression(lexer_));
    return builder_.AddFilter(*condition);
  }

  // As filter: here every field is as good as indexed.
  absl::Status FilterIndex() {
    const size_t begin = lexer_.token().begin;
    TAFFRAIL_ASSIGN_OR_RETURN(const NodePtr condition, ParseExpression(lexer_));
    const bool is_simple = (condition->IsOperator("eq") || condition->IsOperator("in")) &&
                           condition->children[0]->kind == Kind::kField &&
                           condition->children[1]->IsLiteral();
    if (!is_simple) {
      return lexer_.ErrorAt(
          begin, "filterIndex takes field = value or field in [values]; filter takes any condition");
    }
    return builder_.AddFilter(*condition);
  }

  absl::Status Stats() { return ParseStats(lexer_, builder_); }

  absl::Status Sort() {
    plan::Sort sort;
    do {
      if (!sort.keys.empty()) TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
      TAFFRAIL_ASSIGN_OR_RETURN(const NodePtr node, ParseExpression(lexer_));
      TAFFRAIL_ASSIGN_OR_RETURN(Compiler::Field field, builder_.FieldFor(*node));
      plan::SortKey key{.field = std::move(field.ref)};
      if (lexer_.AtWord("asc") || lexer_.AtWord("desc")) {
        key.descending = lexer_.AtWord("desc");
        TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
      }
      sort.keys.push_back(std::move(key));
    } while (lexer_.AtSymbol(","));
    builder_.plan().stages.emplace_back(std::move(sort));
    return absl::OkStatus();
  }

  absl::Status Limit() {
    if (lexer_.AtWord("any")) TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
    const std::string& text = lexer_.token().text;
    plan::Limit limit;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), limit.count);
    if (lexer_.token().kind != Token::Kind::kNumber || read.ec != std::errc() ||
        read.ptr != text.data() + text.size()) {
      return lexer_.Error(fmt::format("expected a number of rows, not {}", lexer_.Shown()));
    }
    has_limit_ = true;
    builder_.plan().stages.emplace_back(limit);
    return lexer_.Advance();
  }

  absl::Status Dedup() {
    plan::Dedup dedup;
    dedup.keeps_missing = true;
    do {
      if (!dedup.fields.empty()) TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
      TAFFRAIL_ASSIGN_OR_RETURN(const NodePtr node, ParseExpression(lexer_));
      TAFFRAIL_ASSIGN_OR_RETURN(Compiler::Field field, builder_.FieldFor(*node));
      dedup.fields.push_back(std::move(field.ref));
    } while (lexer_.AtSymbol(","));
    builder_.plan().stages.emplace_back(std::move(dedup));
    return absl::OkStatus();
  }

  absl::Status ParseCommand() {
    FieldRef from{Source::kLine, ""};
    const bool is_pattern = lexer_.AtSymbol("/") || lexer_.token().kind == Token::Kind::kText;
    if (!is_pattern) {
      TAFFRAIL_ASSIGN_OR_RETURN(const NodePtr node, ParseSource());
      TAFFRAIL_ASSIGN_OR_RETURN(Compiler::Field field, builder_.FieldFor(*node));
      from = std::move(field.ref);
    }
    if (lexer_.AtSymbol("/")) return ParseByRegex(std::move(from));
    if (lexer_.token().kind == Token::Kind::kText) return ParseByGlob(std::move(from));
    return lexer_.Error("expected a pattern: \"user=* took *\" as user, took or /user=(?<user>\\S+)/");
  }

  // A name, or a call: what stands before a '/' here is not divided by it.
  absl::StatusOr<NodePtr> ParseSource() {
    if (lexer_.token().kind == Token::Kind::kName) return ParseOperand(lexer_);
    return lexer_.Error(fmt::format("expected a field or a pattern, not {}", lexer_.Shown()));
  }

  absl::Status ParseByGlob(FieldRef from) {
    const Token glob = lexer_.token();
    const auto stars = static_cast<size_t>(std::count(glob.text.begin(), glob.text.end(), '*'));
    if (stars == 0)
      return lexer_.Error("expected a '*' for each name, as in \"user=* took *\" as user, took");
    if (stars > plan::kMaxColumns) return lexer_.Error("this pattern has more '*' than a table has columns");
    constexpr size_t kMaxGlobBytes = 16384;  // it becomes a regular expression
    if (glob.text.size() > kMaxGlobBytes) {
      return lexer_.Error(fmt::format("this pattern is longer than {} bytes", kMaxGlobBytes));
    }
    TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
    if (!lexer_.AtWord("as")) return lexer_.Error("expected as and a name for each '*'");
    std::vector<std::string> names;
    do {
      TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
      TAFFRAIL_ASSIGN_OR_RETURN(const NodePtr name, ParseName(lexer_, "a name for a '*'"));
      names.push_back(name->text);
    } while (lexer_.AtSymbol(","));
    if (names.size() != stars) {
      return lexer_.ErrorAt(
          glob.begin, fmt::format("this pattern has {} '*', and there are {} names", stars, names.size()));
    }
    std::vector<std::string> groups;
    for (size_t i = 0; i < stars; ++i) groups.push_back(GroupName(i));
    return AddParse(std::move(from), GlobRegex(glob.text, groups), groups, names);
  }

  absl::Status ParseByRegex(FieldRef from) {
    const size_t begin = lexer_.token().begin;
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string pattern, lexer_.TakeRegex());
    const RE2 regex(pattern, RE2::Quiet);
    std::vector<std::string> names;
    for (const auto& [number, name] : regex.CapturingGroupNames()) names.push_back(name);
    if (names.empty()) return lexer_.ErrorAt(begin, "expected a named group, such as /user=(?<user>\\S+)/");
    // Groups under names of our own: a label of the stream may have the name already.
    std::vector<std::string> groups;
    std::string renamed = pattern;
    for (size_t i = 0; i < names.size(); ++i) {
      groups.push_back(GroupName(i));
      const std::string written = "(?P<" + names[i] + ">";
      renamed.replace(renamed.find(written), written.size(), "(?P<" + groups[i] + ">");
    }
    if (lexer_.AtWord("as")) return lexer_.Error("a regular expression names its fields itself: (?<name>…)");
    return AddParse(std::move(from), std::move(renamed), groups, names);
  }

  std::string GroupName(size_t number) const { return fmt::format("__parse{}_{}", parses_, number); }

  absl::Status AddParse(FieldRef from, std::string pattern, const std::vector<std::string>& groups,
                        const std::vector<std::string>& names) {
    ++parses_;
    plan::ParseFields parse;
    parse.format = plan::ParseFields::Format::kRegexp;
    parse.from = std::move(from);
    parse.pattern = std::move(pattern);
    parse.typed = true;
    builder_.plan().stages.emplace_back(std::move(parse));
    plan::Rename rename;
    if (builder_.shown() == 0) {
      builder_.Show("@timestamp", {Source::kTimestamp, ""});
      builder_.Show("@message", {Source::kLine, ""});
    }
    for (size_t i = 0; i < names.size(); ++i) {
      rename.names.emplace_back(groups[i], names[i]);
      builder_.scope().Create(names[i], Type::kAny);
      builder_.Show(names[i], {Source::kField, names[i]});
    }
    builder_.plan().stages.emplace_back(std::move(rename));
    return absl::OkStatus();
  }

  // A row for each pattern of the texts, the most frequent first.
  absl::Status Pattern() {
    TAFFRAIL_ASSIGN_OR_RETURN(const NodePtr node, ParseExpression(lexer_));
    TAFFRAIL_ASSIGN_OR_RETURN(const Typed text, builder_.compiler().Held(*node, builder_.scope()));
    const std::string name = builder_.NewName();
    builder_.Extend(name, plan::MakeCall("pattern", {text.scalar}));
    plan::Aggregate aggregate;
    aggregate.keys.push_back({.name = "@pattern", .field = {Source::kField, name}});
    aggregate.calls.push_back({.name = "@sampleCount"});
    aggregate.calls.push_back({.name = "@ratio", .function = plan::Function::kShare});
    std::vector<std::pair<std::string, Type>> columns = {
        {"@pattern", Type::kAny}, {"@sampleCount", Type::kAny}, {"@ratio", Type::kAny}};
    if (!builder_.scope().is_table) {
      aggregate.calls.push_back({.name = "@severityLabel",
                                 .function = plan::Function::kFirst,
                                 .has_field = true,
                                 .field = {Source::kLevel, ""}});
      columns.emplace_back("@severityLabel", Type::kAny);
    }
    builder_.plan().stages.emplace_back(std::move(aggregate));
    builder_.BecomeTable(std::move(columns));
    builder_.plan().stages.emplace_back(
        plan::Sort{{{.field = {Source::kField, "@sampleCount"}, .descending = true}}});
    return absl::OkStatus();
  }

  absl::Status Unnest() {
    TAFFRAIL_ASSIGN_OR_RETURN(const NodePtr node, ParseExpression(lexer_));
    if (!lexer_.AtWord("into")) return lexer_.Error("expected into and a name for the elements");
    TAFFRAIL_RETURN_IF_ERROR(lexer_.Advance());
    TAFFRAIL_ASSIGN_OR_RETURN(const NodePtr name, ParseName(lexer_, "a name for the elements"));
    TAFFRAIL_ASSIGN_OR_RETURN(Compiler::Field field, builder_.FieldFor(*node));
    builder_.plan().stages.emplace_back(plan::Unnest{std::move(field.ref), name->text});
    builder_.scope().Create(name->text, Type::kAny);
    if (builder_.shown() > 0) builder_.Show(name->text, {Source::kField, name->text});
    return absl::OkStatus();
  }

  Lexer lexer_;
  Builder builder_;
  bool has_limit_ = false;
  size_t parses_ = 0;
  size_t commands_ = 0;
};

}  // namespace

absl::StatusOr<plan::Plan> Parse(std::string_view text, int64_t now_ns) {
  return Parser(text, now_ns).Parse();
}

}  // namespace taffrail::query::lang::insights
