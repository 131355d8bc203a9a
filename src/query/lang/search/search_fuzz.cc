// Any text gives a plan or an error, in bounded time; a plan's conditions compile, and its printed form reads
// back to it.
#include "query/lang/search/search.h"

#include <cstdint>
#include <string_view>

#include "query/plan/check_plan.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail::query;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  plan::CheckAnswer(lang::search::Parse(text, 0), plan::Place::kNamed);
  return 0;
}
