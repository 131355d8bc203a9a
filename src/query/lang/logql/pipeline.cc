#include "query/lang/logql/pipeline.h"

#include <algorithm>
#include <set>

#include "base/network.h"
#include "expr/matcher.h"
#include "fmt/format.h"
#include "query/lang/logql/line_filter.h"
#include "query/lang/logql/logql.h"
#include "query/parse/json.h"
#include "query/parse/pattern.h"
#include "query/parse/regexp.h"
#include "query/templates/template.h"

namespace taffrail::query::lang::logql {
namespace {

using expr::ExprPtr;
using plan::ParseFields;
using Type = Token::Type;

constexpr std::string_view kLabelFilterError = "LabelFilterErr";
constexpr std::string_view kDetectedLevel = "detected_level";
constexpr std::string_view kLineFilters[] = {"|=", "!=", "|~", "!~", "|>", "!>"};

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

// The first line of an error: its text and caret would stand below ours.
std::string Message(const absl::Status& status) {
  const std::string message(status.message());
  return message.substr(0, message.find('\n'));
}

}  // namespace

absl::Status PipelineParser::ParseSelector() {
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
    ExprPtr condition = MatchLabel({expr::FieldRef::Source::kStream, std::string(name.source)}, match);
    TAFFRAIL_RETURN_IF_ERROR(check_.Check(condition, text_offset));
    conditions_.push_back(std::move(condition));
    if (!match.is_regex && !match.is_negated) equal_labels_.emplace_back(name.source, match.text);
    const bool goes_on =
        reader_.TakeSymbol(",") || reader_.Peek().Is("}") || reader_.Peek().type == Type::kEnd;
    if (!goes_on) return reader_.Error("expected ',' or '}' after a label of the stream selector");
  }
  std::sort(equal_labels_.begin(), equal_labels_.end());
  return absl::OkStatus();
}

bool PipelineParser::AtStage() const {
  if (reader_.Peek().Is("|")) return true;
  return std::any_of(std::begin(kLineFilters), std::end(kLineFilters),
                     [this](std::string_view op) { return reader_.Peek().Is(op); });
}

bool PipelineParser::AtUnwrap() const {
  return reader_.Peek().Is("|") && reader_.PeekNext().type == Type::kName &&
         reader_.PeekNext().source == "unwrap";
}

void PipelineParser::MakeEntries() {
  if (makes_entries_) return;
  makes_entries_ = true;
  labels_.BecomeFields();
  plan::Extend level;
  level.assignments.push_back({std::string(kDetectedLevel), false, plan::MakeCall("detect_level", {})});
  stages_.insert(stages_.begin(), std::move(level));
}

absl::Status PipelineParser::ParseStage() {
  if (!reader_.Peek().Is("|")) return ParseLineFilter();
  reader_.Take();
  if (has_unwrap_ || reader_.Peek().type != Type::kName) return ParseLabelFilter();
  // A stage's word is a label's name too: | json="x" is a filter.
  const Token& next = reader_.PeekNext();
  for (const std::string_view op : {"=", "!=", "=~", "!~", "==", ">", ">=", "<", "<="}) {
    const bool filters_line = next.Is("!=") || next.Is("!~");
    const bool takes_name = reader_.AtKeyword("json") || reader_.AtKeyword("logfmt") ||
                            reader_.AtKeyword("unpack") || reader_.AtKeyword("decolorize");
    if (next.Is(op) && !(filters_line && takes_name)) return ParseLabelFilter();
  }
  const std::string_view word = reader_.Peek().source;
  if (reader_.AtKeyword("json")) return ParseJson();
  if (word == "logfmt") return ParseLogfmt();
  if (word == "pattern") return ParsePattern(ParseFields::Format::kPattern);
  if (word == "regexp") return ParsePattern(ParseFields::Format::kRegexp);
  if (word == "line_format") return ParseLineFormat();
  if (word == "label_format") return ParseLabelFormat();
  if (word == "drop" || word == "keep") return ParseSelect(word == "keep");
  if (word == "unpack") {
    reader_.Take();
    MakeEntries();
    stages_.emplace_back(ParseFields{.format = ParseFields::Format::kUnpack});
    changed_line_ = true;
    return absl::OkStatus();
  }
  if (word == "decolorize") {
    reader_.Take();
    MakeEntries();
    AddExtend({"", true, plan::MakeCall("decolorize", {})});
    changed_line_ = true;
    return absl::OkStatus();
  }
  if (word == "unwrap") {
    return reader_.Error(
        "unwrap belongs to a metric query: sum_over_time({app=\"api\"} | json | unwrap ms [5m])");
  }
  if (word == "xml" || word == "distinct")
    return reader_.Error(fmt::format("\"| {}\" is not supported", word));
  return ParseLabelFilter();
}

