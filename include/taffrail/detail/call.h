// From a call's arguments to a record in the queue.
//
// Two ways. Plain fields with literal keys go by values: the call site knows names and kinds, and the record
// holds what varies. Everything else - objects, user types, keys made at run time, lists in braces,
// exceptions - is encoded with its keys into a buffer of the thread, and copied from there.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include "taffrail/category.h"
#include "taffrail/error.h"
#include "taffrail/event.h"
#include "taffrail/level.h"
#include "taffrail/value.h"

namespace taffrail::detail {

struct LoggerNode {
  Atomic<uint8_t> threshold;  // the least Level that is written
  Category category;
  std::string_view name;
};
LoggerNode& find_logger(std::string_view name) noexcept;

template <typename F>
inline constexpr bool kIsPlainField = false;
template <typename T>
inline constexpr bool kIsPlainField<Kv<T>> = Plain<T>;
template <typename F>
inline constexpr bool kIsField = std::is_same_v<F, ErrorField>;
template <typename T>
inline constexpr bool kIsField<Kv<T>> = true;

// --- the way by encoded fields ---

// A buffer of this thread; a destroyed Scratch gives it back.
class Scratch {
 public:
  Scratch() noexcept;
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  template <typename T>
  void add(const Kv<T>& field) {
    writer_.field(field.key, field.value);
  }
  void add(const Field& field) { writer_.field(field.key, field.value); }
  void add(const ErrorField& error) { bytes_.append(error.encoded); }
  void submit(Prefix prefix, const CallSite* site, const Event& event) noexcept;

 private:
  std::string& bytes_;
  FieldWriter writer_;
};

// What user code threw while its value was being encoded: the line is written without its fields, and says
// so.
void submit_without_fields(Prefix prefix, const CallSite* site, const Event& event) noexcept;
// `site` null: the call has none of its own.
void write_list(Prefix prefix, const CallSite* site, const Event& event, std::initializer_list<Field> fields,
                const ErrorField* error = nullptr) noexcept;

template <typename... F>
[[gnu::noinline]] void write_encoded(const Prefix& prefix, const CallSite* site, const Event& event,
                                     const F&... fields) noexcept {
  try {
    Scratch scratch;
    (scratch.add(fields), ...);
    scratch.submit(prefix, site, event);
  } catch (...) {
    submit_without_fields(prefix, site, event);
  }
}

// --- the way by values ---
//
// The record is written by stores of whole words, straight to its place: a head built on the stack and copied
// would wait for its own stores.

// A text, or the bits of anything else. A null pointer to characters is a text without data.
template <typename T>
[[gnu::always_inline]] inline constexpr auto raw_value(const T& value) {
  if constexpr (field_type_of<T>().kind != Kind::kString) {
    return to_scalar(value).bits;
  } else if constexpr (std::is_same_v<T, char>) {
    return std::string_view(&value, 1);
  } else if constexpr (std::is_pointer_v<T>) {
    return value == nullptr ? std::string_view() : std::string_view(value);
  } else {
    return std::string_view(value);
  }
}

template <typename T, typename Raw>
[[gnu::always_inline]] inline constexpr size_t raw_size(const Raw& raw) {
  if constexpr (field_type_of<T>().kind == Kind::kString) return sizeof(uint32_t) + raw.size();
  return kFixedValueBytes<T>;
}

[[gnu::always_inline]] inline char* put_word(char* to, uint64_t word) {
  std::memcpy(to, &word, sizeof(word));
  return to + sizeof(word);
}

template <typename T, typename Raw>
[[gnu::always_inline]] inline char* put_raw(char* to, const Raw& raw) {
  if constexpr (field_type_of<T>().kind == Kind::kString) {
    uint32_t size = static_cast<uint32_t>(raw.size());
    if constexpr (std::is_pointer_v<T>) {
      if (raw.data() == nullptr) size = kTextNull;
    }
    std::memcpy(to, &size, sizeof(size));
    to += sizeof(size);
    copy_text(to, raw.data(), static_cast<uint32_t>(raw.size()));
    return to + raw.size();
  } else if constexpr (kFixedValueBytes<T> == 8) {
    return put_word(to, raw);
  } else {
    if constexpr (kFixedValueBytes<T> == 1) *to = static_cast<char>(raw);
    return to + kFixedValueBytes<T>;
  }
}

template <typename T>
constexpr uint32_t value_size(const Scalar& value) {
  return kFixedValueBytes<T> + (field_type_of<T>().kind == Kind::kString ? value.size : 0);
}

template <typename... T>
struct Values {
  // With a literal message, room in the ring, and no text to be cut.
  template <typename... Raw>
  [[gnu::always_inline]] static bool write_at_once(const LoggerNode* logger, Level level, Frame* bound,
                                                   const CallSite* site, const Raw&... raw) noexcept {
    const size_t exact =
        sizeof(RecordHead) + (bound != nullptr ? sizeof(void*) : 0) + (size_t{0} + ... + raw_size<T>(raw));
    if (exact > kMaxStringBytes) [[unlikely]]
      return false;
    const uint32_t size = pad_record(static_cast<uint32_t>(exact));
    ThreadQueue* const queue = thread_queue;
    if (queue == nullptr) [[unlikely]]
      return false;
    char* const begin = queue->at;
    if (static_cast<size_t>(queue->end - begin) < size) [[unlikely]]
      return false;

    constexpr int kLevelShift = 40;
    constexpr int kFlagsShift = 48;
    static_assert(offsetof(RecordHead, level) * 8 == kLevelShift &&
                  offsetof(RecordHead, flags) * 8 == kFlagsShift);
    const uint64_t flags = bound != nullptr ? RecordHead::kBound : 0;
    char* to = put_word(begin, size | (static_cast<uint64_t>(level) << kLevelShift) | (flags << kFlagsShift));
    to = put_word(to, now_ticks());
    to = put_word(to, reinterpret_cast<uintptr_t>(site));
    to = put_word(to, reinterpret_cast<uintptr_t>(logger));
    to = put_word(to, reinterpret_cast<uintptr_t>(current_frame));
    if (bound != nullptr) to = put_word(to, reinterpret_cast<uintptr_t>(bound));
    ((to = put_raw<T>(to, raw)), ...);
    commit({begin, queue}, size);
    return true;
  }

