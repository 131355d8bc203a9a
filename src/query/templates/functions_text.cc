#include <re2/re2.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "fmt/format.h"
#include "query/templates/functions.h"
#include "query/templates/replacement.h"

namespace taffrail::query::templates {
namespace {

using Arguments = std::span<const Value>;
using Result = absl::StatusOr<Value>;

constexpr size_t kMaxPatterns = 32;

std::string Text(const Value& value) { return value.IsNil() ? std::string() : ToText(value); }

// Letters from first to last, each `distance` before its lower case.
struct CaseRange {
  unsigned first;
  unsigned last;
  unsigned distance;
  bool alternates = false;  // upper and lower case by turns
};

// Of Latin, Greek and Cyrillic; other letters stay as they are.
constexpr CaseRange kCaseRanges[] = {
    {0xc0, 0xd6, 0x20},      {0xd8, 0xde, 0x20},      {0x100, 0x12e, 1, true}, {0x132, 0x136, 1, true},
    {0x139, 0x147, 1, true}, {0x14a, 0x176, 1, true}, {0x179, 0x17d, 1, true}, {0x391, 0x3a1, 0x20},
    {0x3a3, 0x3ab, 0x20},    {0x400, 0x40f, 0x50},    {0x410, 0x42f, 0x20},    {0x460, 0x480, 1, true},
};
constexpr std::pair<unsigned, unsigned> kOnlyUpper[] = {{0xb5, 0x39c}, {0xff, 0x178}, {0x3c2, 0x3a3}};

unsigned MapLetter(unsigned letter, bool upper) {
  for (const CaseRange& range : kCaseRanges) {
    const unsigned first = upper ? range.first + range.distance : range.first;
    const unsigned last = upper ? range.last + range.distance : range.last;
    if (letter < first || letter > last) continue;
    if (range.alternates && (letter - first) % 2 != 0) continue;
    return upper ? letter - range.distance : letter + range.distance;
  }
  for (const auto& [from, to] : kOnlyUpper) {
    if (upper && letter == from) return to;
  }
  return !upper && letter == 0x178 ? 0xff : letter;
}

// As long as the text: letters of two bytes have counterparts of two.
std::string MapCase(const std::string& text, bool upper) {
  std::string out = text;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c & 0xe0) != 0xc0 || i + 1 == text.size()) {
      out[i] = upper ? absl::ascii_toupper(c) : absl::ascii_tolower(c);
      continue;
    }
    const unsigned letter = (c & 0x1fU) << 6U | (static_cast<unsigned char>(text[i + 1]) & 0x3fU);
    const unsigned mapped = MapLetter(letter, upper);
    out[i] = static_cast<char>(0xc0 | mapped >> 6U);
    out[++i] = static_cast<char>(0x80 | (mapped & 0x3fU));
  }
  return out;
}

Result Upper(Arguments a, CallContext&) { return MapCase(Text(a[0]), true); }
Result Lower(Arguments a, CallContext&) { return MapCase(Text(a[0]), false); }

// A word begins after any ASCII character but letters, digits and '_', as Go has it.
Result Title(Arguments a, CallContext&) {
  const std::string text = Text(a[0]);
  const std::string upper = MapCase(text, true);  // as long, and the same but for the case
  std::string out = text;
  bool at_start = true;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool continues = (c & 0xc0) == 0x80;
    if (at_start) out[i] = upper[i];
    const bool in_word = absl::ascii_isalnum(c) || c == '_' || c >= 0x80;
    const bool goes_on = i + 1 < text.size() && (static_cast<unsigned char>(text[i + 1]) & 0xc0) == 0x80;
    at_start = goes_on ? at_start || !(in_word || continues) : !in_word;
  }
  return out;
}

std::string TrimSet(std::string_view text, std::string_view set, bool left, bool right) {
  if (left) text.remove_prefix(std::min(text.size(), text.find_first_not_of(set)));
  if (right) text = text.substr(0, text.find_last_not_of(set) + 1);
  return std::string(text);
}

constexpr std::string_view kSpace = " \t\n\v\f\r";

Result TrimSpace(Arguments a, CallContext&) { return TrimSet(Text(a[0]), kSpace, true, true); }
// Trim s set, and sprig's trimAll set s.
Result Trim(Arguments a, CallContext&) { return TrimSet(Text(a[0]), Text(a[1]), true, true); }
Result TrimLeft(Arguments a, CallContext&) { return TrimSet(Text(a[0]), Text(a[1]), true, false); }
Result TrimRight(Arguments a, CallContext&) { return TrimSet(Text(a[0]), Text(a[1]), false, true); }
Result TrimAll(Arguments a, CallContext&) { return TrimSet(Text(a[1]), Text(a[0]), true, true); }

