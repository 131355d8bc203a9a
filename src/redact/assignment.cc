#include "redact/assignment.h"

#include <algorithm>
#include <optional>

#include "redact/bare_text.h"
#include "redact/chars.h"
#include "redact/name.h"
#include "redact/quote.h"
#include "redact/value.h"

namespace taffrail::redact {
namespace {

// How far from a name its value may begin, and a comparison's other side.
constexpr size_t kReachMax = 256;

// The sign between name and value.
struct Sign {
  size_t value = 0;  // where the value begins, or its quote
  char mark = 0;     // = : ( , > ' '
  bool spaced = false;
  bool line = false;  // the value may be the rest of the line
};

struct Value {
  size_t begin = 0;
  size_t end = 0;
  bool quoted = false;
  bool bare_json = false;  // a number or a word of JSON
};

class Reader {
 public:
  Reader(const Subject& subject, NameCache& names, Findings& findings)
      : text_(subject.text), json_(subject.json), names_(names), findings_(findings) {}

  size_t Read(size_t at);
  NameFate Fate(size_t at);
  size_t end() const { return end_; }

 private:
  bool ReadName(size_t at);
  void FindName(size_t at);
  bool MayHaveValue() const;
  void JoinWordBefore();
  bool ReadScheme();
  bool ReadLogin();
  std::optional<Quote> CloseName(size_t& i) const;
  std::optional<Sign> ReadSign(size_t i);
  std::optional<Sign> ReadMark(size_t i, bool spaced) const;
  std::optional<Sign> ReadPair(size_t i) const;
  std::optional<Sign> ReadElement() const;
  bool SkipType(size_t& i) const;
  void ReadValue(const Sign& sign);
  void ReadArray(size_t at);
  void ReadBefore();
  void ReadHeader(const Sign& sign);
  Value BareValue(const Sign& sign) const;
  bool StartsLine() const;
  bool Accepts(std::string_view value, const Value& place, const Sign& sign) const;
  void Add(const Value& value);

