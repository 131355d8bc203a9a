// /loki/api/v1/labels, label/{name}/values, series and index/*: which streams there are.
#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "record/json_writer.h"
#include "server/loki_answer.h"
#include "server/loki_handler.h"
#include "server/loki_streams.h"
#include "server/routes.h"

namespace taffrail::server {
namespace {

constexpr int64_t kHourNs = 3'600'000'000'000;
constexpr int64_t kLabelRangeNs = 6 * kHourNs;  // Loki's default

std::string ListJson(const std::set<std::string>& names) {
  std::string out = "{\"status\":\"success\",\"data\":[";
  for (const std::string& name : names) {
    if (out.back() != '[') out += ',';
    record::AppendJsonString(name, out);
  }
  return out + "]}\n";
}

absl::StatusOr<StreamVolumes> MatchingStreams(const LokiCall& call, std::string_view selector, bool bytes) {
  TAFFRAIL_ASSIGN_OR_RETURN(const LokiRequest::Range range, call.loki.TimeRange(kLabelRangeNs));
  TAFFRAIL_ASSIGN_OR_RETURN(auto matcher, LokiMatcher(selector));
  return StreamsOf(call.app, call.responder, std::move(matcher), range, bytes);
}

absl::StatusOr<std::string> Labels(const LokiCall& call) {
  TAFFRAIL_ASSIGN_OR_RETURN(const StreamVolumes streams,
                            MatchingStreams(call, call.loki.Text("query"), false));
  std::set<std::string> names;
  for (const auto& [labels, volume] : streams) {
    for (const auto& [name, value] : labels) names.insert(name);
  }
  return ListJson(names);
}

absl::StatusOr<std::string> LabelValues(const LokiCall& call) {
  const std::string wanted(call.request.PathParameter("name"));
  TAFFRAIL_ASSIGN_OR_RETURN(const StreamVolumes streams,
                            MatchingStreams(call, call.loki.Text("query"), false));
  std::set<std::string> values;
  for (const auto& [labels, volume] : streams) {
    for (const auto& [name, value] : labels) {
      if (name == wanted) values.insert(value);
    }
  }
  return ListJson(values);
}

absl::StatusOr<std::string> SeriesOf(const LokiCall& call) {
  std::vector<std::string_view> selectors = call.loki.All("match[]");
  for (const std::string_view more : call.loki.All("match")) selectors.push_back(more);
  if (selectors.empty()) selectors.emplace_back();
  constexpr size_t kMaxSelectors = 64;  // each is a scan
  if (selectors.size() > kMaxSelectors) {
    return absl::InvalidArgumentError(fmt::format("more than {} match[] parameters", kMaxSelectors));
  }
  std::set<record::Labels> found;
  for (const std::string_view selector : selectors) {
    TAFFRAIL_ASSIGN_OR_RETURN(const StreamVolumes streams, MatchingStreams(call, selector, false));
    for (const auto& [labels, volume] : streams) found.insert(labels);
  }
  std::string out = "{\"status\":\"success\",\"data\":[";
  for (const record::Labels& labels : found) {
    if (out.back() != '[') out += ',';
    AppendLabelSet({labels.begin(), labels.end()}, out);
  }
  return out + "]}\n";
}

absl::StatusOr<std::string> IndexStats(const LokiCall& call) {
  TAFFRAIL_ASSIGN_OR_RETURN(const StreamVolumes streams,
                            MatchingStreams(call, call.loki.Text("query"), true));
  StreamVolume all;
  for (const auto& [labels, volume] : streams) {
    all.lines += volume.lines;
    all.bytes += volume.bytes;
  }
  // A block is what Loki calls a chunk; how many a query would touch is known only to its scan.
  return fmt::format("{{\"streams\":{0},\"chunks\":{0},\"bytes\":{1},\"entries\":{2}}}\n", streams.size(),
                     all.bytes, all.lines);
}

// Of one point, or of each step: bytes by the labels that the volume is asked by.
struct VolumeRequest {
  std::vector<std::string> labels;  // empty: all that the selector names, else each stream
  bool by_name = false;             // aggregateBy=labels: by the labels' names alone
  size_t limit = 100;
};

std::vector<std::string> SelectorNames(std::string_view selector) {
  std::vector<std::string> names;
  size_t begin = std::string_view::npos;
  bool quoted = false;
  for (size_t i = 0; i < selector.size();
       ++i) {  // the selector has been parsed: names stand before operators
    const char c = selector[i];
    if (c == '"' || c == '`') quoted = !quoted;
    if (quoted) continue;
    const bool in_name =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (in_name && begin == std::string_view::npos) begin = i;
    if (!in_name && begin != std::string_view::npos) {
      if (c == '=' || c == '!' || c == ' ') names.emplace_back(selector.substr(begin, i - begin));
      begin = std::string_view::npos;
    }
    if (c == '}') break;
  }
  return names;
}

absl::StatusOr<VolumeRequest> ReadVolume(const LokiCall& call) {
  VolumeRequest volume;
  std::string rest = call.loki.Text("targetLabels");
  while (!rest.empty()) {
    const size_t comma = rest.find(',');
    if (comma != 0) volume.labels.push_back(rest.substr(0, comma));
    rest = comma == std::string::npos ? "" : rest.substr(comma + 1);
  }
  if (volume.labels.empty()) volume.labels = SelectorNames(call.loki.Text("query"));
  const std::string by = call.loki.Text("aggregateBy", "series");
  if (by != "series" && by != "labels") {
    return absl::InvalidArgumentError("invalid aggregation option: expected series or labels");
  }
  volume.by_name = by == "labels";
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t limit, call.loki.Count("limit", 100));
  if (limit <= 0) return absl::InvalidArgumentError("limit must be a positive value");
  volume.limit = static_cast<size_t>(limit);
  return volume;
}

std::vector<query::exec::LabelSet> VolumeKeys(const record::Labels& labels, const VolumeRequest& request) {
  query::exec::LabelSet chosen;
  for (const auto& label : labels) {
    const bool wanted = request.labels.empty() || std::find(request.labels.begin(), request.labels.end(),
                                                            label.first) != request.labels.end();
    if (wanted) chosen.push_back(label);
  }
  if (!request.by_name) return {chosen};
  std::vector<query::exec::LabelSet> keys;
  keys.reserve(chosen.size());
  for (const auto& label : chosen) keys.push_back({{label.first, ""}});
  return keys;
}

using Volumes = std::map<query::exec::LabelSet, std::map<int64_t, uint64_t>>;  // bytes by time

absl::Status AddVolumes(const LokiCall& call, const LokiRequest::Range& range, int64_t time_ns,
                        const VolumeRequest& request, const std::shared_ptr<const expr::Matcher>& matcher,
                        Volumes& volumes) {
  TAFFRAIL_ASSIGN_OR_RETURN(const StreamVolumes streams,
                            StreamsOf(call.app, call.responder, matcher, range, true));
  for (const auto& [labels, volume] : streams) {
    for (const auto& key : VolumeKeys(labels, request)) volumes[key][time_ns] += volume.bytes;
  }
  return absl::OkStatus();
}

// The largest first, as many as asked for.
std::vector<const Volumes::value_type*> Largest(const Volumes& volumes, size_t limit) {
  std::vector<std::pair<uint64_t, const Volumes::value_type*>> sized;
  for (const auto& entry : volumes) {
    uint64_t bytes = 0;
    for (const auto& [time_ns, at] : entry.second) bytes += at;
    sized.emplace_back(bytes, &entry);
  }
  std::stable_sort(sized.begin(), sized.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<const Volumes::value_type*> largest;
  for (size_t i = 0; i < std::min(limit, sized.size()); ++i) largest.push_back(sized[i].second);
  return largest;
}

void AppendVolumeMetric(const query::exec::LabelSet& labels, bool by_name, std::string& out) {
  out += "{\"metric\":";
  if (by_name && !labels.empty()) {
    out += '{';
    record::AppendJsonString(labels[0].first, out);
    out += ":\"\"}";
  } else {
    AppendLabelSet(labels, out);
  }
}

absl::StatusOr<std::string> IndexVolume(const LokiCall& call) {
  TAFFRAIL_ASSIGN_OR_RETURN(const LokiRequest::Range range, call.loki.TimeRange(kHourNs));
  TAFFRAIL_ASSIGN_OR_RETURN(const VolumeRequest request, ReadVolume(call));
  TAFFRAIL_ASSIGN_OR_RETURN(const auto matcher, LokiMatcher(call.loki.Text("query")));
  Volumes volumes;
  TAFFRAIL_RETURN_IF_ERROR(AddVolumes(call, range, range.end_ns, request, matcher, volumes));
  std::string out = "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[";
  for (const auto* const volume : Largest(volumes, request.limit)) {
    if (out.back() != '[') out += ',';
    AppendVolumeMetric(volume->first, request.by_name, out);
    fmt::format_to(std::back_inserter(out), ",\"value\":[{},\"{}\"]}}", LokiSeconds(range.end_ns),
                   volume->second.begin()->second);
  }
  out += "],\"stats\":";
  AppendLokiStats({}, volumes.size(), call.request.waited_ns, out);
  return out + "}}\n";
}

absl::StatusOr<std::string> IndexVolumeRange(const LokiCall& call) {
  TAFFRAIL_ASSIGN_OR_RETURN(const LokiRequest::Range range, call.loki.TimeRange(kHourNs));
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t step_ns, call.loki.Step(range));
  TAFFRAIL_ASSIGN_OR_RETURN(const VolumeRequest request, ReadVolume(call));
  TAFFRAIL_ASSIGN_OR_RETURN(const auto matcher, LokiMatcher(call.loki.Text("query")));
  const query::plan::Grid grid{range.start_ns, range.end_ns, step_ns};
  constexpr size_t kMaxSteps = 1000;  // each is a scan of its piece
  if (grid.points() > kMaxSteps) {
    return absl::InvalidArgumentError(
        fmt::format("more than {} steps; try a longer step parameter", kMaxSteps));
  }
  Volumes volumes;
  for (size_t point = 0; point < grid.points(); ++point) {
    const int64_t begin_ns = grid.At(point);
    if (begin_ns == range.end_ns && point > 0) break;
    const LokiRequest::Range piece{begin_ns, std::min(range.end_ns, begin_ns + step_ns)};
    TAFFRAIL_RETURN_IF_ERROR(AddVolumes(call, piece, begin_ns, request, matcher, volumes));
  }
  std::string out = "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[";
  for (const auto* const volume : Largest(volumes, request.limit)) {
    if (out.back() != '[') out += ',';
    AppendVolumeMetric(volume->first, request.by_name, out);
    out += ",\"values\":[";
    for (const auto& [time_ns, bytes] : volume->second) {
      if (out.back() != '[') out += ',';
      fmt::format_to(std::back_inserter(out), "[{},\"{}\"]", LokiSeconds(time_ns), bytes);
    }
    out += "]}";
  }
  out += "],\"stats\":";
  AppendLokiStats({}, volumes.size(), call.request.waited_ns, out);
  return out + "}}\n";
}

}  // namespace

void AddLokiLabelRoutes(net::Router& router, App& app) {
  AddLokiRoute(router, app, "/loki/api/v1/labels", Labels);
  AddLokiRoute(router, app, "/loki/api/v1/label", Labels);
  AddLokiRoute(router, app, "/loki/api/v1/label/{name}/values", LabelValues);
  AddLokiRoute(router, app, "/loki/api/v1/series", SeriesOf);
  AddLokiRoute(router, app, "/loki/api/v1/index/stats", IndexStats);
  AddLokiRoute(router, app, "/loki/api/v1/index/volume", IndexVolume);
  AddLokiRoute(router, app, "/loki/api/v1/index/volume_range", IndexVolumeRange);
}

}  // namespace taffrail::server
