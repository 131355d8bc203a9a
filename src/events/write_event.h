// How every standard event becomes a line: its own fields in their fixed order, its name as "event", then
// what the caller adds.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

#include "events/cut_text.h"
#include "taffrail/log.h"

namespace taffrail::events {

// The fields of a line that is being made. What says nothing is left out: see Text and Number.
class Fields {
 public:
  explicit Fields(std::string& encoded) : encoded_(encoded), out_(encoded) {}

  template <typename T>
  void Add(Key key, const T& value) {
    out_.field(key, value);
  }
  void Text(Key key, std::string_view value) {
    if (!value.empty()) Add(key, value);
  }
  template <typename T>
  void Number(Key key, const std::optional<T>& value) {
    if (value.has_value()) Add(key, *value);
  }
  void Exception(const ErrorField& error) { encoded_ += error.encoded; }

 private:
  std::string& encoded_;
  FieldWriter out_;
};

// What is fixed about an event.
struct EventKind {
  std::string_view name;  // "event" of the line
  std::string_view message;
};

// `fill` is called with Fields, unless the logger's level says no.
template <typename Fill>
void WriteEvent(const Logger& logger, Level level, const EventKind& kind, std::initializer_list<Field> more,
                const SourceLocation& where, const Fill& fill) noexcept {
  if (!logger.enabled(level)) return;
  const Event event(kind.message, where);
  try {
    // Which fields there are is known at run time only, and this is how a call takes fields that are encoded.
    constexpr size_t kUsualBytes = 512;
    ErrorField encoded;
    encoded.encoded.reserve(kUsualBytes);
    Fields fields(encoded.encoded);
    fill(fields);
    fields.Add("event", kind.name);
    for (const Field& field : more) fields.Add(field.key, field.value);
    logger.log(level, event, encoded);
  } catch (...) {  // no memory, or the caller's own types threw
    logger.log(level, event, kv("event", kind.name), kv("fields_clipped", true));
  }
}

}  // namespace taffrail::events
