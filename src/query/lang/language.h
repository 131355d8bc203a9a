// The query languages by name: the one list that the command line, the server and the tests choose from.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/status.h"
#include "query/plan/plan.h"

namespace taffrail::query::lang {

struct Language {
  std::string_view name;  // as in `--lang NAME` and `?lang=NAME`
  // Relative times in the text count from now_ns; range, order and a limit are the caller's to add.
  // InvalidArgument: what is wrong, where, and what to write instead.
  absl::StatusOr<plan::Plan> (*parse)(std::string_view text, int64_t now_ns);
};

// The first is the default.
std::span<const Language> Languages();
std::span<const std::string_view> LanguageNames();

// InvalidArgument also when there is no such language.
absl::StatusOr<plan::Plan> Parse(std::string_view language, std::string_view text, int64_t now_ns);

}  // namespace taffrail::query::lang
