// The resident memory of this process.
#pragma once

#include <cstdint>

namespace taffrail::events {

// In bytes; zero when the system does not tell.
int64_t ReadRss();
// The same, asked at most once a millisecond by all threads together: a request asks twice, and at fifty
// thousand requests a second the system calls alone would take a good part of a core.
int64_t RecentRss();

}  // namespace taffrail::events
