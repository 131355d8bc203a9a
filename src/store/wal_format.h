// Names and record types of the write-ahead log; wal.h draws the records.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/wal.h"

namespace taffrail::store {

inline constexpr uint8_t kWalBegin = 1;
inline constexpr uint8_t kWalGroup = 2;

std::string WalName(uint64_t id);  // "wal-000000000007.log"
bool ParseWalName(const std::string& name, uint64_t& id);

struct WalGroup {
  uint64_t first_sequence = 0;
  std::vector<WalEntry> entries;  // borrow the payload
  uint64_t end_sequence() const;
};
// `repeated` borrows the payload; empty when no group is repeated.
[[nodiscard]] bool ParseWalBegin(std::string_view payload, WalSegment& before, std::string_view& repeated);
[[nodiscard]] bool ParseWalGroup(std::string_view payload, WalGroup& group);
// `name`: for errors. The batch has no sequences yet.
absl::StatusOr<record::RecordBatch> DecodeWalEntry(const WalEntry& entry, const std::string& name,
                                                   uint64_t& line_bytes);

}  // namespace taffrail::store
