// Any text gives a plan or an error, in bounded time; a plan's condition compiles, and its printed form reads
// back to it.
#include "query/lang/jq/jq.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "expr/matcher.h"
#include "query/lang/jq/pushdown.h"
#include "query/plan/text.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string required = query::lang::jq::RequiredText(text);
  if (required.size() > text.size()) std::abort();
  const auto plan = query::lang::jq::Parse(text, 0);
  if (!plan.ok()) {
    if (plan.status().code() != absl::StatusCode::kInvalidArgument) std::abort();
    return 0;
  }
  if (!expr::Matcher::Compile(plan->source.filter).ok()) std::abort();
  const auto again = query::plan::Parse(query::plan::ToString(*plan));
  if (!again.ok() || !query::plan::Equal(*plan, *again)) std::abort();
  return 0;
}
