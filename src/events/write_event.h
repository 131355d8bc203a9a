// How every standard event becomes a line: its own fields in their fixed order, its name as "event", then
// what the caller adds.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "taffrail/log.h"

namespace taffrail::events {

// The fields of a line that is being made. What says nothing is left out: see Text and Number.
class Fields {
 public:
  explicit Fields(detail::Scratch& out) : out_(out) {}

  template <typename T>
  void Add(Key key, const T& value) {
    out_.add(kv(key, value));
  }
  void Text(Key key, std::string_view value) {
    if (!value.empty()) Add(key, value);
  }
  template <typename T>
  void Number(Key key, const std::optional<T>& value) {
    if (value.has_value()) Add(key, *value);
  }
  void Exception(const ErrorField& error) { out_.add(error); }

 private:
  detail::Scratch& out_;
};

// What is fixed about an event.
struct EventKind {
  const char* name;  // "event" of the line
  std::string_view message;
};

// `fill` is called with Fields, unless the logger's level says no.
template <typename Fill>
void WriteEvent(const detail::LoggerNode& logger, Level level, const EventKind& kind,
                std::initializer_list<Field> more, const SourceLocation& where, const Fill& fill) noexcept {
  if (static_cast<uint8_t>(level) < logger.threshold.load(std::memory_order_relaxed)) return;
  const Event event(kind.message, where);
  try {
    detail::Scratch scratch;
    Fields fields(scratch);
    fill(fields);
    fields.Add("event", std::string_view(kind.name));
    for (const Field& field : more) scratch.add(field);
    scratch.submit(&logger, level, event);
  } catch (...) {
    detail::submit_without_fields(&logger, level, event);
  }
}

// The text's first bytes, cut between characters.
inline std::string_view CutText(std::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  constexpr size_t kContinuationsMax = 3;  // of one character; more are not UTF-8, and are cut anywhere
  for (size_t i = 0; i < kContinuationsMax && end > 0; ++i) {
    if ((static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U) break;
    --end;
  }
  return text.substr(0, end);
}

}  // namespace taffrail::events
