// Logging: structured lines from typed fields.
//
//   static const taffrail::Logger log("tasks.service");
//   log.info("Task created", {{"task_id", id}, {"duration_ms", 45}});
//   log.info("Task created", kv("task_id", id), kv("duration_ms", 45));    // the same, and the fastest
//   log.error("Task failed", taffrail::error(e), kv("task_id", id));
//   TAFFRAIL_DEBUG(log, "Plan", kv("plan", expensive()));                  // evaluates nothing when off
//
// A call copies its values into the thread's own queue and returns; formatting and writing happen on the
// backend thread. No call throws, and all may be made from any thread, before main and in static destructors.
// Until init() (config.h) lines are written at once, as JSON, to the standard output.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <string>
#include <string_view>

#include "taffrail/event.h"
#include "taffrail/level.h"
#include "taffrail/value.h"

namespace taffrail {

// An exception made ready at the call, as the line's "exception": see error() below.
struct ErrorField {
  std::string encoded;
};

namespace detail {

struct LoggerNode {
  std::atomic<uint8_t> threshold;  // the least Level that is written
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

// The way of anything that is not plain: fields are encoded into a buffer first. A destroyed Scratch gives it
// back.
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
  void submit(const LoggerNode* logger, Level level, const Event& event) noexcept;

 private:
  std::string& bytes_;
  FieldWriter writer_;
};
// What user code threw while its value was being encoded: the line is written without its fields, and says
// so.
void submit_without_fields(const LoggerNode* logger, Level level, const Event& event) noexcept;

template <typename... T>
void write_plain(const LoggerNode* logger, Level level, const Event& event, const Kv<T>&... fields) noexcept {
  const uint32_t fields_size = (0U + ... + field_size(fields.key, to_scalar(fields.value)));
  const uint32_t size = record_size(event, fields_size);
  const Room room = reserve(size);
  if (room.data == nullptr) return;
  [[maybe_unused]] char* to = put_head(room.data, size, fields_size, logger, level, event);
  ((to = put_field(to, fields.key, to_scalar(fields.value))), ...);
  commit(room, size);
}

template <typename... F>
void write_encoded(const LoggerNode* logger, Level level, const Event& event, const F&... fields) noexcept {
  try {
    Scratch scratch;
    (scratch.add(fields), ...);
    scratch.submit(logger, level, event);
  } catch (...) {
    submit_without_fields(logger, level, event);
  }
}

inline void write_list(const LoggerNode* logger, Level level, const Event& event,
                       std::initializer_list<Field> fields, const ErrorField* error = nullptr) noexcept {
  try {
    Scratch scratch;
    for (const Field& field : fields) scratch.add(field);
    if (error != nullptr) scratch.add(*error);
    scratch.submit(logger, level, event);
  } catch (...) {
    submit_without_fields(logger, level, event);
  }
}

}  // namespace detail

// The exception as the line's "exception": type, message, error code and category, a fingerprint by which
// equal errors correlate, and the exceptions nested in it (std::nested_exception) as its causes.
ErrorField error(const std::exception& exception) noexcept;
// The one that is being handled, whatever its type; only inside a catch block.
ErrorField error() noexcept;

// A logger by its dotted name. Cheap to copy; all of one name are the same. Levels are inherited along the
// dots: setting "tasks" sets "tasks.service" unless that has its own (config.h).
class Logger {
 public:
  explicit Logger(std::string_view name = {}) noexcept : node_(&detail::find_logger(name)) {}

  std::string_view name() const noexcept { return node_->name; }
  bool enabled(Level level) const noexcept {
    return static_cast<uint8_t>(level) >= node_->threshold.load(std::memory_order_relaxed);
  }

  template <typename... F>
  requires(detail::kIsField<F>&&...) void log(Level level, const Event& event,
                                              const F&... fields) const noexcept {
    if (!enabled(level)) return;
    if constexpr ((detail::kIsPlainField<F> && ...)) {
      detail::write_plain(node_, level, event, fields...);
    } else {
      detail::write_encoded(node_, level, event, fields...);
    }
  }
  void log(Level level, const Event& event, std::initializer_list<Field> fields) const noexcept {
    if (enabled(level)) detail::write_list(node_, level, event, fields);
  }
  void log(Level level, const Event& event, const ErrorField& error,
           std::initializer_list<Field> fields) const noexcept {
    if (enabled(level)) detail::write_list(node_, level, event, fields, &error);
  }

// One method a level, each in the three forms of log().
#define TAFFRAIL_LEVEL_METHOD(method, level)                                                                \
  template <typename... F>                                                                                  \
  requires(detail::kIsField<F> && ...) void method(const Event& event, const F&... fields) const noexcept { \
    log(level, event, fields...);                                                                           \
  }                                                                                                         \
  void method(const Event& event, std::initializer_list<Field> fields) const noexcept {                     \
    log(level, event, fields);                                                                              \
  }                                                                                                         \
  void method(const Event& event, const ErrorField& error, std::initializer_list<Field> fields)             \
      const noexcept {                                                                                      \
    log(level, event, error, fields);                                                                       \
  }
  TAFFRAIL_LEVEL_METHOD(trace, Level::kTrace)
  TAFFRAIL_LEVEL_METHOD(debug, Level::kDebug)
  TAFFRAIL_LEVEL_METHOD(info, Level::kInfo)
  TAFFRAIL_LEVEL_METHOD(warning, Level::kWarning)
  TAFFRAIL_LEVEL_METHOD(error, Level::kError)
  TAFFRAIL_LEVEL_METHOD(critical, Level::kCritical)
#undef TAFFRAIL_LEVEL_METHOD

 private:
  const detail::LoggerNode* node_;
};

// Waits until everything logged before the call by this thread, and by threads it synchronised with, has been
// given to the sinks and these have written it. False after timeout_ms.
bool flush(int64_t timeout_ms = 5'000) noexcept;

}  // namespace taffrail

// The arguments are evaluated only when the level is enabled, and are not even compiled in below
// TAFFRAIL_MIN_LEVEL (a Level's number, for example -DTAFFRAIL_MIN_LEVEL=9 for INFO).
#ifndef TAFFRAIL_MIN_LEVEL
#define TAFFRAIL_MIN_LEVEL 1
#endif
#define TAFFRAIL_LOG(logger, level, ...)                             \
  do {                                                               \
    if constexpr (static_cast<int>(level) >= TAFFRAIL_MIN_LEVEL) {   \
      if ((logger).enabled(level)) (logger).log(level, __VA_ARGS__); \
    }                                                                \
  } while (false)
#define TAFFRAIL_TRACE(logger, ...) TAFFRAIL_LOG(logger, ::taffrail::Level::kTrace, __VA_ARGS__)
#define TAFFRAIL_DEBUG(logger, ...) TAFFRAIL_LOG(logger, ::taffrail::Level::kDebug, __VA_ARGS__)
#define TAFFRAIL_INFO(logger, ...) TAFFRAIL_LOG(logger, ::taffrail::Level::kInfo, __VA_ARGS__)
#define TAFFRAIL_WARNING(logger, ...) TAFFRAIL_LOG(logger, ::taffrail::Level::kWarning, __VA_ARGS__)
#define TAFFRAIL_ERROR(logger, ...) TAFFRAIL_LOG(logger, ::taffrail::Level::kError, __VA_ARGS__)
#define TAFFRAIL_CRITICAL(logger, ...) TAFFRAIL_LOG(logger, ::taffrail::Level::kCritical, __VA_ARGS__)
