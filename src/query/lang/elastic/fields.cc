#include "query/lang/elastic/fields.h"

#include <algorithm>
#include <charconv>

#include "base/network.h"
#include "expr/leaf.h"
#include "expr/number.h"
#include "expr/wildcard.h"
#include "expr/words.h"
#include "fmt/format.h"
#include "query/lang/elastic/dates.h"
#include "query/lang/elastic/index.h"
#include "query/plan/record_id.h"

namespace taffrail::query::lang::elastic {
namespace {

using expr::Expr;
using expr::ExprPtr;
using expr::FieldRef;
using expr::Leaf;
using expr::TimeLeaf;
using Source = FieldRef::Source;

constexpr std::string_view kWordClass = "[0-9A-Za-z_\\x{80}-\\x{10FFFF}]";
constexpr std::string_view kWordEdge = "(?:^|[^0-9A-Za-z_\\x{80}-\\x{10FFFF}])";
constexpr std::string_view kWordEnd = "(?:$|[^0-9A-Za-z_\\x{80}-\\x{10FFFF}])";

bool IsWord(char c) { return expr::IsWordByte(static_cast<unsigned char>(c)); }

void AppendLiteral(char c, std::string& regex) {
  constexpr std::string_view kSpecial = "\\.+*?()|[]{}^$";
  if (kSpecial.find(c) != std::string_view::npos) regex += '\\';
  regex += c;
}

// '*' and '?' within one word.
std::string WordRegex(std::string_view pattern) {
  std::string regex(kWordEdge);
  for (size_t i = 0; i < pattern.size(); ++i) {
    char c = pattern[i];
    if (c == '*' || c == '?') {
      regex += kWordClass;
      if (c == '*') regex += '*';
      continue;
    }
    if (c == '\\' && i + 1 < pattern.size()) c = pattern[++i];
    AppendLiteral(c, regex);
  }
  return regex + std::string(kWordEnd);
}

ExprPtr RegexLeaf(const Field& field, std::string pattern, bool ignore_case, bool anchored) {
  Expr expr;
  expr.op = Expr::Op::kRegex;
  expr.field = field.ref;
  expr.text = std::move(pattern);
  expr.ignore_case = ignore_case;
  expr.anchored = anchored;
  return expr::Make(std::move(expr));
}

bool IsText(const Field& field) { return !field.is_keyword && field.kind != Field::Kind::kTime; }

// The characters of Lucene's regular expressions that RE2 has not, or has with another meaning.
absl::StatusOr<std::string> TranslateRegex(std::string_view pattern) {
  std::string regex;
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      const char next = pattern[++i];
      const bool is_class = std::string_view("dDwWsS").find(next) != std::string_view::npos;
      if (is_class) {
        regex += {'\\', next};
      } else {
        AppendLiteral(next, regex);
      }
    } else if (in_class) {
      in_class = c != ']';
      if (c == '[') regex += '\\';
      regex += c;
    } else if (c == '"') {
      const size_t close = std::min(pattern.find('"', i + 1), pattern.size());
      for (const char literal : pattern.substr(i + 1, close - i - 1)) AppendLiteral(literal, regex);
      i = close;
    } else if (c == '@') {
      regex += ".*";
    } else if (c == '^' || c == '$') {
      AppendLiteral(c, regex);
    } else if (c == '~' || c == '&' || c == '<' || c == '#') {
      return absl::InvalidArgumentError(fmt::format(
          "[regexp] the operator [{}] is not supported here; write [\\{}] for the character", c, c));
    } else {
      in_class = c == '[';
      regex += c;
    }
  }
  return regex;
}

Bound WithOp(std::string text, Expr::Op op) { return {std::move(text), false, op}; }

ExprPtr NumberLeaf(Expr::Op op, const FieldRef& field, double number) {
  Expr expr;
  expr.op = op;
  expr.field = field;
  expr.is_number = true;
  expr.number = number;
  return expr::Make(std::move(expr));
}

}  // namespace

Field FieldOf(std::string_view name) {
  Field field;
  field.name = name;
  if (name == "@timestamp" || name == "timestamp") {
    field.kind = Field::Kind::kTime;
    field.ref = {Source::kTimestamp, ""};
  } else if (name == "_id") {
    field.kind = Field::Kind::kId;
  } else if (name == "_index") {
    field.kind = Field::Kind::kIndex;
  } else if (name == "*" || name == "_all") {
    field.kind = Field::Kind::kAny;
    field.ref = {Source::kAny, ""};
  } else if (name == "_doc" || name == "_shard_doc" || name == "_seq_no") {
    field.ref = {Source::kSequence, ""};
  } else if (name == "_source" || name == "_type" || name == "_routing" || name == "_ignored") {
    field.kind = Field::Kind::kNone;
  } else {
    constexpr std::string_view kKeyword = ".keyword";
    field.is_keyword = name.ends_with(kKeyword) && name.size() > kKeyword.size();
    if (field.is_keyword) name.remove_suffix(kKeyword.size());
    field.ref =
        name == "message" ? FieldRef{Source::kMessage, ""} : FieldRef{Source::kField, std::string(name)};
  }
  return field;
}

