#include "taffrail/events/job.h"

#include <exception>
#include <string>
#include <utility>

#include "events/write_event.h"
#include "taffrail/context.h"

namespace taffrail::events {
namespace {

// A moment in a job's life, and which of a JobEvent's fields can be known by then.
struct Moment {
  EventKind kind;
  Level level;
  bool is_over = false;
  bool is_failure = false;
};
constexpr Moment kEnqueued{{"job_enqueued", "Job enqueued"}, Level::kInfo};
constexpr Moment kStarted{{"job_started", "Job started"}, Level::kInfo};
constexpr Moment kSucceeded{{"job_succeeded", "Job succeeded"}, Level::kInfo, true};
constexpr Moment kFailed{{"job_failed", "Job failed"}, Level::kError, true, true};
constexpr Moment kRetried{{"job_retried", "Job failed, will be tried again"}, Level::kWarning, true, true};

void Write(const Moment& moment, const JobEvent& event, std::initializer_list<Field> more,
           const SourceLocation& where) noexcept {
  static const Logger logger("job");
  WriteEvent(logger, moment.level, moment.kind, more, where, [&](Fields& fields) {
    fields.Add("task_name", event.task_name);
    fields.Add("job_id", event.job_id);
    fields.Text("queue", event.queue);
    fields.Add("attempt", event.attempt);
    fields.Number("attempts_max", event.attempts_max);
    fields.Text("enqueued_by_request_id",
                event.request_id.empty() ? context_value("request_id") : std::string(event.request_id));
    if (&moment == &kEnqueued) fields.Number("queue_depth", event.queue_depth);
    if (&moment == &kStarted) fields.Number("waited_ms", event.waited);
    if (moment.is_over) fields.Number("duration_ms", event.duration);
    if (&moment == &kRetried) fields.Number("retry_in_ms", event.retry_in);
    if (!moment.is_failure) return;
    fields.Text("error_message", event.error_message);
    fields.Exception(event.error);
  });
}

}  // namespace

void job_enqueued(const JobEvent& event, std::initializer_list<Field> more, SourceLocation where) noexcept {
  Write(kEnqueued, event, more, where);
}
void job_started(const JobEvent& event, std::initializer_list<Field> more, SourceLocation where) noexcept {
  Write(kStarted, event, more, where);
}
void job_succeeded(const JobEvent& event, std::initializer_list<Field> more, SourceLocation where) noexcept {
  Write(kSucceeded, event, more, where);
}
void job_failed(const JobEvent& event, std::initializer_list<Field> more, SourceLocation where) noexcept {
  Write(kFailed, event, more, where);
}
void job_retried(const JobEvent& event, std::initializer_list<Field> more, SourceLocation where) noexcept {
  Write(kRetried, event, more, where);
}

struct JobScope::State {
  State(const JobEvent& event, const SourceLocation& begun_where)
      : task_name(event.task_name),
        job_id(event.job_id),
        queue(event.queue),
        request_id(event.request_id.empty() ? context_value("request_id") : std::string(event.request_id)),
        attempt(event.attempt),
        attempts_max(event.attempts_max),
        where(begun_where),
        job_scope({{"job_id", job_id}}) {
    if (!request_id.empty()) request_scope.emplace(std::initializer_list<Field>{{"request_id", request_id}});
  }

  JobEvent End() const {
    return {.task_name = task_name,
            .job_id = job_id,
            .queue = queue,
            .attempt = attempt,
            .attempts_max = attempts_max,
            .request_id = request_id,
            .duration = std::chrono::steady_clock::now() - begun,
            .retry_in = retry_in,
            .error_message = error_message,
            .error = error};
  }

  std::string task_name, job_id, queue, request_id;
  int attempt;
  std::optional<int> attempts_max;
  SourceLocation where;
  Scope job_scope;
  std::optional<Scope> request_scope;
  std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
  int exceptions = std::uncaught_exceptions();
  bool failed = false;
  std::optional<std::chrono::nanoseconds> retry_in;
  std::string error_message;
  ErrorField error;
};

JobScope::JobScope(const JobEvent& event, SourceLocation where) noexcept {
  try {
    state_ = std::make_unique<State>(event, where);
  } catch (...) {
    return;
  }
  job_started(event, {}, where);
}

JobScope::~JobScope() {
  if (state_ == nullptr) return;
  const bool unwinding = std::uncaught_exceptions() > state_->exceptions;
  if (state_->retry_in.has_value()) {
    job_retried(state_->End(), {}, state_->where);
  } else if (state_->failed || unwinding) {
    job_failed(state_->End(), {}, state_->where);
  } else {
    job_succeeded(state_->End(), {}, state_->where);
  }
}

void JobScope::fail(std::string_view error_message, ErrorField error) noexcept {
  if (state_ == nullptr) return;
  state_->failed = true;
  state_->retry_in.reset();
  state_->error = std::move(error);
  try {
    state_->error_message = error_message;
  } catch (...) {  // the failure counts, not its words
  }
}

void JobScope::retry(std::chrono::nanoseconds in, std::string_view error_message, ErrorField error) noexcept {
  fail(error_message, std::move(error));
  if (state_ != nullptr) state_->retry_in = in;
}

}  // namespace taffrail::events
