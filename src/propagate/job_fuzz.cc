// Whatever a queue gives back as a job's context: what is kept of it is harmless in a header and in a
// comment, and survives another trip.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "taffrail/propagate/job.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail;
  const JobContext job = JobContext::from_string({reinterpret_cast<const char*>(data), size});
  const std::string text = job.to_string();
  for (const char c : text) {
    if (c <= ' ' || c > '~') std::abort();
  }
  if (JobContext::from_string(text).to_map() != job.to_map()) std::abort();
  if (JobContext::from_map(job.to_map()).to_map() != job.to_map()) std::abort();
  for (const auto& [name, value] : job.to_map()) {
    for (const char c : value) {
      if (c < ' ' || c > '~') std::abort();
    }
  }
  return 0;
}
