#include "server/trail_hops.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "fmt/format.h"
#include "record/json_writer.h"

namespace taffrail::server {
namespace {

constexpr size_t kMostDepth = 32;  // a loop of parents ends there; nobody reads deeper

std::vector<TrailPause> PausesOf(const std::vector<TrailStep>& steps, int64_t total_ns) {
  constexpr int64_t kLeastNs = 1'000'000;
  constexpr int64_t kPart = 10;
  const int64_t least_ns = std::max(kLeastNs, total_ns / kPart);
  std::vector<const TrailStep*> by_begin;
  for (const TrailStep& step : steps) by_begin.push_back(&step);
  std::stable_sort(by_begin.begin(), by_begin.end(),
                   [](const TrailStep* a, const TrailStep* b) { return a->begin_ns() < b->begin_ns(); });
  std::vector<TrailPause> pauses;
  const TrailStep* last = nullptr;
  for (const TrailStep* const step : by_begin) {
    if (last != nullptr && step->begin_ns() - last->time_ns >= least_ns) {
      pauses.push_back({last->time_ns, step->begin_ns(), last->service, step->service});
    }
    if (last == nullptr || step->time_ns > last->time_ns) last = step;
  }
  return pauses;
}

class Hops {
 public:
  explicit Hops(TrailShape& shape) : shape_(shape) {}

  void Add(const TrailStep& step) {
    std::string key = step.service + '\0' + step.span_id;
    const auto found = hops_.find(key);
    if (found == hops_.end() && shape_.hops.size() == TrailShape::kMostHops) {
      ++shape_.left_out;
      return;
    }
    if (found == hops_.end()) {
      hops_.emplace(std::move(key), shape_.hops.size());
      shape_.hops.push_back({.service = step.service,
                             .span_id = step.span_id,
                             .begin_ns = step.begin_ns(),
                             .end_ns = step.time_ns});
      parents_.push_back(step.parent_span_id);
    }
    const size_t at = found == hops_.end() ? shape_.hops.size() - 1 : found->second;
    TrailHop& hop = shape_.hops[at];
    hop.begin_ns = std::min(hop.begin_ns, step.begin_ns());
    hop.end_ns = std::max(hop.end_ns, step.time_ns);
    ++hop.lines;
    if (step.is_error) ++hop.errors;
    if (parents_[at].empty()) parents_[at] = step.parent_span_id;
  }

  void Finish() {
    SetDepths();
    // An outer hop before those within it that began with it.
    std::stable_sort(shape_.hops.begin(), shape_.hops.end(), [](const TrailHop& a, const TrailHop& b) {
      return std::tuple(a.begin_ns, a.depth, -a.end_ns) < std::tuple(b.begin_ns, b.depth, -b.end_ns);
    });
  }

 private:
  // A span's depth is one more than its parent's, where that is here; any other hop's is that of the hops
  // which cover it.
  void SetDepths() {
    std::map<std::string_view, size_t> by_span;
    for (size_t i = 0; i < shape_.hops.size(); ++i) {
      if (!shape_.hops[i].span_id.empty()) by_span.emplace(shape_.hops[i].span_id, i);
    }
    for (size_t i = 0; i < shape_.hops.size(); ++i) {
      TrailHop& hop = shape_.hops[i];
      for (auto at = by_span.find(parents_[i]); at != by_span.end() && hop.depth < kMostDepth;
           at = by_span.find(parents_[at->second])) {
        ++hop.depth;
      }
      if (hop.depth > 0 || !parents_[i].empty()) continue;
      for (const TrailHop& other : shape_.hops) {
        const bool covers = &other != &hop && other.begin_ns <= hop.begin_ns && other.end_ns >= hop.end_ns &&
                            (other.end_ns - other.begin_ns > hop.end_ns - hop.begin_ns);
        if (covers && hop.depth < kMostDepth) ++hop.depth;
      }
    }
  }

