// Lines that the server writes itself: into its own store, through the same door as all others, so that they
// are searched and followed like them. Service "taffrail".
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "ingest/pipeline.h"

namespace taffrail::server {

struct OwnLine {
  std::string_view level;
  std::string_view logger;
  std::string_view message;
  std::vector<std::pair<std::string_view, std::string>> fields;  // texts
};

// Durable and searchable when it returns ok.
absl::Status WriteOwnLines(ingest::Pipeline& pipeline, const std::vector<OwnLine>& lines);

}  // namespace taffrail::server
