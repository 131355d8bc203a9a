// An entry of a queue directory (queue_dir.h) whose process is gone, as lines.
//
// Everything in it may be damaged or forged: every size is checked before it is used, and an address is
// looked up among those that the process wrote down, never followed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "context/frame.h"
#include "layout/line.h"
#include "log/queue_arena.h"
#include "log/queue_journal.h"
#include "log/queue_names.h"

namespace taffrail::log {

struct RecoveryCounts {
  uint64_t lines = 0;          // given out
  uint64_t unreadable = 0;     // records whose bytes make no sense, or whose call site is not known
  uint64_t without_scope = 0;  // lines whose context's fields were not found
  uint64_t bytes_lost = 0;     // of rings and files that could not be read any further
  bool damaged() const { return unreadable + without_scope + bytes_lost != 0; }
};

// Not thread-safe.
class DeadEntry {
 public:
  // Aborted: its process lives, or another one is recovering it. NotFound: it is no entry, or gone.
  // Unimplemented: a later version's.
  static absl::StatusOr<std::unique_ptr<DeadEntry>> Open(const std::string& path);

  const std::string& path() const { return path_; }
  // It is this user's: else the files that it names are not to be written to.
  bool trusted() const { return trusted_; }
  const Names& names() const { return names_; }
  Journal* journal() { return journal_ ? &*journal_ : nullptr; }  // null: there is none that can be read
  RecoveryCounts& counts() { return counts_; }

  // Brings the rings to where the journal's piece says. Before the first Next.
  void Skip(const std::vector<RingHead>& rings);
  // The earliest line that is left; borrowed until the next call.
  bool Next(layout::Line& line);
  // How far the rings have been read, and writes that down in their files.
  std::vector<RingHead> Heads() const;
  [[nodiscard]] absl::Status PublishHeads();

 private:
  struct Ring {
    std::string path;
    std::string bytes;  // of the ring alone
    uint64_t number = 0;
    uint32_t thread_id = 0;
    std::string thread_name;
    uint64_t head_at = 0;  // in the file
    uint64_t at = 0;
    uint64_t tail = 0;
    uint64_t published = 0;
    std::optional<detail::RecordHead> head;  // of the line at `at`; none: the ring is empty

    std::string_view record() const { return {bytes.data() + at % bytes.size(), head->size}; }
  };

  explicit DeadEntry(std::string path) : path_(std::move(path)) {}
  absl::Status Read();
  void ReadRing(const std::string& path, std::string_view file);
  void ReadSlots(std::string_view file);
  // Sets ring.head to the next line's or large record's; gives the ring up when it makes no sense.
  void Load(Ring& ring);
  bool Decode(const Ring& ring, layout::Line& line);
  bool DecodeFields(const detail::RecordHead& head, std::string_view rest, layout::Line& line) const;
  // True when it is none, or known.
  bool FindFrame(uint64_t address, detail::Frame*& frame);

  int64_t TimeOf(uint64_t ticks) const;

  const std::string path_;
  sink::Fd lock_;
  bool trusted_ = false;
  Names names_;
  std::optional<Journal> journal_;
  ClockSample clock_;
  std::vector<std::string> slot_files_;
  std::map<uint64_t, std::string_view> slots_;  // into slot_files_, by address
  std::map<uint64_t, std::unique_ptr<detail::Frame>> frames_;
  std::vector<Ring> rings_;
  RecoveryCounts counts_;
};

// Whether encoded fields (detail/encoding.h) are what the readers of trusted ones expect.
bool ValidFields(std::string_view fields);

}  // namespace taffrail::log