std::string WithoutPrefix(std::string text, const std::string& prefix) {
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}
std::string WithoutSuffix(std::string text, const std::string& suffix) {
  return text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text;
}
Result TrimPrefixGo(Arguments a, CallContext&) { return WithoutPrefix(Text(a[0]), Text(a[1])); }
Result TrimSuffixGo(Arguments a, CallContext&) { return WithoutSuffix(Text(a[0]), Text(a[1])); }
Result TrimPrefix(Arguments a, CallContext&) { return WithoutPrefix(Text(a[1]), Text(a[0])); }
Result TrimSuffix(Arguments a, CallContext&) { return WithoutSuffix(Text(a[1]), Text(a[0])); }

Result Contains(Arguments a, CallContext&) { return Text(a[1]).find(Text(a[0])) != std::string::npos; }
Result HasPrefix(Arguments a, CallContext&) { return Text(a[1]).starts_with(Text(a[0])); }
Result HasSuffix(Arguments a, CallContext&) { return Text(a[1]).ends_with(Text(a[0])); }

absl::Status CheckSize(size_t pieces, size_t size) {
  if (size == 0 || pieces <= kMaxOutputBytes / size) return absl::OkStatus();
  return absl::ResourceExhaustedError(fmt::format("a text longer than {} bytes", kMaxOutputBytes));
}

Result ReplaceFirst(const std::string& text, const std::string& from, const std::string& to, int64_t count) {
  std::string out;
  size_t at = 0;
  while (count != 0 && !from.empty()) {
    const size_t found = text.find(from, at);
    if (found == std::string::npos) break;
    out.append(text, at, found - at);
    out += to;
    at = found + from.size();
    --count;
    TAFFRAIL_RETURN_IF_ERROR(CheckSize(1, out.size()));
  }
  out.append(text, at);
  return out;
}
Result ReplaceGo(Arguments a, CallContext&) {
  return ReplaceFirst(Text(a[0]), Text(a[1]), Text(a[2]), ToInteger(a[3]));
}
Result Replace(Arguments a, CallContext&) { return ReplaceFirst(Text(a[2]), Text(a[0]), Text(a[1]), -1); }

// The byte at which character `count` begins, from the front or, when negative, from the end.
size_t CharacterAt(std::string_view text, int64_t count) {
  const auto begins = [&](size_t i) { return (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80; };
  if (count >= 0) {
    for (size_t i = 0; i < text.size(); ++i) {
      if (begins(i) && count-- == 0) return i;
    }
    return text.size();
  }
  for (size_t i = text.size(); i > 0; --i) {
    if (begins(i - 1) && ++count == 0) return i - 1;
  }
  return 0;
}

Result Trunc(Arguments a, CallContext&) {
  const int64_t count = ToInteger(a[0]);
  const std::string text = Text(a[1]);
  const size_t at = CharacterAt(text, count);
  return count >= 0 ? text.substr(0, at) : text.substr(at);
}

Result Substr(Arguments a, CallContext&) {
  const std::string text = Text(a[2]);
  const int64_t first = ToInteger(a[0]);
  const int64_t last = ToInteger(a[1]);
  const size_t begin = first < 0 ? 0 : CharacterAt(text, first);
  const size_t end = last < 0 ? text.size() : CharacterAt(text, last);
  return end > begin ? text.substr(begin, end - begin) : std::string();
}

Result Repeat(Arguments a, CallContext&) {
  if (ToInteger(a[0]) < 0) return absl::InvalidArgumentError("repeat of a negative count");
  const auto count = static_cast<size_t>(ToInteger(a[0]));
  const std::string text = Text(a[1]);
  TAFFRAIL_RETURN_IF_ERROR(CheckSize(count, text.size()));
  std::string out;
  for (size_t i = 0; i < count && !text.empty(); ++i) out += text;
  return out;
}

Result IndentBy(Arguments a, std::string_view before) {
  const auto count = static_cast<size_t>(std::max<int64_t>(0, ToInteger(a[0])));
  const std::string text = Text(a[1]);
  TAFFRAIL_RETURN_IF_ERROR(CheckSize(count, text.size() + 1));
  const std::string spaces(count, ' ');
  return std::string(before) + spaces + absl::StrReplaceAll(text, {{"\n", "\n" + spaces}});
}
Result Indent(Arguments a, CallContext&) { return IndentBy(a, ""); }
Result NewlineIndent(Arguments a, CallContext&) { return IndentBy(a, "\n"); }

Result Align(Arguments a, bool left) {
  const auto count = static_cast<size_t>(std::max<int64_t>(0, ToInteger(a[0])));
  std::string text = Text(a[1]);
  TAFFRAIL_RETURN_IF_ERROR(CheckSize(count, 1));
  const auto characters = static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
  if (characters < count)
    return left ? text + std::string(count - characters, ' ') : std::string(count - characters, ' ') + text;
  if (left) return text.substr(0, CharacterAt(text, static_cast<int64_t>(count)));
  return count == 0 ? std::string() : text.substr(CharacterAt(text, -static_cast<int64_t>(count)));
}
Result AlignLeft(Arguments a, CallContext&) { return Align(a, true); }
Result AlignRight(Arguments a, CallContext&) { return Align(a, false); }

absl::StatusOr<std::shared_ptr<RE2>> CompilePattern(const std::string& pattern, CallContext& context) {
  if (const auto found = context.patterns.find(pattern); found != context.patterns.end())
    return found->second;
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(8 << 20);
  auto compiled = std::make_shared<RE2>(pattern, options);
  if (!compiled->ok()) return absl::InvalidArgumentError("bad regular expression: " + compiled->error());
  if (context.patterns.size() >= kMaxPatterns) context.patterns.clear();
  context.patterns.emplace(pattern, compiled);
  return compiled;
}

Result RegexReplace(Arguments a, CallContext& context, bool literal) {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::shared_ptr<RE2> regex, CompilePattern(Text(a[0]), context));
  std::string text = Text(a[1]);
  const std::string replacement = Text(a[2]);
  TAFFRAIL_RETURN_IF_ERROR(CheckSize(text.size() + 1, replacement.size()));
  const std::string rewrite =
      literal ? absl::StrReplaceAll(replacement, {{"\\", "\\\\"}}) : RewriteOf(replacement, *regex);
  RE2::GlobalReplace(&text, *regex, rewrite);
  TAFFRAIL_RETURN_IF_ERROR(CheckSize(1, text.size()));
  return text;
}
Result RegexReplaceAll(Arguments a, CallContext& context) { return RegexReplace(a, context, false); }
Result RegexReplaceAllLiteral(Arguments a, CallContext& context) { return RegexReplace(a, context, true); }

