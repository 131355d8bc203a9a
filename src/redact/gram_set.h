// Four bytes that a token may begin with, by one bit for each value of a hash of them: never missed, now and
// then there for nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace taffrail::redact {

class GramSet {
 public:
  GramSet();

  static uint32_t Load(const char* data) {
    uint32_t gram = 0;
    std::memcpy(&gram, data, sizeof(gram));
    return gram;
  }

  void Add(uint32_t gram) {
    const size_t hash = Hash(gram);
    bits_[hash >> 6] |= uint64_t{1} << (hash & 63);
  }
  bool MayHave(uint32_t gram) const {
    const size_t hash = Hash(gram);
    return (bits_[hash >> 6] >> (hash & 63) & 1) != 0;
  }
  // Of 64 places, those in `starts` at which a gram of the set may stand. Reads up to four bytes behind them.
  uint64_t Among(const char* data, uint64_t starts) const { return among_(*this, data, starts); }
  // For every machine; the other must agree with it.
  static uint64_t AmongPortable(const GramSet& set, const char* data, uint64_t starts);

 private:
  using FindAmong = uint64_t (*)(const GramSet& set, const char* data, uint64_t starts);

  // With 17, more than half of what was found in logs was there for nothing.
  static constexpr int kHashBits = 19;
  static size_t Hash(uint32_t gram) { return gram * 0x9e3779b1u >> (32 - kHashBits); }

  static uint64_t AmongBmi(const GramSet& set, const char* data, uint64_t starts);
  static FindAmong ChooseAmong();

  std::vector<uint64_t> bits_;
  FindAmong among_;  // the fastest that this machine can run
};

}  // namespace taffrail::redact
