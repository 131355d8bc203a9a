// Who may delete and copy what the server keeps: whoever has the admin token. Without one configured nobody
// may, so that a server that was merely started cannot be emptied over the network.
//
// Every use, and every refusal, is a line of the server's own: `service:taffrail logger:admin`.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audit/hash.h"
#include "base/env.h"
#include "base/status.h"
#include "ingest/pipeline.h"
#include "net/http_server.h"

namespace taffrail::server {

// Thread-safe.
class AdminGate {
 public:
  // A shorter one could be found by trying.
  static constexpr size_t kTokenBytesMin = 16;

  // An empty token: closed for everyone.
  AdminGate(std::string_view token, ingest::Pipeline& pipeline);

  // Whether the request may pass: it has `Authorization: Bearer TOKEN`. When not, it has been answered: 403
  // when there is no token, 401 for a missing or wrong one.
  bool Admits(const net::HttpRequest& request, net::HttpResponder& responder);

  uint64_t refused() const { return refused_; }

  // What was done or asked for, in the server's own log: durable when ok.
  using Fields = std::vector<std::pair<std::string_view, std::string>>;
  absl::Status Log(std::string_view level, std::string_view message, const net::HttpRequest& request,
                   Fields fields);

 private:
  // Wrong tokens come in thousands; a line a minute tells of them.
  static constexpr int64_t kSayEveryNs = 60'000'000'000;
  void SayRefused(const net::HttpRequest& request);

  const bool is_open_;
  const audit::Hash digest_;
  ingest::Pipeline& pipeline_;
  std::atomic<uint64_t> refused_ = 0;
  std::atomic<int64_t> next_say_ns_ = INT64_MIN;
};

}  // namespace taffrail::server
