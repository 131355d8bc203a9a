#include "net/router.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <optional>

namespace taffrail::net {
namespace {

bool IsParameter(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

std::vector<std::string> Split(std::string_view path) {
  std::vector<std::string> segments;
  path.remove_prefix(1);  // every path begins with "/"; "/a/" has a last segment that is empty
  while (true) {
    const size_t slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool IsRest(const Router::Route& route) {
  return !route.segments.empty() && route.segments.back().ends_with("...}");
}

// The same path of two patterns, whatever their parameters are called.
bool SameShape(const Router::Route& a, const Router::Route& b) {
  if (a.segments.size() != b.segments.size() || IsRest(a) != IsRest(b)) return false;
  for (size_t i = 0; i < a.segments.size(); ++i) {
    const bool parameters = IsParameter(a.segments[i]) && IsParameter(b.segments[i]);
    if (!parameters && a.segments[i] != b.segments[i]) return false;
  }
  return true;
}

bool Matches(const Router::Route& route, const std::vector<std::string>& segments) {
  if (IsRest(route) ? segments.size() < route.segments.size() : route.segments.size() != segments.size()) {
    return false;
  }
  for (size_t i = 0; i < route.segments.size(); ++i) {
    if (IsParameter(route.segments[i]) ? segments[i].empty() : route.segments[i] != segments[i]) return false;
  }
  return true;
}

// Whether a is the closer match of one path that both match: the first literal beside a parameter decides.
bool MoreLiteral(const Router::Route& a, const Router::Route& b) {
  if (IsRest(a) != IsRest(b)) return IsRest(b);
  for (size_t i = 0; i < std::min(a.segments.size(), b.segments.size()); ++i) {
    const bool a_parameter = IsParameter(a.segments[i]);
    if (a_parameter != IsParameter(b.segments[i])) return !a_parameter;
  }
  return false;
}

// Literals are compared decoded: "/%61pi" is "/api" (RFC 3986 §6.2.2.2). A slash that was encoded stays in
// its segment, which is why the split comes first.
std::optional<std::vector<std::string>> DecodedSegments(std::string_view raw_path) {
  if (!raw_path.starts_with('/')) return std::nullopt;
  std::vector<std::string> segments = Split(raw_path);
  for (std::string& segment : segments) {
    absl::StatusOr<std::string> decoded = PercentDecode(segment);
    if (!decoded.ok()) return std::nullopt;
    segment = *std::move(decoded);
  }
  return segments;
}

// Of routes to one path, the one for a request's method.
const Router::Route* ForMethod(const std::vector<const Router::Route*>& routes, const std::string& sent) {
  const std::string_view method = sent == "HEAD" ? std::string_view("GET") : sent;
  for (const Router::Route* route : routes) {
    if (route->method == method || route->method == sent) return route;
  }
  return nullptr;
}

std::string AllowField(const std::vector<const Router::Route*>& routes) {
  std::string allow;
  for (const Router::Route* route : routes)
    allow += route->method == "GET" ? "GET, HEAD, " : route->method + ", ";
  return allow + "OPTIONS";
}

}  // namespace

void Router::Add(std::string method, std::string pattern, HttpHandler handler) {
  assert(pattern.starts_with('/'));
  Route route{std::move(method), std::move(pattern), std::move(handler), kind_, {}};
  route.segments = Split(route.pattern);
  for ([[maybe_unused]] const Route& other : routes_) {
    assert(other.method != route.method || !SameShape(other, route));
  }
  routes_.push_back(std::move(route));
}

// The closest pattern owns the path; a wider one's methods do not shine through it.
std::vector<const Router::Route*> Router::Closest(const std::vector<std::string>& segments) const {
  std::vector<const Route*> found;
  for (const Route& route : routes_) {
    if (!Matches(route, segments)) continue;
    if (!found.empty() && MoreLiteral(route, *found.front())) found.clear();
    if (found.empty() || SameShape(route, *found.front())) found.push_back(&route);
  }
  return found;
}

const Router::Route* Router::Find(const HttpRequest& request) const {
  const auto segments = DecodedSegments(request.raw_path);
  return segments ? ForMethod(Closest(*segments), request.method) : nullptr;
}

void Router::Handle(HttpRequest& request, HttpResponder& responder) const {
  const auto segments = DecodedSegments(request.raw_path);
  const std::vector<const Route*> found = segments ? Closest(*segments) : std::vector<const Route*>();
  if (found.empty()) {
    responder.SendProblem(404, fmt::format("there is nothing at {}", request.raw_path));
    return;
  }
  if (const Route* route = ForMethod(found, request.method); route != nullptr) {
    for (size_t i = 0; i < route->segments.size(); ++i) {
      const std::string& name = route->segments[i];
      if (!IsParameter(name)) continue;
      const bool rest = i + 1 == route->segments.size() && IsRest(*route);
      std::string value = (*segments)[i];
      for (size_t more = i + 1; rest && more < segments->size(); ++more) value += "/" + (*segments)[more];
      request.path_parameters.emplace_back(name.substr(1, name.size() - (rest ? 5 : 2)), std::move(value));
    }
    route->handler(request, responder);
    return;
  }
  Headers headers = {{"Allow", AllowField(found)}};
  if (request.method == "OPTIONS") {
    responder.Send(204, std::move(headers), "");
    return;
  }
  headers.Add("Content-Type", std::string(kProblemContentType));
  const std::string detail = fmt::format("{} is not possible on {}", request.method, request.raw_path);
  responder.Send(405, std::move(headers), ProblemDocument(405, ReasonPhrase(405), detail));
}

}  // namespace taffrail::net
