#include "taffrail/events/application.h"

#include <algorithm>

#include "events/write_event.h"

namespace taffrail::events {
namespace {

constexpr EventKind kUseCaseExecuted{"use_case_executed", "Use case executed"};
constexpr EventKind kDomainEventPublished{"domain_event_published", "Domain event published"};
constexpr EventKind kValidationFailed{"validation_failed", "Validation failed"};

}  // namespace

// NOLINTNEXTLINE: FieldWriter finds it by this name
static void log_fields(FieldWriter& out, const ValidationError& error) {
  out.field("field", error.field);
  out.field("error", error.error);
}

void use_case_executed(const UseCaseEvent& event, std::initializer_list<Field> more,
                       SourceLocation where) noexcept {
  static const Logger logger("app.use_case");
  const Level level = event.succeeded ? Level::kInfo : Level::kError;
  WriteEvent(logger, level, kUseCaseExecuted, more, where, [&](Fields& fields) {
    fields.Add("use_case", event.use_case);
    fields.Add("outcome", event.succeeded ? std::string_view("success") : std::string_view("failure"));
    fields.Add("duration_ms", event.duration);
    fields.Text("entity_type", event.entity_type);
    fields.Text("entity_id", event.entity_id);
    fields.Exception(event.error);
  });
}

void domain_event_published(const DomainEvent& event, std::initializer_list<Field> more,
                            SourceLocation where) noexcept {
  static const Logger logger("app.domain_event");
  WriteEvent(logger, Level::kInfo, kDomainEventPublished, more, where, [&](Fields& fields) {
    fields.Add("domain_event", event.domain_event);
    fields.Text("event_id", event.event_id);
    fields.Text("aggregate_type", event.aggregate_type);
    fields.Text("aggregate_id", event.aggregate_id);
    fields.Text("destination", event.destination);
  });
}

void validation_failed(const ValidationFailedEvent& event, std::initializer_list<Field> more,
                       SourceLocation where) noexcept {
  static const Logger logger("app.validation");
  WriteEvent(logger, Level::kWarning, kValidationFailed, more, where, [&](Fields& fields) {
    fields.Text("subject", event.subject);
    fields.Add("errors", event.errors.first(std::min(event.errors.size(), kValidationErrorsMax)));
    fields.Add("error_count", event.errors.size());
  });
}

}  // namespace taffrail::events
