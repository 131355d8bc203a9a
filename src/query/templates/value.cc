#include "query/templates/value.h"

#include <charconv>
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "fmt/format.h"
#include "record/batch_builder.h"
#include "record/json_scan.h"

namespace taffrail::query::templates {
namespace {

std::string NumberToText(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
  const double magnitude = std::abs(number);
  if (magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e21)) return fmt::format("{:e}", number);
  char buffer[400];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), number, std::chars_format::fixed);
  return {buffer, result.ptr};
}

struct Printer {
  std::string operator()(std::monostate) const { return "<no value>"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return NumberToText(value); }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(const std::shared_ptr<const List>& list) const {
    std::string out = "[";
    for (const Value& item : *list) out += (out.size() > 1 ? " " : "") + ToText(item);
    return out + "]";
  }
  std::string operator()(const std::shared_ptr<const Map>& map) const {
    std::string out = "map[";
    for (const auto& [key, value] : *map) out += (out.size() > 4 ? " " : "") + key + ":" + ToText(value);
    return out + "]";
  }
  std::string operator()(const Time& time) const {
    absl::TimeZone zone;
    absl::LoadTimeZone(time.zone, &zone);
    return absl::FormatTime("%Y-%m-%d %H:%M:%E*S %z %Z", absl::FromUnixNanos(time.unix_ns), zone);
  }
};

using record::SkipSpace;

std::string TakeString(const char*& at, const char* end) {
  record::ScannedValue value;
  at = record::ScanString(at + 1, end, value);
  std::string text;
  record::AppendUnescaped(value.text, text);
  return text;
}

// The document was checked.
Value Take(const char*& at, const char* end) {
  if (*at == '"') return TakeString(at, end);
  if (*at == '[' || *at == '{') {
    const char close = *at == '[' ? ']' : '}';
    List list;
    Map map;
    at = SkipSpace(at + 1, end);
    while (*at != close) {
      std::string key;
      if (close == '}') {
        key = TakeString(at, end);
        at = SkipSpace(SkipSpace(at, end) + 1, end);
      }
      Value value = Take(at, end);
      if (close == '}') {
        map.insert_or_assign(std::move(key), std::move(value));
      } else {
        list.push_back(std::move(value));
      }
      at = SkipSpace(at, end);
      if (*at == ',') at = SkipSpace(at + 1, end);
    }
    ++at;
    if (close == ']') return std::make_shared<const List>(std::move(list));
    return std::make_shared<const Map>(std::move(map));
  }
  const char* const begin = at;
  at = record::SkipValue(at, end, 0);
  if (*begin == 'n') return {};
  if (*begin == 't' || *begin == 'f') return *begin == 't';
  double number = 0;
  std::from_chars(begin, at, number);  // Go's decoder makes every number a float64
  return number;
}

}  // namespace

bool IsTrue(const Value& value) {
  if (const auto* flag = value.As<bool>()) return *flag;
  if (const auto* integer = value.As<int64_t>()) return *integer != 0;
  if (const auto* number = value.As<double>()) return *number != 0;
  if (const auto* text = value.As<std::string>()) return !text->empty();
  if (const auto* list = value.As<std::shared_ptr<const List>>()) return !(*list)->empty();
  if (const auto* map = value.As<std::shared_ptr<const Map>>()) return !(*map)->empty();
  return value.As<Time>() != nullptr;
}

std::string ToText(const Value& value) { return std::visit(Printer(), value.data); }

Value FromJson(std::string_view json) {
  const char* const end = json.data() + json.size();
  const char* at = SkipSpace(json.data(), end);
  if (at == end) return {};
  const char* const after = record::SkipValue(at, end, 0);
  if (after == nullptr || SkipSpace(after, end) != end) return {};
  return Take(at, end);
}

int64_t ToInteger(const Value& value) {
  if (const auto* integer = value.As<int64_t>()) return *integer;
  if (const auto* flag = value.As<bool>()) return *flag ? 1 : 0;
  if (const auto* number = value.As<double>()) {
    return std::abs(*number) < 9.2e18 ? static_cast<int64_t>(*number) : 0;
  }
  int64_t integer = 0;
  if (const auto* text = value.As<std::string>()) {
    // As cast.ToInt64 reads texts: "3.00" is 3, "3.7" no integer.
    std::string_view digits = *text;
    if (const size_t point = digits.find('.');
        point != std::string_view::npos && point > 0 &&
        digits.find_first_not_of('0', point + 1) == std::string_view::npos) {
      digits = digits.substr(0, point);
    }
    if (absl::SimpleAtoi(absl::string_view(digits.data(), digits.size()), &integer)) return integer;
  }
  return 0;
}

double ToDouble(const Value& value) {
  if (const auto* number = value.As<double>()) return *number;
  if (const auto* text = value.As<std::string>()) {
    double number = 0;
    return absl::SimpleAtod(*text, &number) ? number : 0;
  }
  return static_cast<double>(ToInteger(value));
}

}  // namespace taffrail::query::templates