absl::StatusOr<ExprPtr> Term(const Field& field, const std::string& text, bool ignore_case, int64_t now_ns) {
  switch (field.kind) {
    case Field::Kind::kNone:
      return expr::False();
    case Field::Kind::kId:
      return query::plan::RecordIdCondition(text);
    case Field::Kind::kIndex:
      return IndexCondition(text);
    case Field::Kind::kAny:
      return Phrase(field, text);
    case Field::Kind::kTime: {
      const RangeOptions options{now_ns, "", ""};
      TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr from, Range(field, WithOp(text, Expr::Op::kGreaterEqual), options));
      TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr to, Range(field, WithOp(text, Expr::Op::kLessEqual), options));
      return expr::And({std::move(from), std::move(to)});
    }
    case Field::Kind::kValue:
      break;
  }
  ExprPtr equal = Leaf(Expr::Op::kEqual, field.ref, text, ignore_case);
  if (text.find('/') == std::string::npos || !base::Network::Parse(text)) return equal;
  return expr::Or({std::move(equal), Leaf(Expr::Op::kInNetwork, field.ref, text)});
}

ExprPtr Exists(const Field& field) {
  if (field.kind == Field::Kind::kNone) return expr::False();
  if (field.kind != Field::Kind::kValue) return expr::True();
  // An explicit null is no value to Elasticsearch.
  ExprPtr exists = Leaf(Expr::Op::kExists, field.ref, "");
  if (field.ref.source != Source::kField) return exists;
  return exists;
}

ExprPtr Wildcard(const Field& field, const std::string& pattern, bool ignore_case, bool words) {
  if (field.kind == Field::Kind::kIndex) {
    const auto condition = IndexCondition(pattern);
    return condition.ok() ? *condition : expr::False();
  }
  if (field.kind == Field::Kind::kNone || field.kind == Field::Kind::kId ||
      field.kind == Field::Kind::kTime) {
    return pattern == "*" ? Exists(field) : expr::False();
  }
  if (field.kind == Field::Kind::kAny) {
    return pattern == "*" ? expr::True() : RegexLeaf(field, WordRegex(pattern), true, false);
  }
  if (pattern == "*") return Exists(field);
  ExprPtr whole = Leaf(Expr::Op::kWildcard, field.ref, pattern, ignore_case);
  if (!words || !IsText(field)) return whole;
  return expr::Or({std::move(whole), RegexLeaf(field, WordRegex(pattern), true, false)});
}

ExprPtr Prefix(const Field& field, const std::string& prefix, bool ignore_case, bool words) {
  return Wildcard(field, expr::Wildcard::Escape(prefix) + "*", ignore_case, words);
}

absl::StatusOr<ExprPtr> Regex(const Field& field, const std::string& pattern, bool ignore_case) {
  TAFFRAIL_ASSIGN_OR_RETURN(std::string regex, TranslateRegex(pattern));
  if (field.kind != Field::Kind::kValue && field.kind != Field::Kind::kAny) {
    return absl::InvalidArgumentError(
        fmt::format("Can only use regexp queries on keyword and text fields - not on [{}]", field.name));
  }
  if (field.kind == Field::Kind::kAny) return RegexLeaf(field, std::move(regex), ignore_case, false);
  return RegexLeaf(field, std::move(regex), ignore_case, true);
}

std::vector<std::string> WordsOf(std::string_view text) {
  // As Lucene's standard tokenizer, but that "10.1.2.3", "example.com" and "don't" stay in one piece by their
  // neighbours.
  std::vector<std::string> words;
  for (size_t i = 0; i < text.size();) {
    if (!IsWord(text[i])) {
      ++i;
      continue;
    }
    const size_t begin = i;
    while (i < text.size()) {
      const bool joins = (text[i] == '.' || text[i] == '\'') && i + 1 < text.size() && IsWord(text[i + 1]);
      if (!IsWord(text[i]) && !joins) break;
      ++i;
    }
    words.emplace_back(text.substr(begin, i - begin));
  }
  return words;
}

ExprPtr Phrase(const Field& field, const std::string& words) {
  if (field.kind == Field::Kind::kNone) return expr::False();
  const bool has_word = std::any_of(words.begin(), words.end(), IsWord);
  if (!has_word) return expr::False();
  if (field.is_keyword) return Leaf(Expr::Op::kEqual, field.ref, words);
  return Leaf(Expr::Op::kPhrase, field.ref, words);
}