// The operator holds for the whole chain: != "a" or "b" keeps lines with neither.
absl::Status PipelineParser::ParseLineFilter() {
  const Token& op = reader_.Take();
  std::vector<ExprPtr> chain;
  do {
    TAFFRAIL_RETURN_IF_ERROR(ParseLineOperand(op.source, chain));
  } while (reader_.TakeKeyword("or"));
  const bool hidden = hidden_fields_ > 0;
  ExprPtr any = expr::Or(std::move(chain));
  ExprPtr condition = op.source[0] == '!' ? expr::Not(std::move(any)) : std::move(any);
  if (!hidden) {
    AddLineCondition(std::move(condition));
    return absl::OkStatus();
  }
  stages_.emplace_back(plan::Filter{std::move(condition)});
  plan::Select drop;
  for (; hidden_fields_ > 0; --hidden_fields_) {
    drop.names.push_back({.name = fmt::format("__ip_{}__", hidden_fields_ - 1)});
  }
  stages_.emplace_back(std::move(drop));
  return absl::OkStatus();
}

absl::Status PipelineParser::ParseLineOperand(std::string_view op, std::vector<ExprPtr>& chain) {
  if (reader_.AtKeyword("ip") && reader_.PeekNext().Is("(")) {
    const size_t begin = reader_.Take().offset;
    if (op.back() != '=') return reader_.ErrorAt(begin, "ip() is looked for with |= or !=");
    reader_.Take();
    const size_t text_offset = reader_.Peek().offset;
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string network, TakeText());
    if (!base::Network::ParseRange(network)) {
      return reader_.ErrorAt(text_offset, fmt::format("\"{}\" is no network, range or address", network));
    }
    if (!reader_.TakeSymbol(")")) return reader_.Error("expected ')' after the network");
    MakeEntries();
    // The condition is on a field that is there for as long as it takes.
    const std::string name = fmt::format("__ip_{}__", hidden_fields_++);
    AddExtend({name, false,
               plan::MakeCall("finds_address", {plan::MakeField({expr::FieldRef::Source::kLine, ""}),
                                                plan::MakeConstant(network)})});
    chain.push_back(MatchLabel({expr::FieldRef::Source::kLabel, name}, {.text = "true"}));
    return absl::OkStatus();
  }
  if (reader_.Peek().type != Type::kText) {
    return reader_.Error("expected a text in double quotes or backticks");
  }
  const Token& text = reader_.Take();
  absl::StatusOr<ExprPtr> found = ExprPtr();
  if (op.back() == '>') {
    const auto pattern = parse::Pattern::Parse(text.text, parse::Pattern::Use::kFilter);
    if (!pattern.ok()) return reader_.ErrorAt(text.offset, Message(pattern.status()));
    found = LineMatches(parse::PatternToRegex(text.text));
  } else {
    found = op.back() == '~' ? LineMatches(text.text) : LineContains(text.text);
  }
  if (!found.ok()) return reader_.ErrorAt(text.offset, Message(found.status()));
  TAFFRAIL_RETURN_IF_ERROR(check_.Check(*found, text.offset));
  chain.push_back(*std::move(found));
  return absl::OkStatus();
}

