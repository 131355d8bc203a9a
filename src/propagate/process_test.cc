#include "taffrail/propagate/process.h"

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <map>

namespace taffrail {
namespace {

// What a real child finds in its environment.
std::map<std::string, std::string> EnvironmentOfChild(ChildEnvironment& environment) {
  std::array<int, 2> ends;
  EXPECT_EQ(pipe(ends.data()), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  std::string program = "/usr/bin/env", null = "-0";
  std::array<char*, 3> arguments = {program.data(), null.data(), nullptr};
  pid_t child = 0;
  EXPECT_EQ(posix_spawn(&child, program.c_str(), &actions, nullptr, arguments.data(), environment.envp()), 0);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string output;
  std::array<char, 4096> piece;
  for (ssize_t size; (size = read(ends[0], piece.data(), piece.size())) > 0;)
    output.append(piece.data(), static_cast<size_t>(size));
  close(ends[0]);
  waitpid(child, nullptr, 0);

  std::map<std::string, std::string> variables;
  for (size_t at = 0; at < output.size();) {
    const size_t end = output.find('\0', at);
    const std::string entry = output.substr(at, end - at);
    const size_t equals = entry.find('=');
    EXPECT_TRUE(variables.emplace(entry.substr(0, equals), entry.substr(equals + 1)).second) << entry;
    at = end + 1;
  }
  return variables;
}

// REQ C-04
TEST(ChildEnvironment, HasTheContextInPlaceOfAnOlderOne) {
  setenv("TRACEPARENT", "00-00000000000000000000000000000001-0000000000000001-00", 1);
  setenv("BAGGAGE", "old=1", 1);
  setenv("KEPT_FOR_TEST", "a=b", 1);
  const IdScope ids("req_1");
  TraceContext trace{.parent = generate_traceparent(), .state = parse_tracestate("a=1"), .baggage = {}};
  const TraceScope scope(trace);
  ChildEnvironment environment;
  const auto variables = EnvironmentOfChild(environment);
  EXPECT_EQ(variables.at("TAFFRAIL_REQUEST_ID"), "req_1");
  EXPECT_EQ(parse_traceparent(variables.at("TRACEPARENT"))->trace_id, trace.parent.trace_id);
  EXPECT_NE(parse_traceparent(variables.at("TRACEPARENT"))->span_id, trace.parent.span_id);
  EXPECT_EQ(variables.at("TRACESTATE"), "a=1");
  EXPECT_FALSE(variables.contains("BAGGAGE"));
  EXPECT_FALSE(variables.contains("TAFFRAIL_CORRELATION_ID"));
  EXPECT_EQ(variables.at("KEPT_FOR_TEST"), "a=b");
  for (const char* name : {"TRACEPARENT", "BAGGAGE", "KEPT_FOR_TEST"}) unsetenv(name);
}

TEST(ProcessContext, IsTheParents) {
  setenv("TRACEPARENT", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", 1);
  setenv("TRACESTATE", "a=1", 1);
  setenv("BAGGAGE", "tenant=x", 1);
  setenv("TAFFRAIL_REQUEST_ID", "req_1", 1);
  {
    const ProcessContext context;
    EXPECT_EQ(context_value("request_id"), "req_1");
    EXPECT_EQ(context_value("trace_id"), "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(current_trace().state.get("a"), "1");
    EXPECT_EQ(current_trace().baggage.get("tenant"), "x");
  }
  setenv("TRACEPARENT", "hostile", 1);
  setenv("TAFFRAIL_REQUEST_ID", "a\nb", 1);
  {
    const ProcessContext context;
    EXPECT_EQ(context_value("request_id"), "");
    EXPECT_EQ(context_value("trace_id"), "");
  }
  for (const char* name : {"TRACEPARENT", "TRACESTATE", "BAGGAGE", "TAFFRAIL_REQUEST_ID"}) unsetenv(name);
  const ProcessContext none;
  EXPECT_FALSE(current_trace().has_trace());
}

}  // namespace
}  // namespace taffrail
