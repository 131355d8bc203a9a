// The language's functions, and what each is in the plan's words (query/plan/scalar.h, plan::Function).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/plan/plan.h"

namespace taffrail::query::lang::insights {

// How a value is to be used: a time is a number of milliseconds to arithmetic and RFC 3339 to a reader, and a
// condition is 1 or 0 to both.
enum class Type : uint8_t { kAny, kBool, kTime };

struct Function {
  std::string_view name;
  size_t min_arguments;
  size_t max_arguments;
  std::string_view scalar;  // the plan's; empty: the compiler makes it
  Type result = Type::kAny;
  // What the function makes of arguments that are times.
  enum class Times : uint8_t { kAsNumbers, kAsTexts, kAsThey };
  Times times = Times::kAsTexts;
  std::string_view form;  // for messages
};

struct AggregateFunction {
  std::string_view name;
  plan::Function function;
  std::string_view form;
};

// Whatever the case of their letters.
const Function* FindFunction(std::string_view name);
const AggregateFunction* FindAggregate(std::string_view name);

// Of both kinds, or of those that are no aggregates.
std::vector<std::string_view> FunctionNames(bool aggregates);

// "5m": so many milliseconds to weeks, or months.
struct Period {
  int64_t length_ns = 0;
  int64_t months = 0;
  std::string Text() const;  // as the plan's bucket() takes it
};
std::optional<Period> ParsePeriod(std::string_view text);

}  // namespace taffrail::query::lang::insights