void PipelineParser::AddLineCondition(ExprPtr condition) {
  if (changed_line_) {
    stages_.emplace_back(plan::Filter{std::move(condition)});
  } else {
    conditions_.push_back(std::move(condition));
  }
}

absl::Status PipelineParser::ParseJson() {
  reader_.Take();
  ParseFields parse;
  if (reader_.Peek().type == Type::kName) {
    MakeEntries();
    TAFFRAIL_RETURN_IF_ERROR(ParseWanted(parse));
  } else if (changed_line_ || makes_entries_) {
    MakeEntries();
  } else {
    labels_.ParseJson();
  }
  stages_.emplace_back(std::move(parse));
  return absl::OkStatus();
}

absl::Status PipelineParser::ParseLogfmt() {
  reader_.Take();
  MakeEntries();
  ParseFields parse;
  parse.format = ParseFields::Format::kLogfmt;
  while (reader_.Peek().Is("-")) {
    const size_t begin = reader_.Peek().offset;
    reader_.Take();
    const bool twice = reader_.TakeSymbol("-");
    if (twice && reader_.TakeKeyword("strict")) {
      parse.strict = true;
    } else if (twice && reader_.TakeKeyword("keep") && reader_.TakeSymbol("-") &&
               reader_.TakeKeyword("empty")) {
      parse.keep_empty = true;
    } else {
      return reader_.ErrorAt(begin, "logfmt has the flags --strict and --keep-empty");
    }
  }
  if (reader_.Peek().type == Type::kName) TAFFRAIL_RETURN_IF_ERROR(ParseWanted(parse));
  stages_.emplace_back(std::move(parse));
  return absl::OkStatus();
}

absl::Status PipelineParser::ParseWanted(ParseFields& parse) {
  do {
    ParseFields::Wanted wanted;
    TAFFRAIL_ASSIGN_OR_RETURN(wanted.name, TakeName("label"));
    wanted.path = wanted.name;
    if (reader_.TakeSymbol("=")) {
      const size_t begin = reader_.Peek().offset;
      TAFFRAIL_ASSIGN_OR_RETURN(wanted.path, TakeText());
      if (parse.format == ParseFields::Format::kJson) {
        const auto path = parse::JsonPath::Parse(wanted.path);
        if (!path.ok()) return reader_.ErrorAt(begin, Message(path.status()));
      }
    }
    if (parse.wanted.size() == plan::kMaxColumns) {
      return reader_.Error(fmt::format("more than {} labels", plan::kMaxColumns));
    }
    parse.wanted.push_back(std::move(wanted));
  } while (reader_.TakeSymbol(","));
  return absl::OkStatus();
}

absl::Status PipelineParser::ParsePattern(ParseFields::Format format) {
  reader_.Take();
  const size_t begin = reader_.Peek().offset;
  ParseFields parse;
  parse.format = format;
  TAFFRAIL_ASSIGN_OR_RETURN(parse.pattern, TakeText());
  const absl::Status status =
      format == ParseFields::Format::kPattern
          ? parse::Pattern::Parse(parse.pattern, parse::Pattern::Use::kFields).status()
          : parse::Regexp::Compile(parse.pattern).status();
  if (!status.ok()) return reader_.ErrorAt(begin, Message(status));
  MakeEntries();
  stages_.emplace_back(std::move(parse));
  return absl::OkStatus();
}

absl::Status PipelineParser::ParseLineFormat() {
  reads_labels_ = true;
  reader_.Take();
  TAFFRAIL_ASSIGN_OR_RETURN(std::string text, TakeTemplate());
  MakeEntries();
  AddExtend({"", true, plan::MakeCall("template", {plan::MakeConstant(std::move(text))})});
  changed_line_ = true;
  return absl::OkStatus();
}

