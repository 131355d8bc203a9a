// What happened, and where in the source: made of the first argument of a call.
#pragma once

#include <string_view>

#include "taffrail/detail/encoding.h"
#include "taffrail/detail/queue.h"
#include "taffrail/source_location.h"
#include "taffrail/value.h"

namespace taffrail {

// A literal costs its address; any other string is copied. Made of the message unasked; the second argument
// is given by those alone who log for somebody else.
class Event {
 public:
  template <size_t N>
  // NOLINTNEXTLINE(google-explicit-constructor): see above
  TAFFRAIL_CONSTEVAL Event(const char (&literal)[N], SourceLocation where = SourceLocation::current())
      : text_(literal), size_((N - 1) | kLiteral), where_(where) {}
  template <detail::TextLike T>
  // NOLINTNEXTLINE(google-explicit-constructor): see above
  Event(const T& text, SourceLocation where = SourceLocation::current())
      : text_(std::string_view(text).data()), where_(where) {
    const size_t full = std::string_view(text).size();
    size_ = full > detail::kMaxStringBytes ? detail::kMaxStringBytes | kClipped : full;
  }
  // Member by member: copied as a block for the slow ways, the event would have to stand in memory for the
  // fast way as well. For the same reason the flags share a word with the size.
  constexpr Event(const Event& other) : text_(other.text_), size_(other.size_), where_(other.where_) {}

  std::string_view text() const { return {text_, static_cast<uint32_t>(size_)}; }
  bool is_literal() const { return (size_ & kLiteral) != 0; }
  bool is_clipped() const { return (size_ & kClipped) != 0; }
  const SourceLocation& where() const { return where_; }

 private:
  static constexpr uint64_t kLiteral = uint64_t{1} << 63;
  static constexpr uint64_t kClipped = uint64_t{1} << 62;

  const char* text_;
  uint64_t size_ = 0;  // and the flags
  SourceLocation where_;
};

namespace detail {

inline const char* site_message(const Event& event) noexcept {
  return event.is_literal() ? event.text().data() : static_cast<const char*>(kRunTimeMessage);
}

// Whether the site is that of this call: the same literals, and the same place.
template <size_t kFields, typename... Keys>
[[gnu::always_inline]] inline bool is_site_of(const CallSiteOf<kFields>& site, const Event& event,
                                              const Keys&... keys) noexcept {
  if (site.message.load_acquire() != site_message(event)) return false;
  [[maybe_unused]] const SiteKey* bound = site.key_storage;
  return same_place(site.where, event.where()) && (... && (bound++->data == keys.data));
}

template <typename... T>
inline constexpr FieldType kFieldTypes[sizeof...(T) + 1] = {field_type_of<T>()...,
                                                            {Kind::kNull, Unit::kNone}};

template <typename... T, size_t kFields, typename... Keys>
[[gnu::noinline, gnu::cold]] bool bind_site_of(CallSiteOf<kFields>& site, Event event,
                                               Keys... keys) noexcept {
  const SiteKey wanted[sizeof...(Keys) + 1] = {{keys.data, keys.size}..., {nullptr, 0}};
  return bind_site(site, site.key_storage,
                   {.message = site_message(event),
                    .message_size = event.is_literal() ? static_cast<uint32_t>(event.text().size()) : 0,
                    .field_count = static_cast<uint32_t>(sizeof...(Keys)),
                    .keys = wanted,
                    .types = kFieldTypes<T...>,
                    .where = event.where()});
}

// The part of a record before its fields.
struct Prefix {
  const LoggerNode* logger;
  Level level;
  uint8_t flags = 0;  // RecordHead's; kMessageCopied and kBound follow from what is here
  Frame* bound = nullptr;
  bool copy_message = false;  // also a literal one: the site does not have it
};

inline bool copies_message(const Prefix& prefix, const Event& event) noexcept {
  return prefix.copy_message || !event.is_literal();
}

inline uint32_t prefix_size(const Prefix& prefix, const Event& event) noexcept {
  uint32_t size = sizeof(RecordHead);
  if (prefix.bound != nullptr) size += sizeof(void*);  // a Frame*
  if (copies_message(prefix, event)) size += 4 + static_cast<uint32_t>(event.text().size());
  return size;
}

// Writes the prefix of a record of `size` bytes; returns where the fields begin.
inline char* put_prefix(char* to, uint32_t size, const Prefix& prefix, const CallSite* site,
                        const Event& event) noexcept {
  const bool copied = copies_message(prefix, event);
  const RecordHead head{
      .size = size,
      .kind = RecordKind::kLine,
      .level = prefix.level,
      .flags = static_cast<uint8_t>(prefix.flags | (copied ? RecordHead::kMessageCopied : 0) |
                                    (prefix.bound != nullptr ? RecordHead::kBound : 0) |
                                    (event.is_clipped() ? RecordHead::kMessageClipped : 0)),
      .reserved = 0,
      .ticks = now_ticks(),
      .site = site,
      .logger = prefix.logger,
      .frame = current_frame};
  std::memcpy(to, &head, sizeof(head));
  to += sizeof(head);
  if (prefix.bound != nullptr) {
    std::memcpy(to, &prefix.bound, sizeof(void*));
    to += sizeof(void*);
  }
  if (copied) to = put_text(to, text(event.text()));
  return to;
}

}  // namespace detail
}  // namespace taffrail
