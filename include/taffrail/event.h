// What happened, and where in the source: made of the first argument of a call.
#pragma once

#include <string_view>

#include "taffrail/detail/encoding.h"
#include "taffrail/detail/queue.h"
#include "taffrail/source_location.h"
#include "taffrail/value.h"

namespace taffrail {

// A literal costs its address; any other string is copied. Made of the message unasked; the second argument
// is never given.
class Event {
 public:
  template <size_t N>
  // NOLINTNEXTLINE(google-explicit-constructor): see above
  TAFFRAIL_CONSTEVAL Event(const char (&literal)[N], SourceLocation where = SourceLocation::current())
      : text_(literal), size_(N - 1), is_literal_(true), where_(where) {}
  template <detail::TextLike T>
  // NOLINTNEXTLINE(google-explicit-constructor): see above
  Event(const T& text, SourceLocation where = SourceLocation::current())
      : text_(std::string_view(text).data()), is_literal_(false), where_(where) {
    const size_t full = std::string_view(text).size();
    is_clipped_ = full > detail::kMaxStringBytes;
    size_ = static_cast<uint32_t>(is_clipped_ ? detail::kMaxStringBytes : full);
  }

  std::string_view text() const { return {text_, size_}; }
  bool is_literal() const { return is_literal_; }
  bool is_clipped() const { return is_clipped_; }
  const SourceLocation& where() const { return where_; }

 private:
  const char* text_;
  uint32_t size_ = 0;
  bool is_literal_;
  bool is_clipped_ = false;
  SourceLocation where_;
};

namespace detail {

inline uint32_t record_size(const Event& event, uint32_t fields_size) noexcept {
  const uint32_t message_size = event.is_literal() ? 0 : static_cast<uint32_t>(event.text().size());
  return pad_record(static_cast<uint32_t>(sizeof(RecordHead)) + message_size + fields_size);
}

// Writes a line's head, and its message when that must be copied; returns where the fields begin.
inline char* put_head(char* to, uint32_t size, uint32_t fields_size, const LoggerNode* logger, Level level,
                      const Event& event, uint8_t flags = 0) noexcept {
  const bool copied = !event.is_literal();
  const RecordHead head{.size = size,
                        .kind = RecordKind::kLine,
                        .level = level,
                        .flags = static_cast<uint8_t>(flags | (copied ? RecordHead::kMessageCopied : 0) |
                                                      (event.is_clipped() ? RecordHead::kMessageClipped : 0)),
                        .reserved = 0,
                        .ticks = now_ticks(),
                        .logger = logger,
                        .frame = current_frame,
                        .message = event.text().data(),
                        .message_size = static_cast<uint32_t>(event.text().size()),
                        .fields_size = fields_size,
                        .where = event.where()};
  std::memcpy(to, &head, sizeof(head));
  to += sizeof(head);
  if (copied && head.message_size != 0) std::memcpy(to, head.message, head.message_size);
  return to + (copied ? head.message_size : 0);
}

}  // namespace detail
}  // namespace taffrail
