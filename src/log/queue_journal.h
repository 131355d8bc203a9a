// "journal" in a queue directory's entry: the piece of lines that is being written to the sinks.
//
// A piece is first noted - its text, for each sink what has become of it, and how far the rings have been
// read for it - then written, then cleared. From the moment it is sealed the rings' records are not needed
// any more. So a process may be killed at any instruction: recovery finishes the piece where it stopped, and
// goes on with the rings behind it. Recovery notes its own pieces in the same journal and may be killed too.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "log/queue_file.h"
#include "log/ticks.h"
#include "taffrail/sinks.h"

namespace taffrail::log {

// A ring's records up to `head` are in the piece.
struct RingHead {
  uint64_t number;
  uint64_t head;
};

struct JournalHead {
  static constexpr char kMagic[8] = {'T', 'F', 'R', 'L', 'J', 'R', 'N', 'L'};

  char magic[8];
  uint32_t format;
  std::atomic<uint32_t> sealed;      // 1: there is a piece
  uint32_t rings;                    // RingHead*, at kQueueHeadBytes
  uint32_t deliveries;               // DeliveryHead*, then their bytes
  std::atomic<uint64_t> clock_turn;  // of `clocks`, the one of its last bit counts
  std::array<ClockSample, 2> clocks;
};

struct DeliveryHead {
  enum State : uint32_t { kNotBegun, kBegun, kDone };

  std::atomic<uint32_t> state;
  uint32_t sink;  // the how many-th
  uint64_t device;
  uint64_t inode;  // 0: no file, or it could not be opened
  uint64_t offset;
  uint64_t path_at;  // in the file, as the text
  uint64_t path_size;
  uint64_t text_at;
  uint64_t text_size;
};

// Not thread-safe.
class Journal {
 public:
  static absl::StatusOr<Journal> Create(const std::string& path);
  // One that a dead process left.
  static absl::StatusOr<Journal> Open(const std::string& path);

  void SetClock(const ClockSample& sample);
  ClockSample clock() const;

  // For the names of files, before they have been asked: the sinks in the order of the configuration.
  void SetSinks(std::span<const std::shared_ptr<Sink>> sinks);
  struct Delivery {
    Sink* sink;
    std::string_view text;
  };
  // False, told once: no room on the disk. A crash during this piece may then lose it.
  bool Seal(std::span<const RingHead> rings, std::span<const Delivery> deliveries);
  bool sealed() const { return head().sealed.load(std::memory_order_relaxed) != 0; }
  // Around each sink's write of a sealed piece.
  void Begin(size_t delivery, Sink& sink);
  void End(size_t delivery, bool written);
  // Does nothing when a write has failed that is to be tried again.
  void Clear();
  // Recovery: what a sink did not take stays for the next recovery. Else it is lost, as the sink said.
  void KeepFailed() { keeps_failed_ = true; }

  // A piece that was found. Borrowed; what makes no sense in it is left out and `damaged`.
  struct Piece {
    struct Part {
      DeliveryHead* head;
      std::string_view path;
      std::string_view text;
    };
    std::vector<RingHead> rings;
    std::vector<Part> parts;
    bool damaged = false;
  };
  Piece Found();

 private:
  explicit Journal(MappedFile file) : file_(std::move(file)) {}
  JournalHead& head() const { return *reinterpret_cast<JournalHead*>(file_.data()); }
  DeliveryHead& delivery(size_t i) const;

  MappedFile file_;
  struct SinkFile {
    uint32_t number;
    std::string path;
  };
  std::map<const Sink*, SinkFile> sinks_;
  bool told_ = false;
  bool keeps_failed_ = false;
  bool failed_ = false;
};

}  // namespace taffrail::log
