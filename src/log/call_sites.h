// All call sites that have been bound, in the order of binding.
#pragma once

#include "taffrail/detail/call_site.h"

namespace taffrail::log {

// Hears of each new site before any record can refer to it: the queue files' table of literals. Called with
// every site known so far, then with each new one, under a lock: it must not log. Null: nobody. `message` is
// what site.message will be.
using SiteListener = void (*)(const detail::CallSite& site, const char* message);
void SetSiteListener(SiteListener listener);

// Around a fork.
void LockSites();
void UnlockSites(bool in_child);

}  // namespace taffrail::log