  TrailShape& shape_;
  std::map<std::string, size_t> hops_;  // by key: where in shape_.hops
  std::vector<std::string> parents_;    // by hop
};

// Gives each moment to a hop, and what is left to nobody.
void ShareTime(TrailShape& shape) {
  std::vector<int64_t> bounds = {shape.begin_ns, shape.end_ns};
  for (const TrailHop& hop : shape.hops) {
    bounds.push_back(hop.begin_ns);
    bounds.push_back(hop.end_ns);
  }
  std::sort(bounds.begin(), bounds.end());
  for (size_t i = 0; i + 1 < bounds.size(); ++i) {
    const int64_t length_ns = bounds[i + 1] - bounds[i];
    if (length_ns == 0) continue;
    TrailHop* owner = nullptr;
    for (TrailHop& hop : shape.hops) {
      const bool covers = hop.begin_ns <= bounds[i] && hop.end_ns >= bounds[i + 1];
      if (covers && (owner == nullptr || hop.depth >= owner->depth)) owner = &hop;
    }
    (owner != nullptr ? owner->self_ns : shape.idle_ns) += length_ns;
  }
  for (const TrailHop& hop : shape.hops) {
    auto share = std::find_if(shape.time.begin(), shape.time.end(),
                              [&](const TrailTime& each) { return each.service == hop.service; });
    if (share == shape.time.end()) share = shape.time.insert(share, {hop.service, 0});
    share->self_ns += hop.self_ns;
  }
  std::stable_sort(shape.time.begin(), shape.time.end(),
                   [](const TrailTime& a, const TrailTime& b) { return a.self_ns > b.self_ns; });
}

double Ms(int64_t time_ns) { return static_cast<double>(time_ns) / 1e6; }

}  // namespace

int64_t WorkNs(std::optional<double> duration_ms) {
  constexpr double kYearMs = 366.0 * 86'400e3;
  if (!duration_ms || !(*duration_ms >= 0 && *duration_ms <= kYearMs)) return 0;
  return static_cast<int64_t>(*duration_ms * 1e6);
}

TrailShape ShapeOf(const std::vector<TrailStep>& steps) {
  TrailShape shape;
  if (steps.empty()) return shape;
  shape.begin_ns = std::numeric_limits<int64_t>::max();
  shape.end_ns = steps.back().time_ns;
  for (const TrailStep& step : steps) shape.begin_ns = std::min(shape.begin_ns, step.begin_ns());
  shape.pauses = PausesOf(steps, shape.end_ns - shape.begin_ns);
  Hops hops(shape);
  for (const TrailStep& step : steps) hops.Add(step);
  hops.Finish();
  ShareTime(shape);
  return shape;
}

void AppendShapeJson(const TrailShape& shape, int64_t zero_ns, std::string& out) {
  const auto to = std::back_inserter(out);
  out += ",\"hops\":[";
  for (const TrailHop& hop : shape.hops) {
    if (out.back() != '[') out += ',';
    out += "{\"service\":";
    record::AppendJsonString(hop.service, out);
    if (!hop.span_id.empty()) {
      out += ",\"span_id\":";
      record::AppendJsonString(hop.span_id, out);
    }
    fmt::format_to(
        to,
        R"(,"inferred":{},"depth":{},"offset_ms":{},"duration_ms":{},"self_ms":{},"lines":{},"errors":{}}})",
        hop.span_id.empty(), hop.depth, Ms(hop.begin_ns - zero_ns), Ms(hop.end_ns - hop.begin_ns),
        Ms(hop.self_ns), hop.lines, hop.errors);
  }
  out += "],\"pauses\":[";
  for (const TrailPause& pause : shape.pauses) {
    if (out.back() != '[') out += ',';
    fmt::format_to(to, R"({{"offset_ms":{},"duration_ms":{},"after":)", Ms(pause.begin_ns - zero_ns),
                   Ms(pause.end_ns - pause.begin_ns));
    record::AppendJsonString(pause.after, out);
    out += ",\"before\":";
    record::AppendJsonString(pause.before, out);
    out += '}';
  }
  out += "],\"time\":[";
  for (const TrailTime& share : shape.time) {
    if (out.back() != '[') out += ',';
    out += "{\"service\":";
    record::AppendJsonString(share.service, out);
    fmt::format_to(to, ",\"self_ms\":{}}}", Ms(share.self_ns));
  }
  fmt::format_to(to, "],\"idle_ms\":{}", Ms(shape.idle_ns));
}

}  // namespace taffrail::server
