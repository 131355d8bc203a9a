// From one record to lines in sinks: rendered once for each distinct look, gathered, given to the sinks in
// pieces.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "layout/layout.h"
#include "log/queue_journal.h"
#include "log/thinning.h"
#include "taffrail/config.h"

namespace taffrail::log {

struct ProcessNames;

std::string HostName();

// Written under Core's lock, read by anyone.
struct OutputCounts {
  std::atomic<uint64_t> lines_written{0};
  std::atomic<uint64_t> lines_failed{0};
  std::atomic<uint64_t> bytes_written{0};
  std::atomic<uint64_t> sampled_out{0};
  std::atomic<uint64_t> rate_limited{0};
  std::atomic<uint64_t> aggregated{0};
};

// Not thread-safe: Core holds its lock around every call.
class Outputs {
 public:
  // The lines are this process's, or those of a recovered one.
  explicit Outputs(const Config& config, const ProcessNames* recovered = nullptr);

  // Where each piece is noted before it is written (queue_journal.h); null: nowhere. Borrowed.
  void SetJournal(Journal* journal) { journal_ = journal; }
  Journal* journal() const { return journal_; }
  // Notes what has been rendered, and that it holds the records before these places. Write() does it too when
  // it has not been done.
  void Seal(std::span<const RingHead> rings);

  // A line of the program: thinned out, then rendered.
  void Add(const layout::Line& line) {
    if (!thinning_.active()) [[likely]]
      return Render(line);
    if (thinning_.Pass(line, [this](const layout::Line& due) { Render(due); })) Render(line);
  }
  // Whatever the rules say.
  void Render(const layout::Line& line);
  // What thinning owes: with `all`, everything that it holds back.
  void EmitDue(int64_t now_ns, bool all);
  // Whether lines may come due by the clock alone.
  bool MayOwe() const { return thinning_.active(); }
  ThinningCounts thinned() const { return thinning_.counts(); }
  // A piece large enough that one write(2) for it costs little, and small enough to stay in the cache.
  bool WantsWrite() const { return pending_bytes_ >= kPieceBytes; }
  void Write(OutputCounts& counts);
  bool Flush(int64_t timeout_ms);
  void Reopen();

 private:
  static constexpr size_t kPieceBytes = size_t{128} << 10;

  // All sinks that want the same lines in the same form.
  struct Output {
    Level level;
    uint8_t categories;  // a bit for each that is wanted
    bool terminal;
    std::string layout_name;
    std::unique_ptr<layout::Layout> layout;
    std::vector<std::shared_ptr<Sink>> sinks;
    bool wants_entries = false;
    layout::OutBuffer buffer;
    size_t lines = 0;
    std::vector<Entry> entries;  // `line` is set when they are written: until then the buffer may move

    bool Wants(const layout::Line& line) const;
  };
  void AddSink(const Config& config, const layout::Options& options, const SinkConfig& sink);
  void WriteOne(Output& output, size_t& delivery, OutputCounts& counts);

  const uint64_t id_;  // of this configuration's outputs
  Journal* journal_ = nullptr;
  Thinning thinning_;
  std::shared_ptr<Redactor> redactor_;
  std::vector<Output> outputs_;
  size_t pending_bytes_ = 0;
};

}  // namespace taffrail::log
