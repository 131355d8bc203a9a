#include "taffrail/propagate/job.h"

#include <gtest/gtest.h>

#include <thread>

namespace taffrail {
namespace {

// REQ C-04, C-07
TEST(JobContext, GoesThroughAQueueAsAStringOrAMap) {
  const auto exporter = std::make_shared<MemorySpanExporter>();
  set_span_exporter(exporter);
  std::string as_string, trace_id;
  std::map<std::string, std::string> as_map;
  {
    const IdScope ids("req_1");
    const Span request("POST /tasks", {}, SpanKind::kServer);
    TraceContext trace = request.context();
    trace.baggage.set("tenant", "a&b=c%");
    const TraceScope scope(trace);
    trace_id = trace.parent.trace_id;
    as_string = JobContext::here().to_string();
    as_map = JobContext::here().to_map();
  }
  for (const JobContext& job : {JobContext::from_string(as_string), JobContext::from_map(as_map)}) {
    std::jthread([&] {
      const Scope worker({{"request_id", "the worker's"}, {"worker", 3}});
      {
        const AttachJob attach(job, "reindex", {{"queue", "default"}});
        EXPECT_EQ(context_value("request_id"), "req_1");
        EXPECT_EQ(context_value("correlation_id"), "");  // the request had none
        EXPECT_EQ(context_value("trace_id"), trace_id);
        EXPECT_EQ(context_value("queue"), "default");
        EXPECT_EQ(context_value("worker"), "");
        EXPECT_EQ(current_trace().baggage.get("tenant"), "a&b=c%");
      }
      EXPECT_EQ(context_value("worker"), "3");
    }).join();
    const SpanData span = exporter->spans().back();
    EXPECT_EQ(span.name, "reindex");
    EXPECT_EQ(span.kind, SpanKind::kConsumer);
    EXPECT_EQ(span.parent_span_id, job.trace().parent.span_id);
    EXPECT_EQ(span.context.parent.trace_id, trace_id);
  }
  set_span_exporter(nullptr);
}

TEST(JobContext, KeepsNothingThatIsHostile) {
  const JobContext job = JobContext::from_map({{"X-Request-Id", "a\r\nX: y"},
                                               {"x-correlation-id", "1; DROP TABLE x --"},
                                               {"traceparent", "00-no"},
                                               {"tracestate", "a=1"},
                                               {"baggage", "a=1,b=\"\r\n"},
                                               {"other", "x"}});
  EXPECT_EQ(job.to_string(), "baggage=a%3D1");
  EXPECT_EQ(JobContext::from_string("").to_map().size(), 0U);
  EXPECT_EQ(JobContext::from_string("x-request-id=a%0D%0Ab&&&=&traceparent").to_map().size(), 0U);
  EXPECT_EQ(JobContext::from_map({{"X-REQUEST-ID", "ok"}}).request_id(), "ok");
}

TEST(JobContext, OfNobodyIsEmpty) {
  EXPECT_EQ(JobContext::here().to_string(), "");
  const AttachJob attach(JobContext(), "tick");
  EXPECT_EQ(context_value("request_id"), "");
  EXPECT_TRUE(current_trace().has_trace());  // its own
}

}  // namespace
}  // namespace taffrail
