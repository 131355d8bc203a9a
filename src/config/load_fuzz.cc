// Any bytes as a file: every problem has a message and a place within the text, and what was taken over reads
// back from its own printed form to the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "config/load.h"
#include "config/show_value.h"

namespace {

using taffrail::config::Field;
using taffrail::config::Loaded;
using taffrail::config::Problems;

const char* NoVariable(const char*) { return nullptr; }

std::string Print(const Loaded& loaded) {
  std::string text;
  for (const Field& field : taffrail::config::SettingsFields()) {
    text += std::string(field.name) + ": " + ShowValue(field, &loaded.settings, false) + '\n';
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Problems problems("f");
  const Loaded first = taffrail::config::Load(text, NoVariable, problems);
  const bool ok = problems.ok();
  for (const taffrail::ConfigProblem& problem : problems.Take()) {
    if (problem.message.empty() || problem.line < 0 || problem.column < 0) std::abort();
    if (problem.line > 0 && static_cast<size_t>(problem.line) > size + 1) std::abort();
  }
  if (!ok) return 0;
  const std::string printed = Print(first);
  Problems none("printed");
  const Loaded second = taffrail::config::Load(printed, NoVariable, none);
  if (!none.ok() || Print(second) != printed) std::abort();
  return 0;
}
