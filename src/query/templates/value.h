// What a template computes with: Go's values as far as templates of log lines see them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace taffrail::query::templates {

struct Value;
using List = std::vector<Value>;
using Map = std::map<std::string, Value, std::less<>>;  // in order of keys, as Go prints and walks maps

struct Time {
  int64_t unix_ns = 0;
  std::string zone = "UTC";  // an IANA name
};

struct Value {
  std::variant<std::monostate, bool, int64_t, double, std::string, std::shared_ptr<const List>,
               std::shared_ptr<const Map>, Time>
      data;

  Value() = default;
  template <typename T>
  Value(T value) : data(std::move(value)) {}                 // NOLINT(google-explicit-constructor)
  Value(std::string_view text) : data(std::string(text)) {}  // NOLINT(google-explicit-constructor)
  Value(const char* text) : data(std::string(text)) {}       // NOLINT(google-explicit-constructor)

  template <typename T>
  const T* As() const {
    return std::get_if<T>(&data);
  }
  bool IsNil() const { return std::holds_alternative<std::monostate>(data); }
};

bool IsTrue(const Value& value);         // as Go's `if`: not zero, not empty
std::string ToText(const Value& value);  // as Go's %v
// A JSON document; nil when it is none.
Value FromJson(std::string_view json);

// Numbers of texts, as the functions that compute take them; what is no number is 0.
int64_t ToInteger(const Value& value);
double ToDouble(const Value& value);

}  // namespace taffrail::query::templates
