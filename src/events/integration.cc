#include "taffrail/events/integration.h"

#include "events/mask_text.h"
#include "events/write_event.h"

namespace taffrail::events {
namespace {

constexpr EventKind kCalled{"integration_called", "Calling external service"};
constexpr EventKind kResponded{"integration_responded", "External service responded"};
constexpr EventKind kFailed{"integration_failed", "External service failed"};
constexpr EventKind kRetried{"integration_retried", "External service failed, trying again"};

void Write(Level level, const EventKind& kind, const IntegrationEvent& event,
           std::initializer_list<Field> more, const SourceLocation& where) noexcept {
  static const Logger logger("integration");
  const bool is_failure = &kind == &kFailed || &kind == &kRetried;
  WriteEvent(logger, level, kind, more, where, [&](Fields& fields) {
    fields.Add("peer_service", event.service);
    fields.Text("operation", event.operation);
    fields.Text("method", event.method);
    fields.Text("url", PlainUrl(event.url));
    fields.Number("status_code", event.status_code);
    fields.Number("duration_ms", event.duration);
    fields.Add("attempt", event.attempt);
    fields.Number("attempts_max", event.attempts_max);
    fields.Number("request_size_bytes", event.request_size_bytes);
    fields.Number("response_size_bytes", event.response_size_bytes);
    if (!is_failure) return;
    fields.Add("timed_out", event.timed_out);
    if (&kind == &kRetried) fields.Number("retry_in_ms", event.retry_in);
    fields.Text("error_message", event.error_message);
    fields.Exception(event.error);
  });
}

}  // namespace

void integration_called(const IntegrationEvent& event, std::initializer_list<Field> more,
                        SourceLocation where) noexcept {
  Write(Level::kDebug, kCalled, event, more, where);
}

void integration_responded(const IntegrationEvent& event, std::initializer_list<Field> more,
                           SourceLocation where) noexcept {
  Write(event.status_code >= 500 ? Level::kWarning : Level::kInfo, kResponded, event, more, where);
}

void integration_failed(const IntegrationEvent& event, std::initializer_list<Field> more,
                        SourceLocation where) noexcept {
  Write(Level::kError, kFailed, event, more, where);
}

void integration_retried(const IntegrationEvent& event, std::initializer_list<Field> more,
                         SourceLocation where) noexcept {
  Write(Level::kWarning, kRetried, event, more, where);
}

}  // namespace taffrail::events
