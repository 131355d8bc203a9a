// The second look for secrets, at the door: a producer that logs one is found here, whatever it was told to
// do.
//
// The store keeps what it is given byte for byte, so masking here is a decision of its own and never the
// default:
//
//   off    nothing is looked at
//   watch  what is found is counted by rule and service (/metrics); the default
//   warn   and said in a record of the server's own (logger taffrail.redaction), once a minute for each
//   service
//          and rule
//   mask   and masked before it is stored; said as well
//
// Every record of every protocol is looked at as it would be stored: its line, its attributes, its labels. No
// count and no warning ever holds a part of the secret.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "record/batch.h"

namespace taffrail::redact {
class Policy;
}

namespace taffrail::ingest {

enum class RedactionMode : uint8_t { kOff, kWatch, kWarn, kMask };
std::optional<RedactionMode> RedactionModeOf(std::string_view name);
std::string_view NameOf(RedactionMode mode);

struct RedactionCounts {
  uint64_t records = 0;                                           // looked at
  uint64_t masked = 0;                                            // records that were changed
  std::map<std::pair<std::string, std::string>, uint64_t> found;  // by rule and service
};

// A rule that found something in a row.
struct Hit {
  size_t row;
  uint16_t rule;
};

// Thread-safe.
class Redaction {
 public:
  // Pairs of service and rule that are told apart. Beyond, services count as "other": a sender that makes up
  // names must not fill the memory.
  static constexpr size_t kLeaksMax = 2000;
  static constexpr int64_t kSayEveryNs = 60'000'000'000;

  // A null policy: the mode is kOff.
  Redaction(RedactionMode mode, std::shared_ptr<const redact::Policy> policy);

  RedactionMode mode() const { return mode_; }
  const redact::Policy* policy() const { return policy_.get(); }

  // Counts what is in the batch. In mode kMask the batch is replaced, when something was found, by one or
  // more that hold the same records without it.
  std::vector<record::RecordBatch> Look(record::RecordBatch batch);
  // Warnings that are due, as records.
  std::optional<record::RecordBatch> Warnings(int64_t now_ns);
  RedactionCounts Read() const;

 private:
  struct Leak {
    uint64_t found = 0;   // since the start
    uint64_t unsaid = 0;  // of these, not yet in a warning
    int64_t said_ns = 0;  // when the last warning was written
  };
  void Count(const record::RecordBatch& batch, const std::vector<Hit>& hits);

  const RedactionMode mode_;
  const std::shared_ptr<const redact::Policy> policy_;
  mutable absl::Mutex mutex_;
  uint64_t records_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t masked_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::pair<std::string, std::string>, Leak> leaks_ ABSL_GUARDED_BY(mutex_);  // by rule and service
};

}  // namespace taffrail::ingest
