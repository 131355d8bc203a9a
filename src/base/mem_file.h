// The bytes of one file in MemEnv, and what a power failure leaves of them.
//
//   |<---- on disk ---->|<- written, not synced ->|
//   +-------------------+-------------------------+
//   0             synced_size                  data.size()
//
// A crash keeps [0, synced_size) and a random part of the rest. Two things reach below synced_size:
//   - a truncation that was never synced may be undone: then `cut_tail`, the bytes it took, comes back;
//   - after a failed Sync the kernel may have dropped the pages it could not write, yet the next Sync says
//   ok. Such
//     ranges (`doubtful`) may be zeros after a crash although they count as synced.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taffrail::base {

class MemFile {
 public:
  using Rng = std::mt19937_64;

  const std::string& data() const { return data_; }
  void Append(std::string_view bytes) { data_.append(bytes); }
  void Truncate(uint64_t size);  // or extend with zeros
  void Overwrite(uint64_t offset, std::string_view bytes) { data_.replace(offset, bytes.size(), bytes); }
  void Sync();
  void FailSync();
  // Leaves what a disk would hold, and makes it durable. Pages are the unit in which unsynced bytes were
  // written back.
  void Crash(Rng& rng);

 private:
  void TearUnsynced(Rng& rng);

  std::string data_;
  uint64_t synced_size_ = 0;
  std::string cut_tail_;                                 // was at [synced_size_, …) of the disk
  std::vector<std::pair<uint64_t, uint64_t>> doubtful_;  // [from, to)
};

}  // namespace taffrail::base
