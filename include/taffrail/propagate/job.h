// The request that enqueued a job, carried by the job: through a queue in this process, a message's headers,
// or one column of a table of jobs.
//
//   queue.push({.payload = task, .context = taffrail::JobContext::here().to_string()});     // in the request
//   ...
//   auto context = taffrail::JobContext::from_string(job.context);                          // in the worker
//   taffrail::AttachJob attach(context, "reindex", {{"queue", "default"}, {"attempt", 2}});
//
// Lines of the job then carry the request's ids and the trace, with a span of the job's own.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "taffrail/propagate/headers.h"
#include "taffrail/span.h"

namespace taffrail {

// What comes back from a queue is nobody's promise: ids that could do harm are left out, as from a request.
class JobContext {
 public:
  JobContext() = default;  // of nobody

  static JobContext here();
  // From a message's headers, names in any case.
  static JobContext from_map(const std::map<std::string, std::string>& headers);
  // From to_string(); what is malformed is left out.
  static JobContext from_string(std::string_view text);

  // x-request-id, x-correlation-id, traceparent, tracestate, baggage: AMQP, Kafka and SQS take all of them.
  const std::map<std::string, std::string>& to_map() const { return headers_; }
  // One line of visible ASCII: "x-request-id=…&traceparent=…".
  std::string to_string() const;

  std::string request_id() const;  // empty when it was not enqueued by a request
  std::string correlation_id() const;
  TraceContext trace() const;

 private:
  std::map<std::string, std::string> headers_;  // names in lower case; values valid
};

// A job at work: a consumer's span of this name and, on every line, the request's ids and the fields. The
// worker's own context is not the job's, and stands aside meanwhile.
class AttachJob {
 public:
  AttachJob(const JobContext& context, std::string_view name, std::initializer_list<Field> fields = {});

  Span& span() { return span_; }

 private:
  Attach nothing_;
  Span span_;
  IdScope ids_;
  Scope fields_;
};

}  // namespace taffrail
