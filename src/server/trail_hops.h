// What one request's lines say of its way through the services.
//
//   hop     work in one service: the lines of one span, where lines name theirs; else all of a service's
//   lines pause   a time in which no line was written and none tells of work: at least a tenth of the whole
//
//   api     ├──────────────────────────────┤        depth 0
//   worker        ├───────────┤                      depth 1: within api's
//
// Each moment belongs to the deepest hop that covers it, and of equals to the one that began last: that is
// where the time went.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace taffrail::server {

// Under these keys, at any depth, lines name their spans: OpenTelemetry's, Elastic's and camel case.
inline constexpr std::string_view kSpanKeys[] = {"span_id", "spanId", "span.id"};
inline constexpr std::string_view kParentKeys[] = {"parent_span_id", "parentSpanId", "parent.id"};

// A line's duration as a step has it; nothing below zero or beyond a year, which is no duration.
int64_t WorkNs(std::optional<double> duration_ms);

struct TrailStep {
  int64_t time_ns = 0;
  int64_t work_ns = 0;  // before time_ns, when the line tells it
  std::string service;
  bool is_error = false;
  std::string span_id;  // empty: none
  std::string parent_span_id;

  int64_t begin_ns() const { return work_ns < 0 ? time_ns : time_ns - work_ns; }
};

struct TrailHop {
  std::string service;
  std::string span_id;  // empty: inferred from the lines' times
  int64_t begin_ns = 0;
  int64_t end_ns = 0;
  int64_t self_ns = 0;  // without the time of hops within it
  uint64_t lines = 0;
  uint64_t errors = 0;
  size_t depth = 0;
};

struct TrailPause {
  int64_t begin_ns = 0;
  int64_t end_ns = 0;
  std::string after;   // the service that spoke last
  std::string before;  // and the next
};

struct TrailTime {
  std::string service;
  int64_t self_ns = 0;
};

struct TrailShape {
  // More are no picture any more; a request that has more is a batch.
  static constexpr size_t kMostHops = 500;

  int64_t begin_ns = 0;  // work that a line tells of may begin before the first line
  int64_t end_ns = 0;
  std::vector<TrailHop> hops;  // as they began
  size_t left_out = 0;         // hops beyond kMostHops
  std::vector<TrailPause> pauses;
  std::vector<TrailTime> time;  // most first
  int64_t idle_ns = 0;          // in no hop
};

// REQUIRES: in order of time.
TrailShape ShapeOf(const std::vector<TrailStep>& steps);

// ,"hops":[…],"pauses":[…],"time":[…],"idle_ms":… : members of the trail's document, offsets from zero_ns.
void AppendShapeJson(const TrailShape& shape, int64_t zero_ns, std::string& out);

}  // namespace taffrail::server
