// The files of the web UI, as they were when this program was built: gzip-compressed, inside the program.
#pragma once

#include <span>
#include <string_view>

namespace taffrail::server {

struct UiAsset {
  std::string_view name;  // "app.js"
  std::string_view content_type;
  std::string_view gzip;
};

// The first is the page itself.
std::span<const UiAsset> UiAssets();

}  // namespace taffrail::server
