// What the backend keeps for each call site: what the layouts have made ready for its lines.
#pragma once

#include <cstdint>
#include <vector>

#include "layout/layout.h"
#include "taffrail/detail/call_site.h"

namespace taffrail::log {

struct SiteState {
  uint64_t outputs_id = 0;  // whose plans these are; those of another configuration are worthless
  std::vector<layout::SitePlans> plans;
};

// The site's plans for these outputs, one each. Kept as long as the site lives, which is for ever, but for
// those of a recovered process. Not thread-safe.
inline std::vector<layout::SitePlans>& PlansOf(const detail::CallSite& site, uint64_t outputs_id,
                                               size_t outputs) {
  auto* state = static_cast<SiteState*>(site.prepared);
  if (state == nullptr) [[unlikely]]
    site.prepared = state = new SiteState;
  if (state->outputs_id != outputs_id) [[unlikely]] {
    state->outputs_id = outputs_id;
    state->plans = std::vector<layout::SitePlans>(outputs);
  }
  return state->plans;
}

inline void ForgetSite(const detail::CallSite& site) {
  delete static_cast<SiteState*>(site.prepared);
  site.prepared = nullptr;
}

}  // namespace taffrail::log
