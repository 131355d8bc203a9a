// Where imported bytes go: into a store in this process, or to a server.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/env.h"
#include "base/status.h"
#include "store/store.h"

namespace taffrail::cmd {

// What became of the lines.
struct ImportCounts {
  uint64_t lines = 0;
  uint64_t json = 0;
  uint64_t text = 0;
  uint64_t clipped = 0;
  uint64_t invalid_utf8 = 0;
  uint64_t blank = 0;         // skipped
  uint64_t time_missing = 0;  // no time of their own: got that of the import
  uint64_t retries = 0;       // requests that were sent again
};

// Takes the bytes of one input after the other, in order. Not thread-safe.
class ImportTarget {
 public:
  virtual ~ImportTarget() = default;

  // Bytes of the current input, cut anywhere.
  [[nodiscard]] virtual absl::Status Take(std::string_view bytes) = 0;
  // The input is over. A last line without a newline is a line, unless the input broke off (`whole` is
  // false).
  [[nodiscard]] virtual absl::Status EndInput(bool whole) = 0;
  // Waits until all of it is durable.
  [[nodiscard]] virtual absl::Status Finish() = 0;

  // Lines handed over so far; those whose fate is known are counted.
  virtual uint64_t lines() const = 0;
  // After Finish, whether it succeeded or not: what is durable.
  virtual ImportCounts counts() const = 0;
};

// Decodes on the caller's thread and commits on another.
std::unique_ptr<ImportTarget> ImportIntoStore(base::Env& env, store::Store& store, std::string time_field);

// Sends chunks of whole lines, one request at a time so that the order of arrival is that of the file, and
// reads on meanwhile. A request that fails for a reason that may pass is sent again, with backoff, for up to
// patience_ms: from the line on that the server named, or whole when it could not answer at all. Lines that
// it had stored but not acknowledged are then there twice (at-least-once).
std::unique_ptr<ImportTarget> ImportToServer(base::Env& env, std::string url, std::string time_field,
                                             int64_t patience_ms);

}  // namespace taffrail::cmd
