// Where lines go. Sinks are called by the backend thread (in synchronous mode by the logging thread, under a
// lock), never by two threads at once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "taffrail/category.h"
#include "taffrail/level.h"

namespace taffrail {

struct Entry {
  Level level;
  int64_t time_ns;  // Unix time
  std::string_view logger;
  std::string_view line;  // without the newline
  Category category;      // the logger's
};

// What came together since the last time, in order. Borrowed for the call.
struct Batch {
  std::string_view text;  // all lines, each ended by a newline: one write(2)
  std::span<const Entry> entries;
};

// What became of a batch, of a sink that can say more than yes or no.
struct Delivery {
  enum class Outcome : uint8_t {
    kDone,
    kRetry,    // not now: nothing of it arrived, or whoever reads can live with seeing it twice
    kRefused,  // never, in this form: at least one of its lines is at fault
  };
  Outcome outcome = Outcome::kDone;
  std::string reason = {};     // for people, when it is not kDone
  int64_t retry_after_ms = 0;  // kRetry: the destination asked not to be tried before
};

// Where in a file a batch will begin. The file may be renamed later (rotation): device and inode stay.
struct FilePosition {
  std::string_view path;  // the sink's
  uint64_t device = 0;
  uint64_t inode = 0;
  uint64_t offset = 0;
};

class Sink {
 public:
  virtual ~Sink() = default;
  // False when the lines could not be written: they are counted as lost in Stats. An exception counts as
  // false.
  virtual bool write(const Batch& batch) = 0;
  // The same, with more to say; what durable_sink (sink_durable.h) asks. May wait for an answer: it is called
  // on a thread that has nothing else to do.
  virtual Delivery deliver(const Batch& batch) {
    return write(batch) ? Delivery{} : Delivery{.outcome = Delivery::Outcome::kRetry};
  }
  // The program ends: a deliver() under way, on another thread, is to return soon.
  virtual void cancel() {}
  // For a sink that appends to one file: where the next write() begins if its text has so many bytes. The
  // sink opens, reopens and rotates now if it must, so that this write does not, and no write is split
  // between two files. So after a crash the file's size tells how much of the batch is in it (provided that
  // no other process appends to the file). None: it is no such sink, or the file cannot be opened.
  virtual std::optional<FilePosition> position(size_t /*next_bytes*/) { return std::nullopt; }
  // False: Batch::entries may be empty. The backend then never makes them, which is a good part of a line's
  // cost. For sinks that only need the text.
  virtual bool wants_entries() const { return true; }
  // A person reads it: text layout and colours unless configured otherwise.
  virtual bool is_terminal() const { return false; }
  // SIGHUP: a file is closed and opened again by its name.
  virtual void reopen() {}
  // Waits until everything written is where it belongs, as far as it depends on this process; false after
  // timeout_ms. Called by whoever flushes, so possibly beside write().
  virtual bool flush(int64_t /*timeout_ms*/) { return true; }
};

enum class ConsoleStream : uint8_t { kStdout, kStderr };
std::shared_ptr<Sink> console_sink(ConsoleStream stream = ConsoleStream::kStdout);
// Appends; creates the file (mode 0640) and its directories (0750). A file that cannot be opened or written
// is tried again with every batch, and the trouble is told once on the standard error. Rotation: sink_file.h.
std::shared_ptr<Sink> file_sink(std::string path);
// Calls the function once a batch.
std::shared_ptr<Sink> function_sink(std::function<bool(const Batch&)> write);

struct RecentLine {
  Level level;
  int64_t time_ns;
  std::string logger;
  Category category;
  std::string line;
};

// The last lines, in memory: for tests (testing.h), and for a service that shows its own recent log. Safe
// from any thread.
class MemorySink : public Sink {
 public:
  // Of lines and of their bytes; the oldest go first.
  explicit MemorySink(size_t max_lines = 10'000, size_t max_bytes = size_t{256} << 20);
  ~MemorySink() override;
  bool write(const Batch& batch) override;
  std::vector<std::string> lines() const;
  // Oldest first, at most so many of the newest that are of this level or above.
  std::vector<RecentLine> recent(size_t max_lines, Level least = Level::kTrace) const;
  void clear();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace taffrail
