#include "taffrail/propagate/headers.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "taffrail/span.h"

namespace taffrail {
namespace {

std::map<std::string, std::string> Injected() {
  const HeaderList headers = inject();
  return {headers.begin(), headers.end()};
}

TraceContext Trace() {
  TraceContext trace{.parent = *parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
                     .state = parse_tracestate("a=1"),
                     .baggage = {}};
  trace.baggage.set("tenant", "x y");
  return trace;
}

// REQ C-04
TEST(Inject, SendsWhatThereIs) {
  EXPECT_TRUE(inject().empty());
  {
    const IdScope ids("req_1");
    EXPECT_EQ(Injected(),
              (std::map<std::string, std::string>{{"X-Request-ID", "req_1"}, {"X-Correlation-ID", "req_1"}}));
  }
  {
    const IdScope ids("req_1", "cor-2");
    EXPECT_EQ(Injected(),
              (std::map<std::string, std::string>{{"X-Request-ID", "req_1"}, {"X-Correlation-ID", "cor-2"}}));
  }
  {
    const IdScope ids("", "cor-2");
    EXPECT_EQ(Injected()["X-Request-ID"], "cor-2");
  }
  const TraceScope trace(Trace());
  const auto headers = Injected();
  EXPECT_EQ(headers.at("tracestate"), "a=1");
  EXPECT_EQ(headers.at("baggage"), "tenant=x%20y");
  EXPECT_FALSE(headers.contains("X-Request-ID"));
}

TEST(Inject, EachCallHasASpanIdOfItsOwnButAClientSpanIsTheCall) {
  const TraceScope trace(Trace());
  const auto first = *parse_traceparent(Injected()["traceparent"]);
  const auto second = *parse_traceparent(Injected()["traceparent"]);
  EXPECT_EQ(first.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_TRUE(first.sampled);
  EXPECT_NE(first.span_id, "00f067aa0ba902b7");
  EXPECT_NE(first.span_id, second.span_id);
  {
    const Span work("work");
    EXPECT_NE(parse_traceparent(Injected()["traceparent"])->span_id, work.context().parent.span_id);
  }
  for (const SpanKind kind : {SpanKind::kClient, SpanKind::kProducer}) {
    const Span call("call", {}, kind);
    EXPECT_EQ(parse_traceparent(Injected()["traceparent"])->span_id, call.context().parent.span_id);
    const Span inside("inside");  // and what it calls in turn is not it
    EXPECT_NE(parse_traceparent(Injected()["traceparent"])->span_id, call.context().parent.span_id);
  }
}

TEST(Inject, AnIdThatCouldEndAHeaderIsNotSent) {
  for (const char* hostile : {"a\r\nX-Admin: 1", "a\nb", "caf\xC3\xA9", "a b", "a--b"}) {
    const Scope scope({{"request_id", hostile}});
    EXPECT_TRUE(inject().empty()) << hostile;
  }
}

TEST(Extract, ReadsWhatInjectSends) {
  const IdScope ids("req_1");
  const TraceScope scope(Trace());
  const HeaderList sent = inject();
  std::vector<Header> headers;
  for (const auto& [name, value] : sent) headers.push_back({name, value});
  const Incoming incoming = extract(headers);
  EXPECT_EQ(incoming.request.id, "req_1");
  EXPECT_EQ(incoming.trace.parent.trace_id, Trace().parent.trace_id);
  EXPECT_EQ(incoming.trace.state.get("a"), "1");
  EXPECT_EQ(incoming.trace.baggage.get("tenant"), "x y");
}

TEST(Extract, ListsMayComeInSeveralHeadersOfAnyCase) {
  const std::vector<Header> headers = {
      {"TRACEPARENT", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
      {"TraceState", "a=1"},
      {"tracestate", "b=2"},
      {"Baggage", "x=1"},
      {"BAGGAGE", "y=2"}};
  const Incoming incoming = extract(headers);
  EXPECT_EQ(format_tracestate(incoming.trace.state), "a=1,b=2");
  EXPECT_EQ(format_baggage(incoming.trace.baggage), "x=1,y=2");
  EXPECT_EQ(incoming.request.id, "4bf92f3577b34da6a3ce929d0e0e4736");
}

TEST(Extract, ATraceStateWithoutATraceIsNothing) {
  const std::vector<Header> headers = {{"traceparent", "00-bad"}, {"tracestate", "a=1"}};
  const Incoming incoming = extract(headers);
  EXPECT_FALSE(incoming.trace.has_trace());
  EXPECT_TRUE(incoming.trace.state.empty());
  EXPECT_TRUE(incoming.request.generated);
}

// REQ C-01
TEST(ResponseHeaders, ReturnTheIdUnderBothNames) {
  EXPECT_EQ(response_headers({.id = "req_1", .trace = {}, .generated = false, .rejected = {}}),
            (HeaderList{{"X-Request-ID", "req_1"}, {"X-Correlation-ID", "req_1"}}));
}

TEST(IdStyle, IsThatOfTheProcessUnlessTold) {
  EXPECT_EQ(id_style(), IdStyle::kRequest12);
  set_id_style(*parse_id_style("uuid7"));
  EXPECT_EQ(extract({}).request.id.size(), 36U);
  EXPECT_EQ(extract({}).request.id[14], '7');
  EXPECT_TRUE(extract({}, IdStyle::kRequest12).request.id.starts_with("req_"));
  set_id_style(*parse_id_style("request12"));
  EXPECT_EQ(parse_id_style("uuid4"), IdStyle::kUuid4);
  EXPECT_FALSE(parse_id_style("UUID"));
}

}  // namespace
}  // namespace taffrail
