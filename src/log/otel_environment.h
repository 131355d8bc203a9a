// OpenTelemetry's own variables: which service this is, and where its OTLP exporters send to.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "taffrail/config.h"

namespace taffrail::log {

using GetEnv = std::function<const char*(const char* name)>;  // std::getenv, or a test's own
using Pairs = std::vector<std::pair<std::string, std::string>>;

// "key=value,key=value" with values percent-encoded, as OpenTelemetry writes attributes and headers. False
// when it is anything else; then nothing was added.
bool ParsePairs(std::string_view text, Pairs& pairs);

// service.name, service.version and deployment.environment[.name]; `on_set` hears the key of each that was
// there. Other attributes have no place on a line and are passed over. False as ParsePairs.
bool ApplyResourceAttributes(std::string_view text, Config& config,
                             const std::function<void(std::string_view key)>& on_set);

// OTEL_EXPORTER_OTLP_* as they hold for logs: OTEL_EXPORTER_OTLP_LOGS_X comes before OTEL_EXPORTER_OTLP_X.
struct OtlpEnvironment {
  std::string endpoint;
  std::string protocol = "http/protobuf";  // grpc, http/protobuf, http/json
  Pairs headers;
  int64_t timeout_ms = 10'000;
  bool gzip = false;
  bool insecure = false;
  std::string certificate, client_certificate, client_key;  // files
};
// Values that make no sense go to `troubles`, and so does an endpoint: nothing is sent there yet. No value is
// quoted: headers and endpoints hold secrets.
OtlpEnvironment ReadOtlpEnvironment(const GetEnv& get_env, std::vector<std::string>& troubles);

}  // namespace taffrail::log