absl::Status PipelineParser::ParseLabelFormat() {
  reads_labels_ = true;
  reader_.Take();
  MakeEntries();
  std::vector<LabelFormat> formats;
  std::set<std::string, std::less<>> names;
  do {
    const size_t begin = reader_.Peek().offset;
    LabelFormat format;
    TAFFRAIL_ASSIGN_OR_RETURN(format.name, TakeName("label"));
    if (Labels::IsError(format.name)) return reader_.ErrorAt(begin, "__error__ cannot be formatted");
    if (!names.insert(format.name).second) {
      return reader_.ErrorAt(
          begin,
          fmt::format("multiple label name '{}' not allowed in a single format operation", format.name));
    }
    if (!reader_.TakeSymbol("=")) return reader_.Error("expected '=' and a label's name or a template");
    format.renames = reader_.Peek().type == Type::kName;
    if (format.renames) {
      format.from = reader_.Take().source;
    } else {
      TAFFRAIL_ASSIGN_OR_RETURN(format.from, TakeTemplate());
    }
    formats.push_back(std::move(format));
  } while (reader_.TakeSymbol(","));
  AddLabelFormats(formats);
  return absl::OkStatus();
}

// Each in its turn, but templates see the labels as they were at the first of them: what a later one must not
// see yet waits under another name.
void PipelineParser::AddLabelFormats(const std::vector<LabelFormat>& formats) {
  const auto make = [](const LabelFormat& format, std::string name) {
    return plan::Assignment{std::move(name), false,
                            plan::MakeCall("template", {plan::MakeConstant(format.from)})};
  };
  const auto first =
      std::find_if(formats.begin(), formats.end(), [](const LabelFormat& format) { return !format.renames; });
  const bool waits = std::any_of(first, formats.end(), [&](const LabelFormat& later) {
    return !later.renames && std::any_of(first, formats.end(), [&](const LabelFormat& other) {
      const bool earlier = &other < &later;
      const bool reads = later.from.find(other.name) != std::string::npos ||
                         (other.renames && later.from.find(other.from) != std::string::npos);
      return earlier && reads;
    });
  });
  const auto hidden = [&formats](const LabelFormat& format) {
    return fmt::format("__format_{}__", &format - formats.data());
  };
  for (const LabelFormat& format : formats) {
    if (waits && &format == &*first) {
      plan::Extend extend;
      for (auto each = first; each != formats.end(); ++each) {
        if (!each->renames) extend.assignments.push_back(make(*each, hidden(*each)));
      }
      stages_.emplace_back(std::move(extend));
    }
    if (format.renames) {
      stages_.emplace_back(plan::Rename{{{format.from, format.name}}});
    } else if (waits) {
      stages_.emplace_back(plan::Rename{{{hidden(format), format.name}}});
    } else {
      AddExtend(make(format, format.name));
    }
  }
}

absl::Status PipelineParser::ParseSelect(bool keeps) {
  reader_.Take();
  MakeEntries();
  plan::Select select{.keeps = keeps, .names = {}};
  do {
    plan::Select::Name name;
    TAFFRAIL_ASSIGN_OR_RETURN(name.name, TakeName("label"));
    for (const std::string_view op : {"=", "!=", "=~", "!~"}) {
      // `| drop a != "x"` could be a line filter after it; Loki reads a condition.
      if (!reader_.Peek().Is(op)) continue;
      size_t text_offset = 0;
      TAFFRAIL_ASSIGN_OR_RETURN(TextMatch match, TakeTextMatch(reader_, text_offset));
      TAFFRAIL_RETURN_IF_ERROR(check_.Check(MatchLabel(labels_.Find(name.name), match), text_offset));
      name.has_condition = true;
      name.is_regex = match.is_regex;
      name.is_negated = match.is_negated;
      name.text = std::move(match.text);
      break;
    }
    select.names.push_back(std::move(name));
  } while (reader_.TakeSymbol(","));
  stages_.emplace_back(std::move(select));
  return absl::OkStatus();
}

