// Events of the application itself: what it did, what it told others, what it refused.
//
//   taffrail::events::use_case_executed({.use_case = "create_task", .duration = took, .entity_id = task.id});
#pragma once

#include <chrono>
#include <initializer_list>
#include <span>
#include <string_view>

#include "taffrail/error.h"
#include "taffrail/source_location.h"
#include "taffrail/value.h"

namespace taffrail::events {

// Empty texts are left out of the line, here and below.
struct UseCaseEvent {
  std::string_view use_case;  // "create_task"
  std::chrono::nanoseconds duration{};
  std::string_view entity_type = {};  // what it was about: "task"
  std::string_view entity_id = {};
  bool succeeded = true;
  ErrorField error = {};  // taffrail::error(e), when an exception ended it
};
// Logger "app.use_case", "Use case executed" with "outcome":"success" at INFO, "failure" at ERROR.
void use_case_executed(const UseCaseEvent& event, std::initializer_list<Field> more = {},
                       SourceLocation where = SourceLocation::current()) noexcept;

struct DomainEvent {
  std::string_view domain_event;  // "TaskCompleted"
  std::string_view event_id = {};
  std::string_view aggregate_type = {};  // "task"
  std::string_view aggregate_id = {};
  std::string_view destination = {};  // topic, exchange, bus
};
// Logger "app.domain_event", INFO "Domain event published".
void domain_event_published(const DomainEvent& event, std::initializer_list<Field> more = {},
                            SourceLocation where = SourceLocation::current()) noexcept;

// What is wrong with one field. Says nothing of the value, which may be a password in the wrong place.
struct ValidationError {
  std::string_view field;  // "address.zip"
  std::string_view error;  // "required"
};
struct ValidationFailedEvent {
  std::string_view subject = {};  // what was validated: "CreateTaskRequest"
  std::span<const ValidationError> errors;
};
// The first so many errors stand on the line; "error_count" has them all. A form has fewer fields.
inline constexpr size_t kValidationErrorsMax = 100;
// Logger "app.validation", WARNING "Validation failed".
void validation_failed(const ValidationFailedEvent& event, std::initializer_list<Field> more = {},
                       SourceLocation where = SourceLocation::current()) noexcept;

}  // namespace taffrail::events
