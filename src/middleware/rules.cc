#include "middleware/rules.h"

#include <algorithm>
#include <limits>

#include "base/hash.h"
#include "base/status.h"
#include "fmt/format.h"

namespace taffrail::middleware {

absl::StatusOr<Rules> Rules::Make(const Options& options) {
  Rules rules;
  rules.options_ = options;
  if (!(options.sample_rate >= 0 && options.sample_rate <= 1))
    return absl::InvalidArgumentError(fmt::format("sample_rate {} is not from 0 to 1", options.sample_rate));
  TAFFRAIL_RETURN_IF_ERROR(rules.client_address_.Configure(options.trusted_proxies, options.proxy_header));
  return rules;
}

bool Rules::Ignores(std::string_view path) const {
  return std::ranges::any_of(options_.ignored_paths, [&](std::string_view pattern) {
    return pattern.ends_with('*') ? path.starts_with(pattern.substr(0, pattern.size() - 1)) : path == pattern;
  });
}

bool Rules::ChangesSomething(std::string_view method) const {
  return std::ranges::find(options_.audit_methods, method) != options_.audit_methods.end();
}

bool Rules::Samples(std::string_view request_id) const {
  if (options_.sample_rate >= 1) return true;
  const double drawn = static_cast<double>(base::Hash64(request_id)) /
                       static_cast<double>(std::numeric_limits<uint64_t>::max());
  return drawn < options_.sample_rate;
}

}  // namespace taffrail::middleware
