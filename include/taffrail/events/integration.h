// Events of calls to services outside: the call, the answer, the failure, the next try.
//
//   using namespace taffrail::events;
//   IntegrationEvent call{.service = "s3", .operation = "PutObject", .method = "PUT", .url = url};
//   integration_called(call);
//   ...
//   call.status_code = 200, call.duration = took;
//   integration_responded(call);
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "taffrail/error.h"
#include "taffrail/source_location.h"
#include "taffrail/value.h"

namespace taffrail::events {

// Empty texts and absent numbers are left out of the line.
struct IntegrationEvent {
  std::string_view service;         // "s3", "kubernetes", "oauth-provider"; on the line "peer_service"
  std::string_view operation = {};  // "PutObject", "patch deployment", "introspect"
  std::string_view method = {};     // of HTTP
  std::string_view url = {};        // the line has it without user, password, query and fragment
  int attempt = 1;
  std::optional<int> attempts_max = {};
  std::optional<int> status_code = {};
  std::optional<std::chrono::nanoseconds> duration = {};
  std::optional<uint64_t> request_size_bytes = {};
  std::optional<uint64_t> response_size_bytes = {};
  std::string_view error_message = {};                    // of a failure, when there is no exception
  ErrorField error = {};                                  // taffrail::error(e)
  bool timed_out = false;                                 // of a failure
  std::optional<std::chrono::nanoseconds> retry_in = {};  // of a retry
};

// Logger "integration" for all. DEBUG "Calling external service".
void integration_called(const IntegrationEvent& event, std::initializer_list<Field> more = {},
                        SourceLocation where = SourceLocation::current()) noexcept;
// "External service responded": INFO, WARNING from status 500 up.
void integration_responded(const IntegrationEvent& event, std::initializer_list<Field> more = {},
                           SourceLocation where = SourceLocation::current()) noexcept;
// No answer, and no further try: ERROR "External service failed".
void integration_failed(const IntegrationEvent& event, std::initializer_list<Field> more = {},
                        SourceLocation where = SourceLocation::current()) noexcept;
// `attempt` failed and another one follows: WARNING "External service failed, trying again".
void integration_retried(const IntegrationEvent& event, std::initializer_list<Field> more = {},
                         SourceLocation where = SourceLocation::current()) noexcept;

}  // namespace taffrail::events