Result CountMatches(Arguments a, CallContext& context) {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::shared_ptr<RE2> regex, CompilePattern(Text(a[0]), context));
  const std::string text = Text(a[1]);
  std::string copy = text;
  return static_cast<int64_t>(RE2::GlobalReplace(&copy, *regex, ""));
}

Result Base64Encode(Arguments a, CallContext&) { return absl::Base64Escape(Text(a[0])); }
Result Base64Decode(Arguments a, CallContext&) {
  std::string out;
  if (!absl::Base64Unescape(Text(a[0]), &out))
    return absl::InvalidArgumentError("b64dec: illegal base64 data");
  return out;
}

Result UrlEncode(Arguments a, CallContext&) {
  std::string out;
  for (const char c : Text(a[0])) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else {
      out += c == ' ' ? "+" : fmt::format("%{:02X}", byte);
    }
  }
  return out;
}

Result UrlDecode(Arguments a, CallContext&) {
  const std::string text = Text(a[0]);
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    std::string byte;
    const bool hex = i + 2 < text.size() && absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) &&
                     absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2]));
    if (!hex) return absl::InvalidArgumentError("urldecode: invalid URL escape");
    out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
    i += 2;
  }
  return out;
}

constexpr FunctionEntry kFunctions[] = {
    {"ToUpper", 1, 1, Upper},
    {"ToLower", 1, 1, Lower},
    {"upper", 1, 1, Upper},
    {"lower", 1, 1, Lower},
    {"title", 1, 1, Title},
    {"TrimSpace", 1, 1, TrimSpace},
    {"trim", 1, 1, TrimSpace},
    {"Trim", 2, 2, Trim},
    {"TrimLeft", 2, 2, TrimLeft},
    {"TrimRight", 2, 2, TrimRight},
    {"trimAll", 2, 2, TrimAll},
    {"TrimPrefix", 2, 2, TrimPrefixGo},
    {"TrimSuffix", 2, 2, TrimSuffixGo},
    {"trimPrefix", 2, 2, TrimPrefix},
    {"trimSuffix", 2, 2, TrimSuffix},
    {"contains", 2, 2, Contains},
    {"hasPrefix", 2, 2, HasPrefix},
    {"hasSuffix", 2, 2, HasSuffix},
    {"Replace", 4, 4, ReplaceGo},
    {"replace", 3, 3, Replace},
    {"trunc", 2, 2, Trunc},
    {"substr", 3, 3, Substr},
    {"repeat", 2, 2, Repeat},
    {"indent", 2, 2, Indent},
    {"nindent", 2, 2, NewlineIndent},
    {"alignLeft", 2, 2, AlignLeft},
    {"alignRight", 2, 2, AlignRight},
    {"regexReplaceAll", 3, 3, RegexReplaceAll},
    {"regexReplaceAllLiteral", 3, 3, RegexReplaceAllLiteral},
    {"count", 2, 2, CountMatches},
    {"b64enc", 1, 1, Base64Encode},
    {"b64dec", 1, 1, Base64Decode},
    {"urlencode", 1, 1, UrlEncode},
    {"urldecode", 1, 1, UrlDecode},
    {"urlquery", 1, 1, UrlEncode},
};

}  // namespace

std::span<const FunctionEntry> TextFunctions() { return kFunctions; }

}  // namespace taffrail::query::templates
