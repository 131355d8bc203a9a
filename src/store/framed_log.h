// A file of records that is only ever appended to: the write-ahead log and the manifest.
//
//   file   := header record*
//   header := "TFLOG\0\0" u8 version(1) | u64 id                                                   16 bytes
//   record := u32 size | u32 number | u8 type | u32 header_check | u64 checksum | payload[size]
//   docs/format/wal.md
//
//   number:       0 for the first record of the file, then 1, 2, …
//   header_check: low 32 bits of XXH3(size, number, type; seed = id)
//   checksum:     XXH3(payload; seed = id)
//
// Seed and number tie a record to its file and place: what an older file left on the disk never looks like
// the next record. The separate header check tells where the next record starts even when a payload is
// damaged, and makes looking for the next whole record after damage cheap.
//
// A writer has at most one record on its way to the disk: it appends one and syncs. So after a crash only the
// last record may be incomplete (a torn tail); a bad record with a good one after it is damage.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/status.h"

namespace taffrail::store {

inline constexpr size_t kLogHeaderBytes = 16;
inline constexpr size_t kLogRecordHeaderBytes = 21;
// A group commit is at most this large. Offsets in memory stay below 2^31 with room to spare.
inline constexpr uint32_t kMaxLogRecordBytes = uint32_t{1} << 30;

class FramedLogWriter {
 public:
  // Creates the file; its header is written with the first record.
  static absl::StatusOr<std::unique_ptr<FramedLogWriter>> Create(base::Env& env, const std::string& path,
                                                                 uint64_t id);

  // Starts a record of this type, calls fill(std::string&) to append the payload, writes it and syncs. After
  // an error the writer must be abandoned: what the disk has beyond durable_size() is unknown.
  [[nodiscard]] absl::Status Append(uint8_t type, const std::function<void(std::string&)>& fill);

  uint64_t durable_size() const { return durable_size_; }

 private:
  FramedLogWriter(std::unique_ptr<base::WritableFile> file, uint64_t id);

  const std::unique_ptr<base::WritableFile> file_;
  const uint64_t id_;
  uint32_t number_ = 0;
  uint64_t durable_size_ = 0;
  std::string buffer_;
};

struct LogRecord {
  uint64_t offset = 0;  // of its first byte in the file
  uint8_t type = 0;
  std::string_view payload;
};

// Reads a whole log in memory. Hostile bytes are errors, never crashes.
class FramedLogReader {
 public:
  enum class Outcome {
    kRecord,
    kEnd,      // nothing after the last record
    kTorn,     // what follows is no record, and no record follows it
    kDamaged,  // what follows is no record, but a whole record comes later: SkipDamage() goes there
  };

  // `data` is the file from its beginning, and must outlive the reader.
  FramedLogReader(std::string_view data, uint64_t id);

  // The header says this is a log of this id and of a version we know.
  bool HeaderOk() const { return header_ok_; }
  Outcome Next(LogRecord& record);
  uint64_t offset() const { return offset_; }  // where the next record starts, or what is wrong
  void SkipDamage();                           // REQUIRES: Next returned kDamaged

 private:
  struct Header;
  bool ParseHeader(uint64_t offset, Header& header) const;
  bool ParseAt(uint64_t offset, LogRecord& record, Header& header) const;
  bool FindNext(uint64_t& offset, uint32_t& number) const;

  std::string_view data_;
  uint64_t id_;
  bool header_ok_ = false;
  uint64_t offset_ = 0;
  uint32_t number_ = 0;
};

}  // namespace taffrail::store
