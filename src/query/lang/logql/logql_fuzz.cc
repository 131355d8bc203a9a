// Any text gives a plan or an error with its place, in bounded time; a plan's conditions compile, and its
// printed form reads back to it.
#include "query/lang/logql/logql.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "expr/matcher.h"
#include "query/plan/text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail::query;
  const auto plan = lang::logql::Parse(std::string_view(reinterpret_cast<const char*>(data), size), 0);
  if (!plan.ok()) {
    if (plan.status().code() != absl::StatusCode::kInvalidArgument) std::abort();
    if (plan.status().message().find("column") == absl::string_view::npos) std::abort();
    return 0;
  }
  const auto again = plan::Parse(plan::ToString(*plan));
  if (!again.ok() || !plan::Equal(*plan, *again)) std::abort();
  if (!taffrail::expr::Matcher::Compile(plan->source.filter).ok()) std::abort();
  return 0;
}
