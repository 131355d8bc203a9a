#include <algorithm>
#include <cmath>

#include "absl/strings/str_replace.h"
#include "fmt/format.h"
#include "query/templates/functions.h"
#include "record/json_writer.h"

namespace taffrail::query::templates {
namespace {

using Arguments = std::span<const Value>;
using Result = absl::StatusOr<Value>;

Result Line(Arguments, CallContext& context) { return Value(context.fields->line()); }

// default fallback value
Result Default(Arguments a, CallContext&) { return a.size() > 1 && IsTrue(a[1]) ? a[1] : a[0]; }

Result JsonOf(Arguments a, CallContext&) { return FromJson(ToText(a[0])); }

Result Length(Arguments a, CallContext&) {
  if (const auto* text = a[0].As<std::string>()) return static_cast<int64_t>(text->size());
  if (const auto* list = a[0].As<std::shared_ptr<const List>>()) return static_cast<int64_t>((*list)->size());
  if (const auto* map = a[0].As<std::shared_ptr<const Map>>()) return static_cast<int64_t>((*map)->size());
  return absl::InvalidArgumentError("len of a value that has no length");
}

Result Index(Arguments a, CallContext& context) {
  Value value = a[0];
  for (const Value& key : a.subspan(1)) {
    if (const auto* list = value.As<std::shared_ptr<const List>>()) {
      const int64_t index = ToInteger(key);
      if (index < 0 || static_cast<size_t>(index) >= (*list)->size()) {
        return absl::InvalidArgumentError(fmt::format("index out of range: {}", index));
      }
      value = Value((**list)[static_cast<size_t>(index)]);
    } else if (const auto* map = value.As<std::shared_ptr<const Map>>()) {
      const auto found = (*map)->find(ToText(key));
      const bool of_texts = map->get() == context.all_fields;  // in which nothing is the empty text
      const Value none = of_texts ? Value("") : Value();
      value = found == (*map)->end() ? none : Value(found->second);
    } else if (const auto* text = value.As<std::string>()) {
      const int64_t index = ToInteger(key);
      if (index < 0 || static_cast<size_t>(index) >= text->size()) {
        return absl::InvalidArgumentError(fmt::format("index out of range: {}", index));
      }
      value = Value(int64_t{static_cast<uint8_t>((*text)[static_cast<size_t>(index)])});
    } else {
      return absl::InvalidArgumentError("index of a value that has no items");
    }
  }
  return value;
}

// slice text from to: of its bytes, as Go counts.
Result Slice(Arguments a, CallContext&) {
  const auto* const text = a[0].As<std::string>();
  if (text == nullptr) return absl::InvalidArgumentError("slice of a value that is no text");
  const int64_t from = a.size() > 1 ? ToInteger(a[1]) : 0;
  const int64_t to = a.size() > 2 ? ToInteger(a[2]) : static_cast<int64_t>(text->size());
  if (from < 0 || to < from || static_cast<size_t>(to) > text->size()) {
    return absl::InvalidArgumentError(fmt::format("slice out of range: {}:{}", from, to));
  }
  return Value(text->substr(static_cast<size_t>(from), static_cast<size_t>(to - from)));
}

bool IsNumber(const Value& value) { return value.As<int64_t>() != nullptr || value.As<double>() != nullptr; }

absl::StatusOr<int> Compare(const Value& a, const Value& b) {
  if (IsNumber(a) && IsNumber(b)) {
    const double x = ToDouble(a);
    const double y = ToDouble(b);
    return x < y ? -1 : x > y ? 1 : 0;
  }
  const auto* x = a.As<std::string>();
  const auto* y = b.As<std::string>();
  if (x != nullptr && y != nullptr) return x->compare(*y);
  return absl::InvalidArgumentError("incompatible types for comparison");
}

absl::StatusOr<bool> Same(const Value& a, const Value& b) {
  const auto* x = a.As<bool>();
  const auto* y = b.As<bool>();
  if (x != nullptr && y != nullptr) return *x == *y;
  if (a.IsNil() || b.IsNil()) return a.IsNil() && b.IsNil();
  TAFFRAIL_ASSIGN_OR_RETURN(const int order, Compare(a, b));
  return order == 0;
}

Result Equal(Arguments a, CallContext&) {
  for (const Value& other : a.subspan(1)) {
    TAFFRAIL_ASSIGN_OR_RETURN(const bool same, Same(a[0], other));
    if (same) return true;
  }
  return false;
}
Result NotEqual(Arguments a, CallContext&) {
  TAFFRAIL_ASSIGN_OR_RETURN(const bool same, Same(a[0], a[1]));
  return !same;
}
Result Less(Arguments a, CallContext&) {
  TAFFRAIL_ASSIGN_OR_RETURN(const int order, Compare(a[0], a[1]));
  return order < 0;
}
Result LessEqual(Arguments a, CallContext&) {
  TAFFRAIL_ASSIGN_OR_RETURN(const int order, Compare(a[0], a[1]));
  return order <= 0;
}
Result Greater(Arguments a, CallContext&) {
  TAFFRAIL_ASSIGN_OR_RETURN(const int order, Compare(a[0], a[1]));
  return order > 0;
}
Result GreaterEqual(Arguments a, CallContext&) {
  TAFFRAIL_ASSIGN_OR_RETURN(const int order, Compare(a[0], a[1]));
  return order >= 0;
}

Result And(Arguments a, CallContext&) {
  for (const Value& value : a) {
    if (!IsTrue(value)) return value;
  }
  return a.back();
}
Result Or(Arguments a, CallContext&) {
  for (const Value& value : a) {
    if (IsTrue(value)) return value;
  }
  return a.back();
}
Result Not(Arguments a, CallContext&) { return !IsTrue(a[0]); }

Result Printf(Arguments a, CallContext&) { return FormatValues(ToText(a[0]), a.subspan(1)); }

// Spaces stand between neighbours of which neither is a text.
Result Print(Arguments a, CallContext&) {
  std::string out;
  for (size_t i = 0; i < a.size(); ++i) {
    const bool texts = i > 0 && (a[i].As<std::string>() != nullptr || a[i - 1].As<std::string>() != nullptr);
    if (i > 0 && !texts) out += ' ';
    out += ToText(a[i]);
  }
  return out;
}
Result Println(Arguments a, CallContext&) {
  std::string out;
  for (size_t i = 0; i < a.size(); ++i) out += (i > 0 ? " " : "") + ToText(a[i]);
  return out + "\n";
}

Result Html(Arguments a, CallContext&) {
  return absl::StrReplaceAll(ToText(a[0]),
                             {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&#34;"}, {"'", "&#39;"}});
}

constexpr size_t kMany = 64;

constexpr FunctionEntry kFunctions[] = {
    {"__line__", 0, 0, Line},       {"default", 1, 2, Default},
    {"fromJson", 1, 1, JsonOf},     {"len", 1, 1, Length},
    {"index", 1, kMany, Index},     {"eq", 2, kMany, Equal},
    {"ne", 2, 2, NotEqual},         {"lt", 2, 2, Less},
    {"le", 2, 2, LessEqual},        {"gt", 2, 2, Greater},
    {"ge", 2, 2, GreaterEqual},     {"and", 1, kMany, And},
    {"or", 1, kMany, Or},           {"not", 1, 1, Not},
    {"printf", 1, kMany, Printf},   {"print", 0, kMany, Print},
    {"println", 0, kMany, Println}, {"html", 1, 1, Html},
    {"slice", 1, 3, Slice},
};

// One verb of printf: %[flags][width][.precision]letter.
struct Verb {
  bool left = false, plus = false, zero = false, space = false, sharp = false;
  int width = 0;
  int precision = -1;
  char letter = 0;
};

constexpr int kMaxWidth = 4096;  // of a padded value: more is a mistake, and costs memory

Verb ReadVerb(std::string_view format, size_t& at) {
  Verb verb;
  for (; at < format.size(); ++at) {
    const char c = format[at];
    if (c == '-')
      verb.left = true;
    else if (c == '+')
      verb.plus = true;
    else if (c == '0')
      verb.zero = true;
    else if (c == ' ')
      verb.space = true;
    else if (c == '#')
      verb.sharp = true;
    else
      break;
  }
  const auto number = [&] {
    int value = 0;
    for (; at < format.size() && format[at] >= '0' && format[at] <= '9'; ++at) {
      value = std::min(kMaxWidth, value * 10 + (format[at] - '0'));
    }
    return value;
  };
  verb.width = number();
  if (at < format.size() && format[at] == '.') {
    ++at;
    verb.precision = number();
  }
  if (at < format.size()) verb.letter = format[at++];
  return verb;
}

std::string Pad(std::string text, const Verb& verb, bool is_number) {
  const auto size = static_cast<int>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
  if (size >= verb.width) return text;
  const auto missing = static_cast<size_t>(verb.width - size);
  if (verb.left) return text + std::string(missing, ' ');
  if (!verb.zero) return std::string(missing, ' ') + text;
  const size_t sign = is_number && !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  return text.substr(0, sign) + std::string(missing, '0') + text.substr(sign);
}

// As fmt shows a value that it cannot format.
std::string TypeAndText(const Value& value) {
  if (value.IsNil()) return "<nil>";
  const char* type = value.As<std::string>() != nullptr ? "string"
                     : value.As<int64_t>() != nullptr   ? "int"
                     : value.As<bool>() != nullptr      ? "bool"
                                                        : "float64";
  return fmt::format("{}={}", type, ToText(value));
}

std::string Misused(const Verb& verb, const Value& value) {
  return fmt::format("%!{}({})", verb.letter, TypeAndText(value));
}

std::string FormatInteger(const Verb& verb, int64_t value) {
  std::string out;
  switch (verb.letter) {
    case 'x':
      out = fmt::format("{:x}", value);
      break;
    case 'X':
      out = fmt::format("{:X}", value);
      break;
    case 'o':
      out = fmt::format("{:o}", value);
      break;
    case 'b':
      out = fmt::format("{:b}", value);
      break;
    default:
      out = std::to_string(value);
  }
  return verb.plus && value >= 0 ? "+" + out : out;
}

std::string FormatOne(const Verb& verb, const Value& value) {
  switch (verb.letter) {
    case 'd':
    case 'x':
    case 'X':
    case 'o':
    case 'b':
      if (const auto* integer = value.As<int64_t>()) return Pad(FormatInteger(verb, *integer), verb, true);
      if (const auto* text = value.As<std::string>();
          text != nullptr && (verb.letter == 'x' || verb.letter == 'X')) {
        std::string hex;
        for (const char c : *text) {
          const auto byte = static_cast<unsigned char>(c);
          hex += verb.letter == 'x' ? fmt::format("{:02x}", byte) : fmt::format("{:02X}", byte);
        }
        return Pad(hex, verb, false);
      }
      return Misused(verb, value);
    case 'f':
    case 'F':
    case 'e':
    case 'g': {
      const auto* number = value.As<double>();
      if (number == nullptr) return Misused(verb, value);
      const int precision = verb.precision < 0 ? 6 : std::min(verb.precision, 100);
      std::string out =
          verb.letter == 'e' ? fmt::format("{:.{}e}", *number, precision)
          : verb.letter == 'g'
              ? (verb.precision < 0 ? ToText(value) : fmt::format("{:.{}g}", *number, precision))
              : fmt::format("{:.{}f}", *number, precision);
      if (verb.plus && *number >= 0) out = "+" + out;
      return Pad(out, verb, true);
    }
    case 'q': {
      std::string quoted;
      record::AppendJsonString(ToText(value), quoted);
      return Pad(quoted, verb, false);
    }
    case 't':
      return value.As<bool>() != nullptr ? Pad(ToText(value), verb, false) : Misused(verb, value);
    case 's':
      if (IsNumber(value)) return Misused(verb, value);
      [[fallthrough]];
    case 'v': {
      std::string text = ToText(value);
      if (verb.precision >= 0 && verb.letter == 's')
        text = text.substr(0, static_cast<size_t>(verb.precision));
      return Pad(text, verb, IsNumber(value));
    }
    default:
      return Misused(verb, value);
  }
}

}  // namespace

std::span<const FunctionEntry> GeneralFunctions() { return kFunctions; }

std::string FormatValues(std::string_view format, std::span<const Value> arguments) {
  std::string out;
  size_t next = 0;
  for (size_t at = 0; at < format.size();) {
    if (format[at] != '%') {
      out += format[at++];
      continue;
    }
    ++at;
    if (at < format.size() && format[at] == '%') {
      out += format[at++];
      continue;
    }
    const Verb verb = ReadVerb(format, at);
    if (verb.letter == 0) {
      out += "%!(NOVERB)";
    } else if (next >= arguments.size()) {
      out += fmt::format("%!{}(MISSING)", verb.letter);
    } else {
      out += FormatOne(verb, arguments[next++]);
    }
    if (out.size() > kMaxOutputBytes) break;
  }
  for (size_t first = next; next < arguments.size(); ++next) {
    out += (next == first ? "%!(EXTRA " : ", ") + TypeAndText(arguments[next]);
    if (next + 1 == arguments.size()) out += ')';
  }
  return out;
}

const FunctionEntry* FindFunction(std::string_view name) {
  for (const auto table : {TextFunctions(), NumberFunctions(), TimeFunctions(), GeneralFunctions()}) {
    for (const FunctionEntry& entry : table) {
      if (entry.name == name) return &entry;
    }
  }
  return nullptr;
}

bool IsFunction(std::string_view name) { return FindFunction(name) != nullptr; }

absl::StatusOr<Value> Call(const FunctionEntry& function, std::span<const Value> arguments,
                           CallContext& context) {
  if (arguments.size() < function.min_arguments || arguments.size() > function.max_arguments) {
    return absl::InvalidArgumentError(fmt::format("wrong number of args for {}: want {} got {}",
                                                  function.name, function.min_arguments, arguments.size()));
  }
  return function.body(arguments, context);
}

}  // namespace taffrail::query::templates