absl::Status PipelineParser::ParseLabelFilter() {
  reads_labels_ = true;
  const bool names_level = reader_.NamesAhead(kDetectedLevel);
  if (names_level) MakeEntries();
  TAFFRAIL_ASSIGN_OR_RETURN(Conversion filter, LabelFilterParser(reader_, check_, labels_).Parse());
  if (makes_entries_) {
    stages_.emplace_back(plan::Filter{std::move(filter.passes)});
  } else {
    conditions_.push_back(std::move(filter.passes));
    labels_.AddFailures(filter.fails);
  }
  // After the filter, whose conditions are on the errors there were before it.
  if (filter.fails->op != expr::Expr::Op::kFalse) {
    stages_.emplace_back(plan::Mark{std::string(kLabelFilterError), std::move(filter.fails)});
  }
  return absl::OkStatus();
}

absl::Status PipelineParser::ParseUnwrap() {
  reads_labels_ = true;
  reader_.Take();
  reader_.Take();
  MakeEntries();
  if (has_unwrap_) return reader_.Error("a second unwrap: a range has one value");
  plan::Unwrap unwrap;
  const size_t begin = reader_.Peek().offset;
  TAFFRAIL_ASSIGN_OR_RETURN(unwrap.field, TakeName("label"));
  if (reader_.TakeSymbol("(")) {
    if (unwrap.field == "bytes") {
      unwrap.conversion = plan::Unwrap::Conversion::kBytes;
    } else if (unwrap.field == "duration" || unwrap.field == "duration_seconds") {
      unwrap.conversion = plan::Unwrap::Conversion::kDuration;
    } else {
      return reader_.ErrorAt(begin, "unwrap converts with duration, duration_seconds or bytes");
    }
    TAFFRAIL_ASSIGN_OR_RETURN(unwrap.field, TakeName("label"));
    if (!reader_.TakeSymbol(")")) return reader_.Error("expected ')' after the label");
  }
  stages_.emplace_back(std::move(unwrap));
  has_unwrap_ = true;
  return absl::OkStatus();
}

absl::StatusOr<plan::Plan> PipelineParser::Finish() {
  plan::Plan plan;
  plan.source.filter = expr::And(std::move(conditions_));
  TreeSize size;
  Measure(*plan.source.filter, 1, size);
  for (const plan::Stage& stage : makes_entries_ ? stages_ : std::vector<plan::Stage>()) {
    if (const auto* filter = std::get_if<plan::Filter>(&stage)) Measure(*filter->condition, 1, size);
    if (const auto* mark = std::get_if<plan::Mark>(&stage)) Measure(*mark->condition, 1, size);
  }
  if (size.nodes > kMaxNodes) {
    return reader_.ErrorAt(
        0, "the conditions on __error__ after this many comparisons are more than can be kept");
  }
  if (size.depth > expr::kMaxExprDepth) {
    return reader_.ErrorAt(0, fmt::format("the conditions nest deeper than {}", expr::kMaxExprDepth));
  }
  if (!makes_entries_) return plan;
  if (stages_.size() + kReservedStages > plan::kMaxStages) {
    return reader_.ErrorAt(0, fmt::format("more than {} stages", plan::kMaxStages - kReservedStages));
  }
  plan.stages = std::move(stages_);
  return plan;
}

absl::StatusOr<std::string> PipelineParser::TakeText() {
  if (reader_.Peek().type != Type::kText) {
    return reader_.Error("expected a text in double quotes or backticks");
  }
  return reader_.Take().text;
}

absl::StatusOr<std::string> PipelineParser::TakeTemplate() {
  const size_t begin = reader_.Peek().offset;
  TAFFRAIL_ASSIGN_OR_RETURN(std::string text, TakeText());
  const auto parsed = templates::Template::Parse(text, now_ns_);
  if (!parsed.ok()) return reader_.ErrorAt(begin, "in the template: " + Message(parsed.status()));
  return text;
}

absl::StatusOr<std::string> PipelineParser::TakeName(std::string_view what) {
  if (reader_.Peek().type != Type::kName)
    return reader_.Error(fmt::format("expected the name of a {}", what));
  return std::string(reader_.Take().source);
}

void PipelineParser::AddExtend(plan::Assignment assignment) {
  plan::Extend extend;
  extend.assignments.push_back(std::move(assignment));
  stages_.emplace_back(std::move(extend));
}

}  // namespace taffrail::query::lang::logql
