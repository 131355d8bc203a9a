#include "store/wal_format.h"

#include <fmt/format.h>

#include <cinttypes>
#include <cstdio>
#include <utility>

#include "base/bytes.h"
#include "store/block_reader.h"

namespace taffrail::store {

std::string WalName(uint64_t id) { return fmt::format("wal-{:012}.log", id); }

bool ParseWalName(const std::string& name, uint64_t& id) {
  int end = 0;
  return std::sscanf(name.c_str(), "wal-%" SCNu64 ".log%n", &id, &end) == 1 && name == WalName(id);
}

uint64_t WalGroup::end_sequence() const {
  uint64_t end = first_sequence;
  for (const WalEntry& entry : entries) end += entry.rows;
  return end;
}

bool ParseWalBegin(std::string_view payload, WalSegment& before, std::string_view& repeated) {
  base::ByteReader reader(payload);
  before.id = reader.Varint();
  before.bytes = reader.Varint();
  repeated = reader.Bytes(reader.remaining());
  return reader.ok();
}

bool ParseWalGroup(std::string_view payload, WalGroup& group) {
  base::ByteReader reader(payload);
  group.first_sequence = reader.Varint();
  const uint64_t entries = reader.Varint();
  if (entries > reader.remaining()) return false;
  group.entries.resize(entries);
  for (WalEntry& entry : group.entries) {
    entry.rows = reader.Varint();
    entry.block = reader.String();
    if (entry.rows > record::kMaxBatchRows) return false;
  }
  return reader.ok() && reader.AtEnd();
}

absl::StatusOr<record::RecordBatch> DecodeWalEntry(const WalEntry& entry, const std::string& name,
                                                   uint64_t& line_bytes) {
  TAFFRAIL_ASSIGN_OR_RETURN(BlockReader reader, BlockReader::Open(BlockBytes(entry.block, name), 0));
  reader.KeepDictionaries();  // as the columns were when they came
  TAFFRAIL_RETURN_IF_ERROR(reader.LoadAll());
  if (reader.batch().rows() != entry.rows)
    return absl::DataLossError(name + ": entry has a wrong number of rows");
  line_bytes = reader.line_bytes();
  return std::move(reader).TakeBatch();
}

}  // namespace taffrail::store
