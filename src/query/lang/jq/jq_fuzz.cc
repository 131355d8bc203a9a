// Any text gives a plan or an error, in bounded time; a plan's condition compiles, and its printed form reads
// back to it.
#include "query/lang/jq/jq.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "query/lang/jq/pushdown.h"
#include "query/plan/check_plan.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail::query;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string required = lang::jq::RequiredText(text);
  if (required.size() > text.size()) std::abort();
  plan::CheckAnswer(lang::jq::Parse(text, 0), plan::Place::kMayBeMissing);
  return 0;
}