ExprPtr PhrasePrefix(const Field& field, const std::string& text) {
  if (!IsText(field)) return Prefix(field, text, false, false);
  std::string regex(kWordEdge);
  bool is_first = true;
  expr::ForEachWord(text, [&](std::string_view word) {
    if (!is_first) regex += "[^0-9A-Za-z_\\x{80}-\\x{10FFFF}]+";
    is_first = false;
    for (const char c : word) AppendLiteral(c, regex);
  });
  return is_first ? expr::False() : RegexLeaf(field, std::move(regex), true, false);
}

absl::StatusOr<ExprPtr> Range(const Field& field, const Bound& bound, const RangeOptions& options) {
  const bool takes_end = bound.op == Expr::Op::kGreater || bound.op == Expr::Op::kLessEqual;
  DateOptions dates{.now_ns = options.now_ns, .format = options.format, .round_up = takes_end};
  if (!options.zone.empty()) {
    TAFFRAIL_ASSIGN_OR_RETURN(dates.zone, ParseZone(options.zone));
  }
  if (field.kind == Field::Kind::kTime) {
    TAFFRAIL_ASSIGN_OR_RETURN(const int64_t time_ns, ParseDate(bound.text, dates));
    return TimeLeaf(bound.op, time_ns);
  }
  if (field.kind != Field::Kind::kValue) return expr::False();
  double number = 0;
  const bool is_number = bound.is_number || expr::ParseNumber(bound.text, number);
  if (is_number && options.format.empty()) {
    if (bound.is_number) expr::ParseNumber(bound.text, number);
    return NumberLeaf(bound.op, field.ref, number);
  }
  const bool is_date = bound.text.starts_with("now") || bound.text.find("||") != std::string::npos ||
                       !options.format.empty() || !options.zone.empty();
  if (!is_date) return Leaf(bound.op, field.ref, bound.text);
  // Another field that holds times: as text in RFC 3339, which sorts as the times do.
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t time_ns, ParseDate(bound.text, dates));
  std::string text = FormatDate(time_ns, "", absl::UTCTimeZone());
  text.resize(text.find('.'));
  return Leaf(bound.op, field.ref, std::move(text));
}

absl::StatusOr<size_t> MinimumOf(std::string_view text, size_t conditions) {
  const auto bad = [text] {
    return absl::InvalidArgumentError(
        fmt::format("[minimum_should_match] cannot be [{}]", text.substr(0, 100)));
  };
  // "2<75% 9<-3": the last whose number is below the count holds; none: all.
  if (text.find('<') != std::string_view::npos) {
    std::string_view chosen = "100%";
    std::string_view rest = text;
    while (!rest.empty()) {
      const size_t space = rest.find(' ');
      const std::string_view piece = rest.substr(0, space);
      rest = space == std::string_view::npos ? "" : rest.substr(space + 1);
      const size_t sign = piece.find('<');
      if (piece.empty()) continue;
      size_t above = 0;
      if (sign == std::string_view::npos ||
          std::from_chars(piece.data(), piece.data() + sign, above).ptr != piece.data() + sign || sign == 0) {
        return bad();
      }
      if (conditions > above) chosen = piece.substr(sign + 1);
    }
    if (chosen.find('<') != std::string_view::npos) return bad();
    return MinimumOf(chosen, conditions);
  }
  const bool percent = text.ends_with('%');
  if (percent) text.remove_suffix(1);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || std::abs(number) > 1'000'000) return bad();
  const auto count = static_cast<int64_t>(conditions);
  int64_t least = percent ? count * number / 100 : number;
  if (least < 0 || (least == 0 && number < 0)) least += count;
  return static_cast<size_t>(std::max<int64_t>(least, 0));
}

absl::StatusOr<ExprPtr> AtLeast(std::vector<ExprPtr> conditions, size_t least) {
  const size_t count = conditions.size();
  if (least == 0) return expr::True();
  if (least > count) return expr::False();
  if (least == 1) return expr::Or(std::move(conditions));
  if (least == count) return expr::And(std::move(conditions));
  // Some combination of them. What people ask for has a handful.
  constexpr size_t kMaxCombinations = 2'000;
  std::vector<size_t> chosen(least);
  for (size_t i = 0; i < least; ++i) chosen[i] = i;
  std::vector<ExprPtr> combinations;
  for (;;) {
    if (combinations.size() == kMaxCombinations) {
      return TypedError(
          "too_many_clauses",
          fmt::format("[minimum_should_match] of {} in {} clauses has more than {} combinations", least,
                      count, kMaxCombinations));
    }
    std::vector<ExprPtr> all;
    for (const size_t i : chosen) all.push_back(conditions[i]);
    combinations.push_back(expr::And(std::move(all)));
    size_t place = least;
    while (place > 0 && chosen[place - 1] == count - least + place - 1) --place;
    if (place == 0) break;
    ++chosen[place - 1];
    for (size_t i = place; i < least; ++i) chosen[i] = chosen[i - 1] + 1;
  }
  return expr::Or(std::move(combinations));
}

}  // namespace taffrail::query::lang::elastic
