#include "taffrail/log_scope.h"

#include <ctime>

#include "taffrail/features.h"

namespace taffrail {
namespace {

int64_t MonotonicNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

constexpr double kNsPerMs = 1e6;

std::unique_ptr<Span> SpanFor(const std::string& operation, std::initializer_list<Field> fields) {
  if (!features().tracing) return nullptr;
  if (!has_span_exporter() && !current_trace().has_trace()) return nullptr;  // nobody would see it
  return std::make_unique<Span>(operation, fields);
}

}  // namespace

LogScope::LogScope(const Logger& logger, std::string_view operation, std::initializer_list<Field> fields,
                   SourceLocation where) noexcept
    : logger_(logger),
      operation_(operation),
      where_(where),
      span_(SpanFor(operation_, fields)),
      operation_scope_({{"operation", operation_}}),
      scope_(fields),
      begun_ns_(MonotonicNs()),
      exceptions_(std::uncaught_exceptions()) {
  logger_.log(Level::kInfo, Event(operation_ + " started", where_));
}

LogScope::~LogScope() {
  const double duration_ms = static_cast<double>(elapsed_ns()) / kNsPerMs;
  if (!failed_ && std::uncaught_exceptions() > exceptions_) fail("exception");
  if (failed_) {
    logger_.log(Level::kError, Event(operation_ + " failed", where_), error_,
                {{"duration_ms", duration_ms}, {"outcome", "failure"}, {"reason", reason_}});
  } else {
    logger_.log(Level::kInfo, Event(operation_ + " completed", where_), kv("duration_ms", duration_ms),
                kv("outcome", "success"));
  }
}

void LogScope::fail(std::string_view reason) noexcept {
  failed_ = true;
  reason_ = reason;
  if (span_ != nullptr) span_->fail(reason);
}

void LogScope::fail(const std::exception& exception) noexcept {
  fail(exception.what());
  error_ = error(exception);
}

int64_t LogScope::elapsed_ns() const noexcept { return MonotonicNs() - begun_ns_; }

}  // namespace taffrail
