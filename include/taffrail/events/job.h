// Events of background jobs. JobScope makes those of one attempt by itself:
//
//   taffrail::events::JobScope job({.task_name = "send_mail", .job_id = id, .queue = "mail", .attempt = n,
//                                   .request_id = message.headers["request_id"]});
//   send();                        // an exception that leaves the scope is a failure
//   job.retry(30s);                // or this
//
// A job belongs to the request that enqueued it: its lines carry that request's id, so that the trail of a
// request shows what it set off. Within one process the captured context brings it along; where the job went
// through a message queue, `request_id` does.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string_view>

#include "taffrail/error.h"
#include "taffrail/source_location.h"
#include "taffrail/value.h"

namespace taffrail::events {

// Empty texts and absent numbers are left out of the line.
struct JobEvent {
  std::string_view task_name;
  std::string_view job_id;
  std::string_view queue = {};
  int attempt = 1;
  std::optional<int> attempts_max = {};
  std::string_view request_id = {};  // of the request that enqueued it; empty: the context's
  std::optional<std::chrono::nanoseconds> waited = {};  // in the queue
  std::optional<std::chrono::nanoseconds> duration = {};
  std::optional<std::chrono::nanoseconds> retry_in = {};
  std::optional<int64_t> queue_depth = {};
  std::string_view error_message = {};  // of a failure, when there is no exception
  ErrorField error = {};                // taffrail::error(e)
};

// Logger "job" for all. INFO "Job enqueued".
void job_enqueued(const JobEvent& event, std::initializer_list<Field> more = {},
                  SourceLocation where = SourceLocation::current()) noexcept;
// INFO "Job started".
void job_started(const JobEvent& event, std::initializer_list<Field> more = {},
                 SourceLocation where = SourceLocation::current()) noexcept;
// INFO "Job succeeded".
void job_succeeded(const JobEvent& event, std::initializer_list<Field> more = {},
                   SourceLocation where = SourceLocation::current()) noexcept;
// For good: ERROR "Job failed".
void job_failed(const JobEvent& event, std::initializer_list<Field> more = {},
                SourceLocation where = SourceLocation::current()) noexcept;
// This attempt failed and another one follows: WARNING "Job failed, will be tried again".
void job_retried(const JobEvent& event, std::initializer_list<Field> more = {},
                 SourceLocation where = SourceLocation::current()) noexcept;

// One attempt: "Job started" now, and at its end what became of it. The lines between carry job_id and
// request_id. For the thread that made it.
class JobScope {
 public:
  // Copies what it needs of the event.
  explicit JobScope(const JobEvent& event, SourceLocation where = SourceLocation::current()) noexcept;
  ~JobScope();
  JobScope(const JobScope&) = delete;
  JobScope& operator=(const JobScope&) = delete;

  // The last one called counts. `error` is only needed where the exception does not leave the scope.
  void fail(std::string_view error_message, ErrorField error = {}) noexcept;
  void retry(std::chrono::nanoseconds in, std::string_view error_message = {},
             ErrorField error = {}) noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;  // null when there was no memory: nothing is logged
};

}  // namespace taffrail::events
