// Logging: structured lines from typed fields.
//
//   static const taffrail::Logger log("tasks.service");
//   log.info("Task created", {{"task_id", id}, {"duration_ms", 45}});
//   log.info("Task created", kv("task_id", id), kv("duration_ms", 45));    // the same, and the fastest
//   log.error("Task failed", taffrail::error(e), kv("task_id", id));
//   TAFFRAIL_DEBUG(log, "Plan", kv("plan", expensive()));                  // evaluates nothing when off
//   const auto task_log = log.with({{"task_id", id}});                     // fields on all its lines
//
// A call copies its values into the thread's own queue and returns; formatting and writing happen on the
// backend thread. No call throws, and all may be made from any thread, before main and in static destructors.
// Until init() (config.h) lines are written at once, as JSON, to the standard output.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "taffrail/detail/call.h"
#include "taffrail/error.h"
#include "taffrail/event.h"
#include "taffrail/level.h"
#include "taffrail/value.h"

namespace taffrail {

namespace detail {
Frame* make_bound_frame(Frame* outer, std::initializer_list<Field> fields) noexcept;
void retain_frame(Frame* frame) noexcept;
void drop_bound_frame(Frame* frame) noexcept;  // once all lines that refer to it have been written
}  // namespace detail

class BoundLogger;

// The calls of Logger and BoundLogger: log(level, ...) and one method a level, each in four forms:
//
//   info(event, kv(...)...)                a call by literals has a static site of its own
//   info(event, {{"key", value}, ...})
//   info(event, error(e), ...)             either
//
// and for each form one overload that takes an event handed on by a wrapper, which has no site of its own.
// (The compiler prefers it where `event` is no temporary, and where g++ 12 cannot make the Tag: in generic
// lambdas.) A macro, because a Tag is the call expression's own only when the class is no template.
#define TAFFRAIL_CALL(method, parameters, level)                                                           \
  template <typename Tag = detail::SiteTag<decltype([] {}), detail::ThisUnit>, typename... F>              \
  requires(detail::kIsField<F> && ...) [[gnu::always_inline]] void method(                                 \
      parameters Event&& event, const F&... fields) const noexcept {                                       \
    if (enabled(level)) detail::write<Tag>(node(), level, bound(), event, fields...);                      \
  }                                                                                                        \
  template <typename... F>                                                                                 \
  requires(detail::kIsField<F> && ...) void method(parameters const Event& event, const F&... fields)      \
      const noexcept {                                                                                     \
    if (enabled(level)) detail::write_elsewhere(prefix(level), event, fields...);                          \
  }                                                                                                        \
  template <typename Tag = detail::SiteTag<decltype([] {}), detail::ThisUnit>>                             \
  void method(parameters Event&& event, std::initializer_list<Field> fields) const noexcept {              \
    if (enabled(level)) detail::write<Tag>(node(), level, bound(), event, fields);                         \
  }                                                                                                        \
  void method(parameters const Event& event, std::initializer_list<Field> fields) const noexcept {         \
    if (enabled(level)) detail::write_list(prefix(level), nullptr, event, fields);                         \
  }                                                                                                        \
  void method(parameters const Event& event, const ErrorField& error, std::initializer_list<Field> fields) \
      const noexcept {                                                                                     \
    if (enabled(level)) detail::write_list(prefix(level), nullptr, event, fields, &error);                 \
  }
#define TAFFRAIL_NO_PARAMETERS
#define TAFFRAIL_LEVEL_PARAMETER Level level,
#define TAFFRAIL_CALLS                                            \
  TAFFRAIL_CALL(log, TAFFRAIL_LEVEL_PARAMETER, level)             \
  TAFFRAIL_CALL(trace, TAFFRAIL_NO_PARAMETERS, Level::kTrace)     \
  TAFFRAIL_CALL(debug, TAFFRAIL_NO_PARAMETERS, Level::kDebug)     \
  TAFFRAIL_CALL(info, TAFFRAIL_NO_PARAMETERS, Level::kInfo)       \
  TAFFRAIL_CALL(warning, TAFFRAIL_NO_PARAMETERS, Level::kWarning) \
  TAFFRAIL_CALL(error, TAFFRAIL_NO_PARAMETERS, Level::kError)     \
  TAFFRAIL_CALL(critical, TAFFRAIL_NO_PARAMETERS, Level::kCritical)

// A logger by its dotted name. Cheap to copy; all of one name are the same. Levels are inherited along the
// dots: setting "tasks" sets "tasks.service" unless that has its own (config.h).
class Logger {
 public:
  explicit Logger(std::string_view name = {}) noexcept : node_(&detail::find_logger(name)) {}

  std::string_view name() const noexcept { return node_->name; }
  Category category() const noexcept { return node_->category; }
  bool enabled(Level level) const noexcept {
    return static_cast<uint8_t>(level) >= node_->threshold.load_relaxed();
  }
  TAFFRAIL_CALLS

  // A logger whose lines all carry these fields, before their own.
  BoundLogger with(std::initializer_list<Field> fields) const noexcept;

 private:
  friend class BoundLogger;
  const detail::LoggerNode* node() const noexcept { return node_; }
  static constexpr detail::Frame* bound() noexcept { return nullptr; }
  detail::Prefix prefix(Level level) const noexcept { return {.logger = node_, .level = level}; }

  const detail::LoggerNode* node_;
};

// A child logger. Copies share the fields.
class BoundLogger {
 public:
  BoundLogger(const BoundLogger& other) noexcept : logger_(other.logger_), fields_(other.fields_) {
    detail::retain_frame(fields_);
  }
  BoundLogger& operator=(BoundLogger other) noexcept {
    std::swap(logger_, other.logger_);
    std::swap(fields_, other.fields_);
    return *this;
  }
  ~BoundLogger() { detail::drop_bound_frame(fields_); }

  std::string_view name() const noexcept { return logger_.name(); }
  bool enabled(Level level) const noexcept { return logger_.enabled(level); }
  TAFFRAIL_CALLS

  // These fields as well; of equal names the new one counts.
  BoundLogger with(std::initializer_list<Field> fields) const noexcept {
    return {logger_, detail::make_bound_frame(fields_, fields)};
  }

 private:
  friend class Logger;
  BoundLogger(Logger logger, detail::Frame* fields) noexcept : logger_(logger), fields_(fields) {}
  const detail::LoggerNode* node() const noexcept { return logger_.node_; }
  detail::Frame* bound() const noexcept { return fields_; }
  detail::Prefix prefix(Level level) const noexcept {
    return {.logger = logger_.node_, .level = level, .bound = fields_};
  }

  Logger logger_;
  detail::Frame* fields_;
};

inline BoundLogger Logger::with(std::initializer_list<Field> fields) const noexcept {
  return {*this, detail::make_bound_frame(nullptr, fields)};
}

#undef TAFFRAIL_CALLS
#undef TAFFRAIL_LEVEL_PARAMETER
#undef TAFFRAIL_NO_PARAMETERS
#undef TAFFRAIL_CALL

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
