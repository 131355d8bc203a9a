// A value read from a record, or computed from some: what projections and aggregates hold.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace taffrail::expr {

struct Null {
  friend bool operator==(Null, Null) = default;
};
struct Json {  // an array or object, as written
  std::string text;
  friend bool operator==(const Json&, const Json&) = default;
};
struct Missing {
  friend bool operator==(Missing, Missing) = default;
};
// A number keeps its written form beside its value, e.g. "15.90".
struct Number {
  double value = 0;
  std::string text;
  friend bool operator==(const Number& a, const Number& b) { return a.text == b.text; }
};
using Value = std::variant<Missing, Null, bool, int64_t, Number, std::string, Json>;

// A number in its shortest form; "NaN", "Infinity" and "-Infinity" as texts, which JSON cannot say as
// numbers.
Value MakeNumber(double value);

// The value as plain text; Missing and Null give "".
std::string ToText(const Value& value);
// As JSON; Missing gives null.
void AppendJson(const Value& value, std::string& out);
// A number, or a text that is one as a whole.
bool ToNumber(const Value& value, double& number);
// The value of a JSON text. REQUIRES: valid JSON without white space around it.
Value ParseJsonValue(std::string_view json);

// Bytes that are equal for values of the same kind and text and differ for all others (null is missing); none
// is a prefix of another.
void AppendKey(const Value& value, std::string& key);

// A total order for sorting: numbers by value before texts in byte order, then true and false, arrays and
// objects, and last what is null or missing. Less than, equal to or greater than zero.
int CompareValues(const Value& a, const Value& b);

}  // namespace taffrail::expr
