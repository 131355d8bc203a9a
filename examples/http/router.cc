#include "http/router.h"

#include <optional>
#include <utility>

namespace examples::http {
namespace {

std::vector<std::string> Segments(std::string_view path) {
  std::vector<std::string> out;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const size_t end = std::min(path.find('/'), path.size());
    out.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return out;
}

bool IsParam(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

// The parameters' values when the path is of this shape.
std::optional<std::map<std::string, std::string>> Fit(const std::vector<std::string>& shape,
                                                      const std::vector<std::string>& path) {
  if (shape.size() != path.size()) {
    return std::nullopt;
  }
  std::map<std::string, std::string> params;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (IsParam(shape[i])) {
      auto value = PercentDecode(path[i], false);
      if (!value || value->empty()) {
        return std::nullopt;
      }
      params.emplace(shape[i].substr(1, shape[i].size() - 2), *std::move(value));
    } else if (shape[i] != path[i]) {
      return std::nullopt;
    }
  }
  return params;
}

}  // namespace

void Router::Add(std::string method, const std::string& route, Handler handler) {
  routes_.push_back({std::move(method), route, Segments(route), std::move(handler)});
}

const Handler* Router::Match(Request& request, int* status) const {
  if (!SplitTarget(request.target, &request.path, &request.query)) {
    *status = 400;
    return nullptr;
  }
  *status = 404;
  const std::vector<std::string> path = Segments(request.path);
  for (const Route& route : routes_) {
    auto params = Fit(route.segments, path);
    if (!params) {
      continue;
    }
    request.route = route.text;
    if (route.method == request.method) {
      request.params = *std::move(params);
      *status = 200;
      return &route.handler;
    }
    *status = 405;
  }
  return nullptr;
}

}  // namespace examples::http
