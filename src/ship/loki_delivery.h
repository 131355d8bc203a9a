// One push to Loki: a batch in, its outcome out.
//
//   answer                outcome
//   2xx                   kDone
//   400, 413, 422         kRefused: at least one of the lines is at fault, or they are too many
//   any other, and none   kRetry, not before what Retry-After asks for. Also 401, 403 and 404: nothing is
//                         wrong with the lines, and a token or a URL can be mended while they wait
#pragma once

#include <atomic>

#include "net/http_client.h"
#include "ship/push_body.h"
#include "taffrail/ship.h"

namespace taffrail::ship {

class LokiDelivery final : public Sink {
 public:
  explicit LokiDelivery(LokiConfig config)
      : config_(std::move(config)), body_(config_.labels, config_.level_label) {}

  bool write(const Batch& batch) override { return deliver(batch).outcome == Delivery::Outcome::kDone; }
  Delivery deliver(const Batch& batch) override;
  void cancel() override;

 private:
  net::HttpClientRequest Request(const Batch& batch);

  const LokiConfig config_;
  PushBody body_;
  net::HttpClient client_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace taffrail::ship
