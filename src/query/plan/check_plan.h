// What the fuzz targets of the query languages ask of every answer of a parser.
#pragma once

#include <cstdlib>
#include <variant>

#include "absl/status/statusor.h"
#include "expr/matcher.h"
#include "query/plan/text.h"

namespace taffrail::query::plan {

// Whether the parser has already refused what RE2 does not take.
enum class Patterns { kChecked, kUnchecked };
// Of an error, in the text.
enum class Place { kNamed, kMayBeMissing };

// A plan prints and reads back, and its conditions compile.
inline void CheckPlan(const Plan& parsed, Patterns patterns) {
  const auto again = Parse(ToString(parsed));
  if (!again.ok() || !Equal(parsed, *again)) std::abort();
  const auto check = [patterns](const expr::ExprPtr& condition) {
    const absl::Status compiled = expr::Matcher::Compile(condition).status();
    if (compiled.ok()) return;
    if (patterns == Patterns::kChecked || compiled.code() != absl::StatusCode::kInvalidArgument) std::abort();
  };
  check(parsed.source.filter);
  for (const Stage& stage : parsed.stages) {
    if (const auto* const filter = std::get_if<Filter>(&stage)) check(filter->condition);
  }
}

// A plan as above, or an error of the user's.
inline void CheckAnswer(const absl::StatusOr<Plan>& parsed, Place place) {
  if (parsed.ok()) return CheckPlan(*parsed, Patterns::kChecked);
  if (parsed.status().code() != absl::StatusCode::kInvalidArgument) std::abort();
  const bool has_place = parsed.status().message().find("column") != absl::string_view::npos;
  if (place == Place::kNamed && !has_place) std::abort();
}

}  // namespace taffrail::query::plan
