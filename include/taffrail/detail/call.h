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
  std::atomic<uint8_t> threshold;  // the least Level that is written
  Category category;
  std::string_view name;
  mutable void* prepared = nullptr;  // belongs to the backend: what it keeps for this logger
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

template <typename T>
constexpr uint32_t value_size(const Scalar& value) {
  return kFixedValueBytes<T> + (field_type_of<T>().kind == Kind::kString ? value.size : 0);
}

template <typename... T>
struct Values {
  template <typename... S>
  [[gnu::always_inline]] static void write(const Prefix& prefix, const CallSite* site, const Event& event,
                                           const S&... scalars) noexcept {
    const uint32_t size = pad_record(prefix_size(prefix, event) + (0U + ... + value_size<T>(scalars)));
    const Room room = reserve(size);
    if (room.data == nullptr) [[unlikely]]
      return;
    [[maybe_unused]] char* to = put_prefix(room.data, size, prefix, site, event);
    ((to = put_value<T>(to, scalars)), ...);
    commit(room, size);
  }
};

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
[[gnu::always_inline]] inline void write(const Prefix& prefix, const Event& event,
                                         const Kv<T>&... fields) noexcept {
  if constexpr ((Plain<T> && ...)) {
    if ((fields.key.is_literal && ...)) [[likely]] {
      static constinit CallSiteOf<sizeof...(T)> site;
      if (is_site_of(site, event, fields.key...) || bind_site_of<T...>(site, event, fields.key...))
          [[likely]] {
        return Values<T...>::write(prefix, &site, event, to_scalar(fields.value)...);
      }
    }
    write_elsewhere(prefix, Event(event), Kv<T>(fields)...);
  } else {
    write_encoded_at<Tag>(prefix, event, fields...);
  }
}
template <typename Tag, typename... F>
void write(const Prefix& prefix, const Event& event, const ErrorField& error, const F&... fields) noexcept {
  write_encoded_at<Tag>(prefix, event, error, fields...);
}
template <typename Tag>
void write(const Prefix& prefix, const Event& event, std::initializer_list<Field> fields) noexcept {
  write_list(prefix, site_without_fields<Tag>(event), event, fields);
}

}  // namespace taffrail::detail
