// How many lines, of which levels, by which services, when: what /api/v1/logs/stats answers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "expr/matcher.h"
#include "query/exec/executor.h"
#include "query/exec/key_column.h"
#include "record/batch.h"
#include "store/store.h"

namespace taffrail::server {

inline constexpr uint64_t kMaxBuckets = 2000;  // more than a screen has columns

// Off the columns: of a text that many lines have a block is asked once. Not thread-safe; what several
// threads have counted is merged.
class Stats {
 public:
  // Of [from_ns, to_ns] in `buckets` > 0 equal pieces.
  Stats(int64_t from_ns, int64_t to_ns, uint64_t buckets);

  // The columns that Add looks at.
  static query::exec::RecordColumns Columns();
  void Add(const record::RecordBatch& batch, const expr::Selection& rows);
  void Merge(Stats& other);
  std::string ToJson(const store::StoreInfo& info);

 private:
  struct Count {
    uint64_t lines = 0;
    uint64_t errors = 0;  // ERROR and CRITICAL
    void Add(uint64_t error) {
      ++lines;
      errors += error;
    }
    void Add(const Count& other) {
      lines += other.lines;
      errors += other.errors;
    }
  };

  // Beyond it the others are counted as one: a field that is no service must not fill the memory or the
  // answer.
  static constexpr size_t kMaxServices = 500;
  static constexpr size_t kMaxNumbers = 10'000;  // of services, before they are counted by name

  void NumberServices(const record::RecordBatch& batch, const expr::Selection& rows);
  void Name();
  Count& ServiceCount(const std::string& name);

  int64_t from_ns_;
  int64_t to_ns_;
  int64_t bucket_ns_;
  std::vector<Count> buckets_;
  // Of what was added last: by number.
  query::exec::KeyColumn level_numbers_;
  query::exec::KeyColumn service_numbers_;
  std::vector<uint64_t> by_level_;
  std::vector<Count> by_service_;
  // Of what was added before that: by name.
  std::map<std::string, uint64_t> levels_;
  std::map<std::string, Count> services_;
  Count other_services_;
  std::vector<uint32_t> row_levels_;  // scratch, by row
  std::vector<uint32_t> row_services_;
  std::vector<uint32_t> numbers_;
};

// Of the records of an engine, by as many threads as it has.
absl::StatusOr<Stats> CountLines(int64_t from_ns, int64_t to_ns, uint64_t buckets,
                                 query::exec::Engine& engine, const query::exec::ExecOptions& options,
                                 query::exec::ExecStats& figures);

}  // namespace taffrail::server
