// The bar of a search that takes long: until the first row comes, and not for quick ones.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "base/env.h"
#include "cmd/progress.h"
#include "query/exec/executor.h"

namespace taffrail::cmd {

class SearchProgress {
 public:
  SearchProgress(base::Env& env, bool shown)
      : progress_(env, shown ? Progress::ModeOfStderr(false) : Progress::Mode::kSilent), is_over_(!shown) {
    progress_.SetLabel("searching");
  }

  // Any thread.
  void Update(uint64_t blocks_done, uint64_t blocks, uint64_t bytes_read, uint64_t rows_read) {
    constexpr int64_t kQuickNs = 1'000'000'000;
    absl::MutexLock lock(&mutex_);
    if (is_over_ || progress_.elapsed_ns() < kQuickNs) return;
    const double share =
        static_cast<double>(blocks) / static_cast<double>(std::max<uint64_t>(blocks_done, 1));
    progress_.Update(bytes_read, static_cast<uint64_t>(static_cast<double>(bytes_read) * share), rows_read);
  }
  void Update(const query::exec::ScanStats& scan) {
    const uint64_t done = scan.blocks_read + scan.blocks_counted + scan.blocks_pruned_time +
                          scan.blocks_pruned_words + scan.blocks_pruned_range;
    Update(done, scan.blocks, scan.bytes_read, scan.rows_read);
  }

  // The answer begins: the terminal is its own.
  void End() {
    absl::MutexLock lock(&mutex_);
    if (!is_over_) progress_.Clear();
    is_over_ = true;
  }

 private:
  absl::Mutex mutex_;
  Progress progress_ ABSL_GUARDED_BY(mutex_);
  bool is_over_ ABSL_GUARDED_BY(mutex_);
};

// Ends the bar when the first row comes.
class EndsProgress final : public query::exec::ResultSink {
 public:
  EndsProgress(query::exec::ResultSink& sink, SearchProgress& progress) : sink_(sink), progress_(progress) {}
  bool OnColumns(const std::vector<std::string>& columns) override { return sink_.OnColumns(columns); }
  bool OnRecord(const query::exec::LogRow& row) override {
    if (!std::exchange(begun_, true)) progress_.End();
    return sink_.OnRecord(row);
  }
  bool OnRow(const std::vector<expr::Value>& row) override {
    if (!std::exchange(begun_, true)) progress_.End();
    return sink_.OnRow(row);
  }

 private:
  query::exec::ResultSink& sink_;
  SearchProgress& progress_;
  bool begun_ = false;
};

}  // namespace taffrail::cmd
