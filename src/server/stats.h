// How many lines, of which levels, by which services, when: what /api/v1/logs/stats answers.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "expr/matcher.h"
#include "record/batch.h"
#include "store/store.h"

namespace taffrail::server {

inline constexpr uint64_t kMaxBuckets = 2000;  // more than a screen has columns

class Stats {
 public:
  // Of [from_ns, to_ns] in `buckets` > 0 equal pieces.
  Stats(int64_t from_ns, int64_t to_ns, uint64_t buckets);

  // The scan whose rows are to be added.
  store::ScanRequest Request() const;
  void Add(const record::RecordBatch& batch, const expr::Selection& rows);
  std::string ToJson(const store::StoreInfo& info) const;

 private:
  struct Count {
    uint64_t lines = 0;
    uint64_t errors = 0;  // ERROR and CRITICAL
    void Add(bool error) {
      ++lines;
      errors += error ? 1 : 0;
    }
  };

  // Beyond it the others are counted as one: a field that is no service must not fill the memory or the
  // answer.
  static constexpr size_t kMaxServices = 500;

  Count& ServiceCount(const std::string& name);

  const int64_t from_ns_;
  const int64_t to_ns_;
  const int64_t bucket_ns_;
  Count all_;
  std::vector<Count> buckets_;
  absl::flat_hash_map<std::string, uint64_t, base::StringHash, std::equal_to<>> levels_;
  absl::flat_hash_map<std::string, Count, base::StringHash, std::equal_to<>> services_;
  Count other_services_;
};

}  // namespace taffrail::server
