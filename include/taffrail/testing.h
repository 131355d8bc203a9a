// For tests of programs that log: what was logged, asked by fields and not by text.
//
//   auto capture = std::make_shared<taffrail::CaptureSink>();
//   config.sinks = {{capture, taffrail::Level::kTrace, "nested"}};
//   …
//   EXPECT_EQ(capture->missing({{"message", "Task created"}, {"metadata.duration_ms", 45}}), "");
//
// Needs lines of JSON. A path's parts are separated by dots, and a number is a place in an array; a key that
// has a dot itself is found as well.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "taffrail/sinks.h"

namespace taffrail {

// A field that a line is to have, and its value. Numbers are compared as numbers.
struct ExpectedField {
  struct Anything {};
  using Value = std::variant<Anything, std::nullptr_t, bool, int64_t, double, std::string>;

  ExpectedField(std::string_view field) : path(field) {}  // NOLINT(google-explicit-constructor): any value
  ExpectedField(std::string_view field, std::nullptr_t) : path(field), value(nullptr) {}
  ExpectedField(std::string_view field, const char* text) : path(field), value(std::string(text)) {}
  ExpectedField(std::string_view field, std::string text) : path(field), value(std::move(text)) {}
  template <typename T>
  requires std::is_arithmetic_v<T> ExpectedField(std::string_view field, T number) : path(field) {
    if constexpr (std::same_as<T, bool>) {
      value = number;
    } else if constexpr (std::is_floating_point_v<T>) {
      value = static_cast<double>(number);
    } else {
      value = static_cast<int64_t>(number);
    }
  }

  std::string path;
  Value value;
};
using ExpectedFields = std::initializer_list<ExpectedField>;

class CaptureSink : public MemorySink {
 public:
  // The lines that have all of these. flush() (log.h) comes first, unless logging is synchronous.
  std::vector<std::string> find(ExpectedFields fields) const;
  size_t count(ExpectedFields fields) const { return find(fields).size(); }
  // Empty when there is such a line; else what is wrong with the one that comes closest, for the test's
  // output.
  std::string missing(ExpectedFields fields) const;
};

}  // namespace taffrail
