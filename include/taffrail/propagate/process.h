// Ids and trace context into a child process, through its environment: TRACEPARENT, TRACESTATE and BAGGAGE,
// as OpenTelemetry has them, TAFFRAIL_REQUEST_ID and TAFFRAIL_CORRELATION_ID.
//
//   taffrail::ChildEnvironment environment;                       // this process's, and the context
//   posix_spawn(&pid, path, nullptr, nullptr, argv, environment.envp());
//
// and in the child, first thing in main:
//
//   taffrail::ProcessContext context;                             // every line carries the parent's ids
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "taffrail/propagate/headers.h"

namespace taffrail {

// Of this thread's context, to be added to whatever environment a child gets.
HeaderList context_environment();

// environ with the above in place of whatever it has of those names, which is an older context's. For
// posix_spawn and execve.
class ChildEnvironment {
 public:
  ChildEnvironment();
  explicit ChildEnvironment(const char* const* environment);  // in place of environ
  char* const* envp() { return pointers_.data(); }

 private:
  std::vector<std::string> entries_;
  std::vector<char*> pointers_;
};

struct EnvironmentContext {
  std::string request_id;  // empty: none came, or a hostile one
  std::string correlation_id;
  TraceContext trace;
};
// Read from this process's environment, which is to be left alone meanwhile.
EnvironmentContext context_from_env();

// The main thread's context, from the environment: ids on its lines, the trace for its spans. Other threads
// get it as any context is carried.
class ProcessContext {
 public:
  ProcessContext() : ProcessContext(context_from_env()) {}
  explicit ProcessContext(const EnvironmentContext& environment)
      : trace_(environment.trace), ids_(environment.request_id, environment.correlation_id) {}

 private:
  TraceScope trace_;
  IdScope ids_;
};

}  // namespace taffrail
