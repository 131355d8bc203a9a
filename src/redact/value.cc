#include "redact/value.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "redact/chars.h"

namespace taffrail::redact {
namespace {

template <size_t n>
constexpr bool In(const std::array<std::string_view, n>& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

template <size_t n>
bool ContainsAny(std::string_view lower, const std::array<std::string_view, n>& list) {
  return std::ranges::any_of(
      list, [&](std::string_view word) { return lower.find(word) != std::string_view::npos; });
}

// Longer values are no placeholder but for their beginning, so only that is looked at.
constexpr size_t kLookedAt = 96;

class Lowered {
 public:
  explicit Lowered(std::string_view value) : size_(std::min(value.size(), kLookedAt)) {
    std::ranges::transform(value.substr(0, size_), buffer_, Lower);
  }
  std::string_view view() const { return {buffer_, size_}; }

 private:
  char buffer_[kLookedAt];
  size_t size_;
};

constexpr std::array<std::string_view, 35> kNothings = {
    "null",     "none",     "nil",     "undefined", "true",       "false",     "yes",
    "no",       "n/a",      "na",      "unset",     "empty",      "redacted",  "removed",
    "hidden",   "filtered", "masked",  "protected", "todo",       "tbd",       "string",
    "str",      "bytes",    "bool",    "int",       "integer",    "number",    "optional",
    "required", "object",   "unknown", "omitted",   "obfuscated", "sanitized", "encrypted"};
constexpr std::array<std::string_view, 19> kTelling = {
    "your_",     "your-",  "yourapi",   "insert_", "insert-",     "replace_", "replace-",
    "replaceme", "_here",  "-here",     "put_",    "placeholder", "redacted", "example_",
    "_example",  "dummy_", "goes_here", "<your",   "not_real"};
constexpr std::array<std::string_view, 20> kElsewhere = {
    "process.env", "os.environ", "os.getenv", "getenv(", "system.getenv", "env[",  "env(",
    "env.",        "secrets.",   "vault:",    "ref+",    "ssm:",          "op://", "arn:aws:",
    "enc[",        "enc(",       "{cipher}",  "!ref",    "!sub",          "!vault"};

bool IsIdentifier(std::string_view text) {
  return !text.empty() && (IsLetter(text[0]) || text[0] == '_') &&
         std::ranges::all_of(text, [](char c) { return IsAlnum(c) || c == '_'; });
}

// The same thing over and over: ****, xxxx, ----, 0000, "....".
bool IsFilling(std::string_view value) {
  const char first = Lower(value[0]);
  const bool filler = first == 'x' || !IsAlnum(first) || first == '0';
  return std::ranges::all_of(value, [&](char c) {
    return Lower(c) == first || (filler && (c == '-' || c == '.' || c == '_' || c == '*' || c == ' '));
  });
}

bool HasRun(std::string_view value, size_t least) {
  size_t run = 1;
  for (size_t i = 1; i < value.size(); ++i) {
    run = value[i] == value[i - 1] ? run + 1 : 1;
    if (run >= least && (value[i] == '*' || value[i] == 'x' || value[i] == 'X')) return true;
  }
  return false;
}

// Upper and lower case and digits, too many for a name.
bool IsMixed(std::string_view text) {
  return text.size() >= 10 && std::ranges::any_of(text, IsDigit) && std::ranges::any_of(text, IsUpper) &&
         std::ranges::any_of(text, IsLower) && Entropy(text) > 3.0;
}

bool IsWrapped(std::string_view value, std::string_view open, std::string_view close) {
  return value.size() > open.size() + close.size() && value.starts_with(open) && value.ends_with(close);
}

// $NAME, ${NAME}, $(command), %NAME%, %s, #{name}, {{ name }}, {name}, <name>, [NAME], @name@, __NAME__.
bool IsVariable(std::string_view value) {
  if (value[0] == '$' && value.size() > 1) {
    if (value[1] == '{' || value[1] == '(')
      return value.back() == '}' || value.back() == ')' || value.find('}') != std::string_view::npos;
    const std::string_view name = value.substr(value.starts_with("$$") ? 2 : 1);
    const auto upper = [](char c) { return IsUpper(c) || IsDigit(c) || c == '_'; };
    const auto lower = [](char c) { return IsLower(c) || c == '_' || c == '.'; };
    return !name.empty() && (std::ranges::all_of(name, upper) || std::ranges::all_of(name, lower) ||
                             (IsIdentifier(name) && std::ranges::none_of(name, IsDigit)));
  }
  if (value[0] == '%') {
    if (value.size() == 2) return IsLetter(value[1]);
    return IsWrapped(value, "%", "%") || IsWrapped(value, "%(", ")s") || IsWrapped(value, "%{", "}");
  }
  if (IsWrapped(value, "{{", "}}") || IsWrapped(value, "#{", "}") || IsWrapped(value, "<%", "%>"))
    return true;
  const std::string_view inner = value.substr(1, value.size() > 2 ? value.size() - 2 : 0);
  const auto word = [](char c) {
    return IsAlnum(c) || c == '_' || c == '-' || c == ' ' || c == '.' || c == ':';
  };
  const bool words = std::ranges::all_of(inner, word) && !IsMixed(inner);
  constexpr std::array<std::string_view, 3> kEmpty = {"{}", "[]", "<>"};
  if (std::ranges::find(kEmpty, value) != kEmpty.end()) return true;
  if (!words) return false;
  constexpr std::array<std::array<std::string_view, 2>, 5> kAround = {
      {{"{", "}"}, {"<", ">"}, {"[", "]"}, {"@", "@"}, {"__", "__"}}};
  return std::ranges::any_of(kAround, [&](const auto& ends) { return IsWrapped(value, ends[0], ends[1]); });
}

// What this engine itself leaves: at most eight bytes, dots, at most four.
bool IsPartialMask(std::string_view value) {
  const size_t dots = value.find("...");
  return dots <= 12 && value.size() - dots - 3 <= 8;
}

constexpr std::array<std::string_view, 26> kRoots = {
    "self", "this", "config",  "settings", "args",  "options", "params", "request", "req",
    "ctx",  "cfg",  "process", "env",      "user",  "form",    "data",   "props",   "state",
    "obj",  "var",  "local",   "module",   "event", "context", "input",  "os"};
constexpr std::array<std::string_view, 20> kKeywords = {
    "new",  "await", "function", "lambda", "def",  "return", "typeof", "struct", "func", "fn",
    "char", "const", "let",      "var",    "void", "if",     "else",   "not",    "self", "this"};

bool IsChain(std::string_view value, size_t& dots) {
  dots = 0;
  size_t begin = 0;
  while (true) {
    const size_t dot = value.find('.', begin);
    if (!IsIdentifier(value.substr(begin, dot == std::string_view::npos ? dot : dot - begin))) return false;
    if (dot == std::string_view::npos) return true;
    ++dots;
    begin = dot + 1;
  }
}

constexpr std::array<std::string_view, 7> kSecretParts = {"password", "passwd",  "secret",    "token",
                                                          "apikey",   "api_key", "credential"};

constexpr std::array<std::string_view, 78> kProse = {"is",
                                                     "are",
                                                     "was",
                                                     "were",
                                                     "must",
                                                     "may",
                                                     "might",
                                                     "should",
                                                     "shall",
                                                     "can",
                                                     "cannot",
                                                     "could",
                                                     "will",
                                                     "would",
                                                     "has",
                                                     "have",
                                                     "had",
                                                     "does",
                                                     "did",
                                                     "for",
                                                     "of",
                                                     "in",
                                                     "on",
                                                     "at",
                                                     "to",
                                                     "from",
                                                     "by",
                                                     "with",
                                                     "without",
                                                     "the",
                                                     "a",
                                                     "an",
                                                     "and",
                                                     "or",
                                                     "not",
                                                     "too",
                                                     "invalid",
                                                     "incorrect",
                                                     "wrong",
                                                     "expired",
                                                     "missing",
                                                     "changed",
                                                     "reset",
                                                     "required",
                                                     "failed",
                                                     "failure",
                                                     "accepted",
                                                     "rejected",
                                                     "updated",
                                                     "mismatch",
                                                     "verification",
                                                     "authentication",
                                                     "auth",
                                                     "successful",
                                                     "successfully",
                                                     "found",
                                                     "field",
                                                     "could",
                                                     "please",
                                                     "enter",
                                                     "unable",
                                                     "error",
                                                     "check",
                                                     "validation",
                                                     "policy",
                                                     "provided",
                                                     "supplied",
                                                     "entered",
                                                     "specified",
                                                     "denied",
                                                     "disabled",
                                                     "enabled",
                                                     "set",
                                                     "your",
                                                     "this",
                                                     "that",
                                                     "it"};

}  // namespace

bool IsPlaceholder(std::string_view value) {
  if (value.empty() || IsFilling(value)) return true;
  const Lowered lowered(value);
  const std::string_view lower = lowered.view();
  if (In(kNothings, lower) || IsVariable(value) || IsPartialMask(value)) return true;
  if (HasRun(value, 4) || value.find("***") != std::string_view::npos) return true;
  if (value.size() > kLookedAt) return false;
  return ContainsAny(lower, kTelling) ||
         std::ranges::any_of(kElsewhere, [&](std::string_view word) { return lower.starts_with(word); });
}

bool IsCode(std::string_view value, bool spaced) {
  const size_t end = value.find_first_of(" \t");
  const std::string_view first = value.substr(0, end);
  const Lowered lowered(first);
  if (In(kKeywords, lowered.view())) return true;
  // A call or an index: `f(`, `f(x)`, `a.b[`.
  const size_t open = first.find_first_of("([");
  size_t dots = 0;
  if (open != std::string_view::npos && open > 0 && IsChain(first.substr(0, open), dots)) {
    const char last = value.back();
    if (last == '(' || last == ')' || last == '[' || last == ']' || value.ends_with(");")) return true;
  }
  if (!IsChain(first, dots)) return false;
  if (dots > 0) {
    const Lowered root(first.substr(0, first.find('.')));
    return spaced || In(kRoots, root.view());
  }
  return spaced && !HasDigit(first) && ContainsAny(lowered.view(), kSecretParts);
}

bool IsProse(std::string_view value) {
  const size_t end = std::min(value.find_first_of(" \t"), value.size());
  size_t last = end;
  while (last > 0 && std::string_view(",.;:!?)").find(value[last - 1]) != std::string_view::npos) --last;
  const Lowered word(value.substr(0, last));
  return In(kProse, word.view());
}

namespace {

bool IsHexTail(std::string_view text) {
  if (text.ends_with('}')) text.remove_suffix(1);
  return !text.empty() && text.size() <= 16 && std::ranges::all_of(text, IsHex);
}

// Names an object, not a right: android.os.BinderProxy@2bd79ce, Token{a64f992, com.apple.xpc.activity/4505.
bool IsHandle(std::string_view value) {
  const size_t mark = value.find_first_of("@{/");
  size_t dots = 0;
  if (mark == std::string_view::npos || !IsChain(value.substr(0, mark), dots)) return false;
  const std::string_view tail = value.substr(mark + 1);
  if (value[mark] != '/') return IsHexTail(tail);
  const size_t end = std::min(tail.find_first_not_of("0123456789"), tail.size());
  return dots >= 2 && end > 0 && (end == tail.size() || tail[end] == ':');
}

}  // namespace

bool HasDigit(std::string_view value) { return std::ranges::any_of(value, IsDigit); }

bool IsOpaque(std::string_view value) {
  if (value.size() < 8 || value.find("://") != std::string_view::npos) return false;
  if (value[0] == '/' || value[0] == '.' || value[0] == '-' || IsHandle(value)) return false;
  size_t digits = 0;
  size_t upper = 0;
  size_t lower = 0;
  for (const char c : value) {
    if (IsSpace(c) || c == '<' || c == '>' || c == '(' || c == ')') return false;
    digits += IsDigit(c) ? 1 : 0;
    upper += IsUpper(c) ? 1 : 0;
    lower += IsLower(c) ? 1 : 0;
  }
  if (upper + lower == 0) return digits >= 14;  // shorter numbers count something
  if (digits > 0) return true;
  return value.size() >= 16 && upper > 1 && lower > 1 && value.find('.') == std::string_view::npos;
}

bool IsRandom(std::string_view value) {
  if (value.size() < 16 || !IsOpaque(value) || !HasDigit(value)) return false;
  size_t changes = 0;  // between kinds of bytes: words with a number behind them change once or twice
  const auto kind = [](char c) { return IsDigit(c) ? 0 : IsUpper(c) ? 1 : IsLower(c) ? 2 : 3; };
  for (size_t i = 1; i < value.size(); ++i) changes += kind(value[i]) != kind(value[i - 1]) ? 1 : 0;
  return changes * 5 >= value.size() && Entropy(value) >= 3.0;
}

bool HasCookie(std::string_view value) {
  const size_t equals = value.find('=');
  return equals != std::string_view::npos && value.size() >= 6 &&
         std::ranges::any_of(value.substr(equals + 1), IsAlnum);
}

double Entropy(std::string_view value) {
  std::array<uint32_t, 256> counts = {};
  for (const char c : value) ++counts[static_cast<uint8_t>(c)];
  double bits = 0;
  for (const uint32_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(value.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

}  // namespace taffrail::redact
