// Options made ready for the questions that each request asks.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "middleware/client_address.h"
#include "taffrail/middleware/options.h"

namespace taffrail::middleware {

class Rules {
 public:
  static absl::StatusOr<Rules> Make(const Options& options);

  IdStyle id_style() const { return options_.id_style; }
  const ClientAddress& client_address() const { return client_address_; }

  bool Ignores(std::string_view path) const;
  bool ChangesSomething(std::string_view method) const;  // as far as the audit is concerned
  bool Samples(std::string_view request_id) const;

 private:
  Rules() = default;

  Options options_;
  ClientAddress client_address_;
};

}  // namespace taffrail::middleware