  template <typename... S>
  [[gnu::noinline, gnu::cold]] static void write_anyhow(const Prefix& prefix, const CallSite* site,
                                                        Event event, S... scalars) noexcept {
    const uint32_t size = pad_record(prefix_size(prefix, event) + (0U + ... + value_size<T>(scalars)));
    const Room room = reserve(size);
    if (room.data == nullptr) return;
    [[maybe_unused]] char* to = put_prefix(room.data, size, prefix, site, event);
    ((to = put_value<T>(to, scalars)), ...);
    commit(room, size);
  }
};
static_assert(static_cast<int>(RecordKind::kLine) == 0 && sizeof(void*) == sizeof(uint64_t));

// --- which way ---

// Arguments of the slow ways go by value: a reference to one would make the compiler build it in memory for
// the fast way as well, which then waits for its own stores.

// A call without a site of its own.
template <typename... F>
[[gnu::noinline, gnu::cold]] void write_elsewhere(Prefix prefix, Event event, F... fields) noexcept {
  prefix.copy_message = true;
  write_encoded(prefix, &find_site(place_of(event.where())), event, fields...);
}

// Tag is a type of the call expression alone, and so the static site is. Null: the call differs from its
// site.
template <typename Tag>
const CallSite* site_without_fields(const Event& event) noexcept {
  static constinit CallSiteOf<0> site;
  return is_site_of(site, event) || bind_site_of<>(site, event) ? &site : nullptr;
}

template <typename Tag, typename... F>
void write_encoded_at(const Prefix& prefix, const Event& event, const F&... fields) noexcept {
  const CallSite* site = site_without_fields<Tag>(event);
  if (site == nullptr) return write_elsewhere(prefix, event, fields...);
  write_encoded(prefix, site, event, fields...);
}

template <typename Tag, typename... T>
[[gnu::always_inline]] inline void write(const LoggerNode* logger, Level level, Frame* bound,
                                         const Event& event, const Kv<T>&... fields) noexcept {
  if constexpr ((Plain<T> && ...)) {
    if ((fields.key.is_literal && ...)) [[likely]] {
      static constinit CallSiteOf<sizeof...(T)> site;
      if (is_site_of(site, event, fields.key...) ||
          bind_site_of<T...>(site, Event(event), Key(fields.key)...)) [[likely]] {
        if (event.is_literal() &&
            Values<T...>::write_at_once(logger, level, bound, &site, raw_value(fields.value)...)) [[likely]] {
          return;
        }
        return Values<T...>::write_anyhow(Prefix{.logger = logger, .level = level, .bound = bound}, &site,
                                          Event(event), to_scalar(fields.value)...);
      }
    }
    write_elsewhere(Prefix{.logger = logger, .level = level, .bound = bound}, Event(event), Kv<T>(fields)...);
  } else {
    write_encoded_at<Tag>(Prefix{.logger = logger, .level = level, .bound = bound}, event, fields...);
  }
}
template <typename Tag, typename... F>
void write(const LoggerNode* logger, Level level, Frame* bound, const Event& event, const ErrorField& error,
           const F&... fields) noexcept {
  write_encoded_at<Tag>(Prefix{.logger = logger, .level = level, .bound = bound}, event, error, fields...);
}
template <typename Tag>
void write(const LoggerNode* logger, Level level, Frame* bound, const Event& event,
           std::initializer_list<Field> fields) noexcept {
  write_list(Prefix{.logger = logger, .level = level, .bound = bound}, site_without_fields<Tag>(event), event,
             fields);
}

}  // namespace taffrail::detail
