// What the routes of Elasticsearch's API share: the request with its body, answers and errors as
// Elasticsearch gives them, and plans run for a client.
//
// The API is under /elastic; _search and _msearch are at the root too.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "elastic/answer.h"
#include "net/http_server.h"
#include "net/router.h"
#include "query/lang/elastic/index.h"
#include "server/app.h"

namespace taffrail::server {

inline constexpr std::string_view kElasticRoot = "/elastic";

bool FlagOf(const net::QueryParameters& given, std::string_view name);  // "", "true"
absl::StatusOr<int64_t> CountOf(const net::QueryParameters& given, std::string_view name, int64_t fallback);

class ElasticCall {
 public:
  ElasticCall(App& of_app, net::HttpRequest& of_request, net::HttpResponder& of_responder)
      : app(of_app),
        request(of_request),
        responder(of_responder),
        begin_ns_(of_app.env.MonotonicNs()),
        now_ns_(of_app.env.NowNs()) {}

  App& app;
  net::HttpRequest& request;
  net::HttpResponder& responder;
  std::string body;

  std::string Text(std::string_view name, std::string_view fallback = {}) const {
    return std::string(request.query.Get(name, fallback));
  }
  bool Flag(std::string_view name) const { return FlagOf(request.query, name); }
  // InvalidArgument names a parameter that is none of `known` and none that every request may have.
  absl::Status CheckParameters(std::initializer_list<std::string_view> known) const;
  std::string Index() const { return std::string(request.PathParameter("index")); }

  // Runs plans within what is left of the server's time for one query, and gathers what a person should hear
  // of them (query_notes.h).
  elastic::RunPlan Runner() const;
  int64_t now_ns() const { return now_ns_; }
  const std::vector<std::string>& warnings() const { return warnings_; }
  int64_t TookMs() const { return (app.env.MonotonicNs() - begin_ns_) / 1'000'000; }

 private:
  void AddWarnings(const query::plan::Plan& plan, const query::exec::ExecStats& stats) const;

  const int64_t begin_ns_;
  const int64_t now_ns_;
  // Of the plans that a runner has run; a call is const to all that ask it.
  mutable std::vector<std::string> warnings_;
  mutable bool has_looked_ = false;  // for fields that no line has: once is enough to wait for
};

// The condition of an index expression. NotFound, marked as index_not_found_exception: a name that no record
// is in, unless `ignore_unavailable`.
absl::StatusOr<expr::ExprPtr> ResolveIndices(const ElasticCall& call, std::string_view expression,
                                             bool ignore_unavailable);

using ElasticRunner = absl::StatusOr<std::string> (*)(ElasticCall& call);
// Answers JSON at a path below kElasticRoot.
void AddElasticRoute(net::Router& router, App& app, std::initializer_list<const char*> methods,
                     const std::string& path, ElasticRunner run);
void AddElasticRouteAt(net::Router& router, App& app, std::initializer_list<const char*> methods,
                       const std::string& path, ElasticRunner run);

// The status of HTTP, and the document of an error.
int ElasticStatusOf(const absl::Status& status);
std::string ElasticError(const absl::Status& status);
void SendElastic(const ElasticCall& call, int status, std::string json);

}  // namespace taffrail::server
