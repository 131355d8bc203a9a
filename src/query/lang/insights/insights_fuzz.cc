// Any text gives a plan or an error with a place, in bounded time; a plan prints and reads back, and
// every condition in it compiles.
#include "query/lang/insights/insights.h"

#include <cstdint>
#include <string_view>

#include "query/plan/check_plan.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail::query;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  plan::CheckAnswer(lang::insights::Parse(text, 0), plan::Place::kNamed);
  return 0;
}
