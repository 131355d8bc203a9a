// Which handler answers which method and path.
//
// A pattern is literal segments and {name} segments: "/api/v1/logs/trail/{id}". A {name} takes exactly one
// segment, not empty; it may hold a percent-encoded slash. A last segment {name...} takes all that is left,
// one segment or more, with slashes between. Literal segments win over {name}s, so that the order of Add is
// no matter.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/http_server.h"

namespace taffrail::net {

class Router {
 public:
  struct Route {
    std::string method;
    std::string pattern;
    HttpHandler handler;
    int kind = 0;                       // of SetKind
    std::vector<std::string> segments;  // of the pattern, without slashes
  };

  // REQUIRES: no route of that method and (up to the names in braces) pattern yet; pattern begins with "/".
  void Add(std::string method, std::string pattern, HttpHandler handler);
  // What the routes added from now on have in common, in the words of whoever adds them.
  void SetKind(int kind) { kind_ = kind; }

  // Answers a request: with its route's handler (HEAD falls back to GET's), 404 for a path without a route,
  // 405 with Allow for a method the path does not have, 204 with Allow for OPTIONS. Thread-safe once every
  // route is added.
  void Handle(HttpRequest& request, HttpResponder& responder) const;
  // The route that Handle would take; null when it would answer by itself. Thread-safe likewise.
  const Route* Find(const HttpRequest& request) const;

  const std::vector<Route>& routes() const { return routes_; }  // in the order of Add

 private:
  std::vector<const Route*> Closest(const std::vector<std::string>& segments) const;

  std::vector<Route> routes_;
  int kind_ = 0;
};

}  // namespace taffrail::net
