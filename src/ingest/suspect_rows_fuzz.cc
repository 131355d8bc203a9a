// Lines of any bytes, as a batch: a row in which something is found was a suspect.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "ingest/suspect_rows.h"
#include "record/batch_builder.h"
#include "redact/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail;
  static const auto policy = *redact::Policy::Make({});
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> lines;
  record::BatchBuilder builder;
  for (size_t begin = 0; begin < text.size() && !builder.Full();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    builder.Append(lines.back(), 0);
    begin = end + 1;
  }
  const std::vector<bool> suspects = ingest::SuspectRows(builder.Finish(), *policy);
  redact::Scratch scratch;
  for (size_t row = 0; row < lines.size(); ++row) {
    policy->Find(lines[row], scratch);
    if (!scratch.findings.empty() && !suspects[row]) std::abort();
  }
  return 0;
}
