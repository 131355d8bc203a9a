#include "expr/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/bytes.h"
#include "expr/number.h"
#include "record/batch_builder.h"
#include "record/json_writer.h"

namespace taffrail::expr {
namespace {

// Places of the kinds in CompareValues.
int RankOf(const Value& value) {
  struct Rank {
    int operator()(Missing) const { return 5; }
    int operator()(Null) const { return 4; }
    int operator()(bool) const { return 2; }
    int operator()(int64_t) const { return 0; }
    int operator()(const Number&) const { return 0; }
    int operator()(const std::string&) const { return 1; }
    int operator()(const Json&) const { return 3; }
  };
  return std::visit(Rank(), value);
}

int Sign(bool less, bool greater) { return less ? -1 : greater ? 1 : 0; }

int CompareNumbers(const Value& a, const Value& b) {
  const auto* left = std::get_if<int64_t>(&a);
  const auto* right = std::get_if<int64_t>(&b);
  if (left != nullptr && right != nullptr) return Sign(*left<*right, *left> * right);
  double x = 0;
  double y = 0;
  ToNumber(a, x);
  ToNumber(b, y);
  return Sign(x<y, x> y);
}

}  // namespace

Value MakeNumber(double value) {
  std::string text;
  record::AppendDouble(value, text);
  if (!std::isfinite(value)) return text.substr(1, text.size() - 2);
  int64_t integer = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (result.ec == std::errc() && result.ptr == text.data() + text.size() && text != "-0") return integer;
  return Number{value, std::move(text)};
}

std::string ToText(const Value& value) {
  struct Text {
    std::string operator()(Missing) const { return {}; }
    std::string operator()(Null) const { return {}; }
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(int64_t v) const { return std::to_string(v); }
    std::string operator()(const Number& v) const { return v.text; }
    std::string operator()(const std::string& v) const { return v; }
    std::string operator()(const Json& v) const { return v.text; }
  };
  return std::visit(Text(), value);
}

void AppendJson(const Value& value, std::string& out) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    record::AppendJsonString(*text, out);
  } else if (std::holds_alternative<Missing>(value) || std::holds_alternative<Null>(value)) {
    out += "null";
  } else {
    out += ToText(value);
  }
}

bool ToNumber(const Value& value, double& number) {
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    number = static_cast<double>(*integer);
    return true;
  }
  if (const auto* known = std::get_if<Number>(&value)) {
    number = known->value;
    return true;
  }
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr && ParseNumber(*text, number);
}

Value ParseJsonValue(std::string_view json) {
  if (json.empty() || json == "null") return Null{};
  if (json == "true" || json == "false") return json == "true";
  if (json[0] == '"') {
    std::string text;
    record::AppendUnescaped(json.substr(1, json.size() - 2), text);
    return text;
  }
  if (json[0] == '[' || json[0] == '{') return Json{std::string(json)};
  int64_t integer = 0;
  const auto result = std::from_chars(json.data(), json.data() + json.size(), integer);
  if (result.ec == std::errc() && result.ptr == json.data() + json.size() && json != "-0") return integer;
  double number = 0;
  ParseNumber(json, number);
  return Number{number, std::string(json)};
}

void AppendKey(const Value& value, std::string& key) {
  const int rank = std::min(RankOf(value), 4);
  key += static_cast<char>(rank);
  if (rank < 4) base::PutString(key, ToText(value));
}

int CompareValues(const Value& a, const Value& b) {
  const int rank = RankOf(a);
  const int other = RankOf(b);
  if (rank != other) return rank - other;
  switch (rank) {
    case 0:
      return CompareNumbers(a, b);
    case 1:
      return std::get<std::string>(a).compare(std::get<std::string>(b));
    case 2:
      return static_cast<int>(std::get<bool>(a)) - static_cast<int>(std::get<bool>(b));
    case 3:
      return std::get<Json>(a).text.compare(std::get<Json>(b).text);
    default:
      return 0;
  }
}

}  // namespace taffrail::expr
