#include "query/lang/language.h"

#include <array>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "query/lang/elastic/search.h"
#include "query/lang/insights/insights.h"
#include "query/lang/jq/jq.h"
#include "query/lang/logql/logql.h"
#include "query/lang/search/search.h"

namespace taffrail::query::lang {
namespace {

constexpr Language kLanguages[] = {
    {"search", search::Parse},   {"logql", logql::Parse}, {"insights", insights::Parse},
    {"elastic", elastic::Parse}, {"jq", jq::Parse},
};

constexpr auto kNames = [] {
  std::array<std::string_view, std::size(kLanguages)> names;
  for (size_t i = 0; i < names.size(); ++i) names[i] = kLanguages[i].name;
  return names;
}();

}  // namespace

std::span<const Language> Languages() { return kLanguages; }
std::span<const std::string_view> LanguageNames() { return kNames; }

absl::StatusOr<plan::Plan> Parse(std::string_view language, std::string_view text, int64_t now_ns) {
  for (const Language& known : kLanguages) {
    if (known.name == language) return known.parse(text, now_ns);
  }
  return absl::InvalidArgumentError(
      fmt::format("there is no query language \"{}\"; there are {}", language, fmt::join(kNames, ", ")));
}

}  // namespace taffrail::query::lang