  std::string_view text_;
  bool json_;
  NameCache& names_;
  Findings& findings_;
  size_t begin_ = 0;  // of the name
  size_t end_ = 0;
  NameKind kind_ = NameKind::kNone;
  std::optional<Quote> name_quote_;
  char around_ = 0;  // a quote right before the name that does not close behind it: -H 'Token: x'
};

// The name, and what it says. False when nothing more is to be read.
bool Reader::ReadName(size_t at) {
  FindName(at);
  if (end_ <= at) {
    end_ = at + 1;
    return false;
  }
  if (!MayHaveValue() || ReadScheme()) return false;
  kind_ = names_.Judge(text_.substr(begin_, end_ - begin_));
  const std::string_view name = text_.substr(begin_, end_ - begin_);
  const char before = begin_ > 0 ? text_[begin_ - 1] : '\0';
  const bool in_query = before == '?' || before == '&' || before == ';';
  if (in_query && (EqualsIgnoreCase(name, "sig") || EqualsIgnoreCase(name, "signature") ||
                   EqualsIgnoreCase(name, "x-amz-signature") || EqualsIgnoreCase(name, "x-goog-signature")))
    kind_ = NameKind::kToken;
  JoinWordBefore();
  return kind_ != NameKind::kNone;
}

size_t Reader::Read(size_t at) {
  if (!ReadName(at) || IsPartOfArn(text_, begin_, end_)) return end_;
  if (const auto element = ReadElement()) {
    ReadValue(*element);
    return end_;
  }
  size_t i = end_;
  name_quote_ = CloseName(i);
  if (!name_quote_.has_value() && begin_ > 0 && IsQuote(text_[begin_ - 1])) around_ = text_[begin_ - 1];
  if (i == end_ && ReadLogin()) return end_;
  if (const auto sign = ReadSign(i)) {
    kind_ == NameKind::kHeader ? ReadHeader(*sign) : ReadValue(*sign);
  } else {
    ReadBefore();
  }
  return end_;
}

NameFate Reader::Fate(size_t at) {
  if (!ReadName(at)) return findings_.empty() ? NameFate::kNothing : NameFate::kOpen;
  size_t before = begin_;
  while (before > 0 && IsBlank(text_[before - 1])) --before;
  const char sign = before > 0 ? text_[before - 1] : '\0';
  if (sign == '=' || sign == '!' || sign == '-' || sign == '<' || sign == ':') return NameFate::kOpen;
  if (At(text_, end_) == '"') {
    const char next = At(text_, end_ + 1);
    const bool ends_piece = next == '"' || next == '\n' || next == '\0';
    return ends_piece ? NameFate::kPaired : NameFate::kOpen;
  }
  // "Access token accepted": in prose, and not one of the names whose value may stand there.
  const size_t word = SkipBlanks(text_, end_);
  const bool in_prose = word > end_ && IsAlnum(At(text_, word));
  if (!in_prose || kind_ == NameKind::kSecret || kind_ == NameKind::kWeak) return NameFate::kOpen;
  return ReadSign(end_).has_value() ? NameFate::kOpen : NameFate::kNothing;
}

void Reader::FindName(size_t at) {
  begin_ = at;
  end_ = at;
  while (begin_ > 0 && at - begin_ < kNameBytesMax && IsNameByte(text_[begin_ - 1])) --begin_;
  while (end_ < text_.size() && end_ - at < kNameBytesMax && IsNameByte(text_[end_])) ++end_;
  while (begin_ < end_ && !IsAlnum(text_[begin_])) ++begin_;
  while (end_ > begin_ && !IsAlnum(text_[end_ - 1]) && text_[end_ - 1] != '_') --end_;
  // `\npassword` in a JSON string: the n is not of the name.
  const bool escaped = begin_ > 0 && text_[begin_ - 1] == '\\';
  if (escaped && begin_ < at && (text_[begin_] == 'n' || text_[begin_] == 't' || text_[begin_] == 'r'))
    ++begin_;
  if (begin_ >= 1 && text_[begin_ - 1] == '%' && at - begin_ >= 2 && IsHex(text_[begin_]) &&
      IsHex(text_[begin_ + 1]))
    begin_ += 2;
}

// Most names stand in prose, with a word before and behind: seen here, before anything is made of them.
bool Reader::MayHaveValue() const {
  constexpr std::string_view kSigns = "=:?.+|!\"'`@\\%([]<>";
  const char next = At(text_, end_);
  if (!IsBlank(next)) {
    if (kSigns.find(next) != std::string_view::npos && next != '\0') return true;
    if (next == '&') return true;  // &quot;
  } else {
    const size_t i = SkipBlanks(text_, end_);
    const char after = At(text_, i);
    if (kSigns.find(after) != std::string_view::npos && after != '\0') return true;
    if (begin_ > 1 && text_[begin_ - 1] == '-') return true;  // --password x
    // `is x`, `string = x`, `Bearer x`, `user x password y`
    if (after == 'i' || after == 'w' || after == 's' || after == 'S' || after == 't' || after == 'a' ||
        after == 'b')
      return true;
    const char first = Lower(text_[begin_]);
    if (first == 'b' || first == 'p') return true;
  }
  size_t before = begin_;
  while (before > 0 && IsBlank(text_[before - 1])) --before;
  return before > 0 && text_[before - 1] == '=';
}

// "api key: x", "access token = x".
void Reader::JoinWordBefore() {
  const std::string_view name = text_.substr(begin_, end_ - begin_);
  const bool key = EqualsIgnoreCase(name, "key");
  if ((!key && !EqualsIgnoreCase(name, "token")) || begin_ < 2 || text_[begin_ - 1] != ' ') return;
  size_t word = begin_ - 1;
  while (word > 0 && IsLetter(text_[word - 1]) && begin_ - word < 16) --word;
  if (!QualifiesKey(text_.substr(word, begin_ - 1 - word))) return;
  begin_ = word;
  kind_ = NameKind::kToken;
}

// `Bearer x` and `Basic x` wherever they stand.
bool Reader::ReadScheme() {
  const std::string_view name = text_.substr(begin_, end_ - begin_);
  const bool bearer = EqualsIgnoreCase(name, "bearer");
  if (!bearer && !EqualsIgnoreCase(name, "basic")) return false;
  size_t from = SkipBlanks(text_, end_);
  if (from == end_ && text_.substr(end_).starts_with("%20")) from = end_ + 3;
  if (from == end_) return bearer ? false : true;
  size_t end = from;
  while (end < text_.size() &&
         (IsAlnum(text_[end]) || std::string_view("-._~+/=%:").find(text_[end]) != std::string_view::npos))
    ++end;
  const std::string_view value = text_.substr(from, end - from);
  const bool is_secret =
      bearer ? IsOpaque(value) : value.size() >= 8 && value.size() % 4 == 0 && IsRandom(value);
  if (is_secret && !IsPlaceholder(value))
    findings_.push_back({.begin = from, .end = end, .rule = kAuthorization});
  return true;
}

// "user root password crickets", on one line or two: a name before it makes the word after it a password.
bool Reader::ReadLogin() {
  if ((kind_ != NameKind::kSecret && kind_ != NameKind::kWeak) || begin_ < 4 || !IsSpace(text_[begin_ - 1]))
    return false;
  const size_t value = SkipBlanks(text_, end_);
  if (value == end_) return false;
  size_t i = begin_;
  const auto word_before = [&] {
    while (i > 0 && IsSpace(text_[i - 1])) --i;
    const size_t end = i;
    while (i > 0 && !IsSpace(text_[i - 1]) && end - i < kNameBytesMax) --i;
    return text_.substr(i, end - i);
  };
  const std::string_view user = word_before();
  const std::string_view title = word_before();
  if (user.empty() || (!EqualsIgnoreCase(title, "username") && !EqualsIgnoreCase(title, "user") &&
                       !EqualsIgnoreCase(title, "login")))
    return false;
  const Value place{value, BareEnd(text_, value, around_), false, false};
  const std::string_view word = text_.substr(value, place.end - value);
  const size_t next = SkipSpaces(text_, place.end);
  const bool told = word.ends_with("ed") || word.ends_with("ing") || word.ends_with("ly");
  if (next < text_.size() || word.size() < 3 || told || !IsAlnum(word[0]) || IsProse(word) ||
      IsPlaceholder(word))
    return false;
  Add(place);
  return true;
}

std::optional<Quote> Reader::CloseName(size_t& i) const {
  const std::optional<Quote> quote = QuoteAt(text_, i);
  if (quote.has_value()) i += quote->size;
  // config['password'], secret[], secret[25]
  if (At(text_, i) == ']') ++i;
  if (At(text_, i) == '[') {
    size_t close = i + 1;
    while (close < text_.size() && IsDigit(text_[close])) ++close;
    if (At(text_, close) == ']') i = close + 1;
  }
  return quote;
}

// `const token: string = "x"`, `var token string = "x"`.
bool Reader::SkipType(size_t& i) const {
  constexpr std::string_view kTypes[] = {"string", "str", "String", "text",  "char",
                                         "&str",   "any", "bytes",  "[]byte"};
  for (const std::string_view type : kTypes) {
    if (!text_.substr(i).starts_with(type)) continue;
    size_t after = SkipBlanks(text_, i + type.size());
    if (At(text_, after) == '?') ++after;
    if (At(text_, after) != '=' || At(text_, after + 1) == '=') continue;
    i = after;
    return true;
  }
  return false;
}

std::optional<Sign> Reader::ReadSign(size_t i) {
  const size_t from = i;
  i = SkipBlanks(text_, i);
  const bool spaced = i > from;
  if (i >= text_.size()) return std::nullopt;
  if (name_quote_.has_value()) {
    if (const auto pair = ReadPair(i)) return pair;
  } else if (spaced) {
    SkipType(i);
  }
  if (auto sign = ReadMark(i, spaced)) return sign;
  if (name_quote_.has_value() || !spaced) {
    // secret("x"), secret.assign("x")
    const bool call =
        !spaced && !name_quote_.has_value() && text_[i] == '(' && QuoteAt(text_, i + 1).has_value();
    if (call && kind_ == NameKind::kSecret) return Sign{i + 1, '(', true, false};
    return std::nullopt;
  }
  const bool flag = begin_ >= 2 && text_[begin_ - 1] == '-' && text_[begin_ - 2] == '-';
  if (flag && text_[i] != '-' && kind_ != NameKind::kKey) return Sign{i, ' ', true, false};
  if (kind_ == NameKind::kSecret && QuoteAt(text_, i).has_value()) return Sign{i, ' ', true, false};
  for (const std::string_view word : {"is ", "was "}) {
    if (kind_ == NameKind::kSecret && text_.substr(i).starts_with(word)) {
      const size_t value = i + word.size();
      if (HasDigit(text_.substr(value, BareEnd(text_, value, around_) - value)))
        return Sign{value, ' ', true, false};
    }
  }
  return std::nullopt;
}

// = == === => := ::= ?= .= += != !== : and their written-out forms.
std::optional<Sign> Reader::ReadMark(size_t i, bool spaced) const {
  Sign sign{.mark = '=', .spaced = spaced};
  const std::string_view rest = text_.substr(i);
  if (rest.starts_with("%3D") || rest.starts_with("%3d") || rest.starts_with("%3A") ||
      rest.starts_with("%3a")) {
    sign.value = i + 3;
    if (text_.substr(sign.value).starts_with("%20")) sign.value += 3;
    return sign;
  }
  if (rest.starts_with("\\u003d") || rest.starts_with("\\u003D") || rest.starts_with("\\u003a")) {
    sign.value = i + 6;
    return sign;
  }
  size_t end = i;
  while (end < text_.size() && end - i < 4 &&
         std::string_view(":?.+|!").find(text_[end]) != std::string_view::npos)
    ++end;
  if (At(text_, end) == '=') {
    while (At(text_, end) == '=' && end - i < 6) ++end;
    if (At(text_, end) == '>') ++end;
    if (At(text_, end) == '~') return std::nullopt;
  } else if (text_[i] == ':' && At(text_, i + 1) != ':') {
    end = i + 1;
    sign.mark = ':';
  } else {
    return std::nullopt;
  }
  size_t value = SkipBlanks(text_, end);
  sign.spaced = spaced || value > end;
  sign.line = sign.mark == ':' && value > end && StartsLine();
  if (size_t typed = value; sign.mark == ':' && SkipType(typed)) {
    value = SkipBlanks(text_, typed + 1);
    sign.line = false;
  }
  const size_t beyond = SkipSpaces(text_, value);
  if (beyond > value && name_quote_.has_value() && QuoteAt(text_, beyond).has_value()) value = beyond;
  sign.value = value;
  if (value >= text_.size()) return std::nullopt;
  return sign;
}

// ("NAME", "value"), key="NAME" value="x", {"name":"NAME","value":"x"}.
std::optional<Sign> Reader::ReadPair(size_t i) const {
  const size_t open = begin_ - std::min(begin_, name_quote_->size);
  const bool argument = open > 0 && text_[open - 1] == '(';
  if (text_[i] == ',') {
    size_t next = SkipSpaces(text_, i + 1);
    const std::optional<Quote> quote = QuoteAt(text_, next);
    if (!quote.has_value() || quote->backslashes != name_quote_->backslashes) return std::nullopt;
    if (argument) return Sign{next, ',', true, false};
    if (!text_.substr(next + quote->size).starts_with("value")) return std::nullopt;
    next += quote->size + 5;
    const std::optional<Quote> close = QuoteAt(text_, next);
    if (!close.has_value()) return std::nullopt;
    next = SkipSpaces(text_, next + close->size);
    if (At(text_, next) != ':') return std::nullopt;
    next = SkipSpaces(text_, next + 1);
    return QuoteAt(text_, next).has_value() ? std::optional(Sign{next, ':', false, false}) : std::nullopt;
  }
  if (text_.substr(i).starts_with("value=")) return Sign{i + 6, '=', false, false};
  return std::nullopt;
}

// <password>x</password>, <key>password</key> <string>x</string>.
std::optional<Sign> Reader::ReadElement() const {
  const bool opened = begin_ > 0 && (text_[begin_ - 1] == '<' || text_[begin_ - 1] == ':');
  if (opened && At(text_, end_) == '>') return Sign{end_ + 1, '>', false, false};
  if (text_.substr(end_).starts_with("</key>")) {
    const size_t next = SkipSpaces(text_, end_ + 6);
    if (text_.substr(next).starts_with("<string>")) return Sign{next + 8, '>', false, false};
  }
  return std::nullopt;
}

void Reader::ReadValue(const Sign& sign) {
  if (sign.mark == '>') {
    const size_t begin = SkipSpaces(text_, sign.value);
    size_t end = std::min(text_.find_first_of("<\"", begin), text_.size());
    while (end > begin && IsSpace(text_[end - 1])) --end;
    const Value value{begin, end, true, false};
    if (Accepts(text_.substr(begin, end - begin), value, sign)) Add(value);
    return;
  }
  size_t i = sign.value;
  // @"x", b'x', f"x", u'x', L"x"
  if (i + 1 < text_.size() && !IsQuote(text_[i]) && IsQuote(text_[i + 1]) &&
      std::string_view("@bfruLB").find(text_[i]) != std::string_view::npos)
    ++i;
  const std::optional<Quote> quote = QuoteAt(text_, i);
  if (quote.has_value()) {
    // In a JSON line a bare quote after a bare name ends the string that the name stands in.
    const size_t depth = name_quote_.has_value() ? name_quote_->backslashes : 0;
    const bool ends_string =
        json_ && quote->mark == '"' &&
        (name_quote_.has_value() ? quote->backslashes != depth : quote->backslashes == 0);
    if (ends_string || (around_ != 0 && quote->mark == around_)) return;
    const size_t begin = i + quote->size;
    const Value value{begin, QuotedEnd(text_, begin, *quote), true, false};
    if (Accepts(text_.substr(begin, value.end - begin), value, sign)) Add(value);
    return;
  }
  if (At(text_, i) == '[' && name_quote_.has_value()) return ReadArray(i + 1);
  if (At(text_, i) == '{' && name_quote_.has_value()) return;
  const Value value = BareValue(sign);
  if (value.end > value.begin && Accepts(text_.substr(value.begin, value.end - value.begin), value, sign))
    Add(value);
}

// "tokens": ["x", "y"]
void Reader::ReadArray(size_t at) {
  constexpr size_t kElementsMax = 64;  // what has more is no list of secrets
  for (size_t n = 0; n < kElementsMax; ++n) {
    at = SkipSpaces(text_, at);
    const std::optional<Quote> quote = QuoteAt(text_, at);
    if (!quote.has_value() || quote->backslashes != name_quote_->backslashes) return;
    const size_t begin = at + quote->size;
    const Value value{begin, QuotedEnd(text_, begin, *quote), true, false};
    if (Accepts(text_.substr(begin, value.end - begin), value, {.mark = ':'})) Add(value);
    at = SkipSpaces(text_, value.end + quote->size);
    if (At(text_, at) != ',') return;
    ++at;
  }
}

// if ("x" == password)
void Reader::ReadBefore() {
  if (kind_ != NameKind::kSecret && kind_ != NameKind::kToken) return;
  size_t i = begin_;
  while (i > 0 && IsBlank(text_[i - 1])) --i;
  const size_t after = i;
  while (i > 0 && (text_[i - 1] == '=' || text_[i - 1] == '!') && after - i < 4) --i;
  if (after - i < 2) return;
  while (i > 0 && IsBlank(text_[i - 1])) --i;
  if (i < 2 || !IsQuote(text_[i - 1])) return;
  const size_t end = i - 1;
  if (json_ && text_[end] == '"' && (end == 0 || text_[end - 1] != '\\')) return;
  const size_t close = end > 0 && text_[end - 1] == '\\' ? end - 1 : end;
  size_t begin = close;
  while (begin > 0 && text_[begin - 1] != text_[end] && text_[begin - 1] != '\n' && close - begin < kReachMax)
    --begin;
  if (begin == 0 || text_[begin - 1] != text_[end]) return;
  const Value value{begin, close, true, false};
  if (Accepts(text_.substr(begin, close - begin), value, {.mark = '='})) Add(value);
}

void Reader::ReadHeader(const Sign& sign) {
  size_t i = sign.value;
  size_t end = i;
  const std::optional<Quote> quote = QuoteAt(text_, i);
  if (name_quote_.has_value() && !quote.has_value()) {  // a number, an object: no header
    kind_ = NameKind::kToken;
    return ReadValue(sign);
  }
  if (quote.has_value() && !(around_ != 0 && quote->mark == around_)) {
    if (json_ && quote->mark == '"' && quote->backslashes == 0 && !name_quote_.has_value()) return;
    i += quote->size;
    end = QuotedEnd(text_, i, *quote);
  } else {
    end = LineEnd(text_, i, around_);
  }
  while (end > i && IsBlank(text_[end - 1])) --end;
  size_t word = i;
  while (word < end && (IsAlnum(text_[word]) || text_[word] == '-')) ++word;
  const bool has_scheme = word > i && word < end && IsBlank(text_[word]) && word - i <= 24;
  const size_t begin = has_scheme ? SkipBlanks(text_, word) : i;
  const size_t first_end = std::min(text_.find_first_of(" \t", begin), end);
  const std::string_view first = text_.substr(begin, first_end - begin);
  if (IsPlaceholder(first) || IsPlaceholder(text_.substr(begin, end - begin)) || IsCode(first, false)) return;
  // "authorization failed: …" tells of one and holds none.
  const bool known = has_scheme && !IsProse(text_.substr(i, word - i)) && first.size() >= 8;
  if (!known && !IsOpaque(first)) return;
  const bool one = !has_scheme || first.find('=') == std::string_view::npos || first.ends_with('=');
  findings_.push_back(
      {.begin = begin, .end = one && !quote.has_value() ? first_end : end, .rule = kAuthorization});
}

bool Reader::StartsLine() const {
  size_t i = begin_;
  while (i > 0 && (IsBlank(text_[i - 1]) || text_[i - 1] == '-')) --i;
  return i == 0 || text_[i - 1] == '\n';
}

Value Reader::BareValue(const Sign& sign) const {
  Value value{sign.value, sign.value, false,
              name_quote_.has_value() && name_quote_->mark == '"' && sign.mark == ':'};
  if (value.bare_json) {
    const size_t end = std::min(text_.find_first_of(",}]\"\\ \t\r\n", sign.value), text_.size());
    const std::string_view scalar = text_.substr(sign.value, end - sign.value);
    if (scalar == "true" || scalar == "false" || scalar == "null") return value;
    if (scalar.find_first_not_of("0123456789+-.eE") == std::string_view::npos) {
      value.end = end;
      return value;
    }
  }
  const char first = At(text_, sign.value);
  if (first == '<' || first == '{' || first == '$' || first == '#' || first == '[') {
    // ${ x }, {{ x }}, <your token>: variables may hold blanks.
    const size_t open = text_.find_first_not_of("${#<[%", sign.value);
    const size_t close = open == std::string_view::npos ? open : text_.find_first_of("}>])\n\"", open);
    if (close != std::string_view::npos && close - sign.value < 80 && text_[close] != '\n' &&
        text_[close] != '"') {
      size_t end = close;
      while (end < text_.size() && std::string_view("}>])").find(text_[end]) != std::string_view::npos) ++end;
      const std::string_view whole = text_.substr(sign.value, end - sign.value);
      if (IsPlaceholder(whole) && !IsAlnum(At(text_, end))) return value;
    }
  }
  value.end = BareEnd(text_, sign.value, around_);
  if (sign.line && kind_ == NameKind::kSecret && value.end > value.begin) {
    const size_t line = LineEnd(text_, value.end, around_);
    const std::string_view rest = text_.substr(value.end, line - value.end);
    if (rest.find_first_of("=:#") == std::string_view::npos &&
        !IsProse(text_.substr(value.begin, line - value.begin)))
      value.end = line;
    while (value.end > value.begin && IsBlank(text_[value.end - 1])) --value.end;
  }
  return value;
}

bool Reader::Accepts(std::string_view value, const Value& place, const Sign& sign) const {
  if (value.empty() || IsPlaceholder(value)) return false;
  if (!place.quoted && IsCode(value, sign.spaced && !sign.line)) return false;
  const bool may_be_prose = !place.quoted && (sign.mark != '=' || sign.spaced);
  if (may_be_prose && IsProse(value)) return false;
  switch (kind_) {
    case NameKind::kSecret:
      if (place.quoted) return true;
      if (std::ranges::all_of(value, IsDigit)) return value.size() >= 4;
      return value.size() >= 3 && std::ranges::any_of(value, IsAlnum);
    case NameKind::kWeak:
      return value.size() >= 4 && !std::ranges::all_of(value, IsDigit) && !IsProse(value) &&
             value[0] != '/' && value[0] != '~' &&  // a working directory
             (place.quoted || std::ranges::any_of(value, IsAlnum));
    case NameKind::kToken:
      return IsOpaque(value);
    case NameKind::kKey:
      return IsRandom(value);
    case NameKind::kCookie:
      return HasCookie(value);
    case NameKind::kDigits: {
      const auto digits = static_cast<size_t>(std::ranges::count_if(value, IsDigit));
      const auto others = value.find_first_not_of("0123456789 -.");
      return digits >= 3 && others == std::string_view::npos && value.size() <= 40;
    }
    default:
      return false;
  }
}

void Reader::Add(const Value& value) {
  Finding finding{.begin = value.begin, .end = value.end, .rule = kSecretField};
  if (kind_ == NameKind::kCookie) {
    finding.rule = kCookies;
    if (!value.quoted) finding.end = LineEnd(text_, value.begin, around_);
  }
  if (value.bare_json) finding.quotes = static_cast<uint8_t>(1 + name_quote_->backslashes);
  findings_.push_back(finding);
}

}  // namespace

size_t FindAssignment(const Subject& subject, size_t at, NameCache& names, Findings& findings) {
  return Reader(subject, names, findings).Read(at);
}

NameFate FateOfName(const Subject& pieces, size_t at, NameCache& names, size_t& end) {
  Findings of_scheme;
  Reader reader(pieces, names, of_scheme);
  const NameFate fate = reader.Fate(at);
  end = reader.end();
  return fate;
}

}  // namespace taffrail::redact
