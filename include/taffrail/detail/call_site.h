// What is known of a log call before it runs: its message, its place in the source, the names and kinds of
// its fields. Each call expression has one CallSite, in static memory; a record in the queue points to it and
// carries values alone.
//
// It is filled by the first call that gets through (bind_site) and never changes, so that the backend can
// keep what it has made ready for it. A call expression can be run with other literals than the first time -
// inside a wrapper that forwards fields - and so each call compares the addresses of its own literals with
// those of the site, and takes the slow way when they differ.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "taffrail/detail/atomic.h"
#include "taffrail/detail/scalar.h"
#include "taffrail/source_location.h"

namespace taffrail::detail {

// A type of one call expression alone: SiteTag<decltype([] {}), ThisUnit> as a default template argument. The
// lambda is another in every expression; but clang gives it a number that begins anew in each translation
// unit, and external linkage, so that the unit must be part of the type.
#if defined(__clang__)
namespace {  // NOLINT(google-build-namespaces): another in each unit is what it is for
struct ThisUnit {};
}  // namespace
#else
struct ThisUnit {};
#endif
template <typename Lambda, typename Unit>
struct SiteTag {};

struct SiteKey {
  const char* data;
  uint32_t size;
};

// A place in the source as a line shows it; the texts live as long as the process. (std::source_location
// cannot be made of a file and a line, which is all that another logging library hands over.)
struct Place {
  const char* file = "";
  const char* function = "";
  uint32_t line = 0;
};
inline Place place_of(const SourceLocation& where) noexcept {
  return {where.file_name(), where.function_name(), static_cast<uint32_t>(where.line())};
}

struct CallSite {
  Atomic<const char*> message{nullptr};  // null: not bound yet; kRunTimeMessage: each record has its own
  uint32_t message_size = 0;
  uint32_t field_count = 0;          // 0 also when the fields are in the record, with their keys
  const SiteKey* keys = nullptr;     // field_count
  const FieldType* types = nullptr;  // field_count
  SourceLocation where;              // what calls are compared with; readers take `place`
  Place place;

  // Belongs to the backend: what it keeps for this site (log/site_state.h).
  mutable void* prepared = nullptr;
};

template <size_t kFields>
struct CallSiteOf : CallSite {
  SiteKey key_storage[kFields == 0 ? 1 : kFields] = {};
};

inline constexpr char kRunTimeMessage[] = "";

// A site as it should be; all borrowed.
struct SiteBinding {
  const char* message;
  uint32_t message_size;
  uint32_t field_count;
  const SiteKey* keys;
  const FieldType* types;  // static
  SourceLocation where;
};
// Fills the site unless it is filled. False when it is and differs: the record must then carry everything.
bool bind_site(CallSite& site, SiteKey* key_storage, const SiteBinding& binding) noexcept;
// For calls without a site of their own: that of the place in the source, whose records carry their messages.
const CallSite& find_site(const Place& place) noexcept;

inline bool same_place(const SourceLocation& a, const SourceLocation& b) noexcept {
  // libstdc++'s is a pointer to static data. Where it is not, the line is not run but is still looked at.
  // NOLINTNEXTLINE(bugprone-suspicious-memory-comparison)
  if constexpr (sizeof(SourceLocation) == sizeof(void*)) return std::memcmp(&a, &b, sizeof(a)) == 0;
  return a.line() == b.line() && a.file_name() == b.file_name() && a.function_name() == b.function_name();
}

}  // namespace taffrail::detail
