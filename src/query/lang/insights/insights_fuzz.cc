// Any text gives a plan or an error with a place, in bounded time; a plan prints and reads back, and
// every condition in it compiles.
#include "query/lang/insights/insights.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "expr/matcher.h"
#include "query/plan/text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail::query;
  const auto plan = lang::insights::Parse(std::string_view(reinterpret_cast<const char*>(data), size), 0);
  if (!plan.ok()) {
    if (plan.status().code() != absl::StatusCode::kInvalidArgument) std::abort();
    if (plan.status().message().find("column") == absl::string_view::npos) std::abort();
    return 0;
  }
  const auto again = plan::Parse(plan::ToString(*plan));
  if (!again.ok() || !plan::Equal(*plan, *again)) std::abort();
  for (const plan::Stage& stage : plan->stages) {
    const auto* const filter = std::get_if<plan::Filter>(&stage);
    if (filter != nullptr && !taffrail::expr::Matcher::Compile(filter->condition).ok()) std::abort();
  }
  return 0;
}
