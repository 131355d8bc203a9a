// taffrail.yaml: the server's options as a file. docs/cli.md lists the keys.
//
//   listen: 127.0.0.1:4880
//   data: /var/lib/taffrail
//   store:
//     min_free_mb: 512
//   retention:
//     max_age_days: 30
//   limits:
//     query_timeout_s: 30
//   redaction:
//     mode: watch
//
// A mistake is an error that names file, line, and what to write instead: a key that is quietly ignored is a
// limit that quietly does not hold.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "server/app.h"

namespace taffrail::cmd {

// Sets what the text says and leaves the rest. InvalidArgument: "taffrail.yaml:3: …". `name` is for messages.
absl::Status ApplyConfig(std::string_view text, const std::string& name, server::Options& options);

// "127.0.0.1:4880", "[::1]:4880", ":4880" (all addresses), "4880" (this machine only). InvalidArgument.
absl::Status ApplyListen(const std::string& listen, server::Options& options);

}  // namespace taffrail::cmd
