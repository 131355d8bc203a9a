#include "store/id_page.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/bytes.h"
#include "base/hash.h"

namespace taffrail::store {
namespace {

class BitWriter {
 public:
  explicit BitWriter(std::string& out) : out_(out) {}

  // REQUIRES: count <= 32 and value < 2^count.
  void Put(uint32_t value, unsigned count) {
    bits_ |= uint64_t{value} << filled_;
    filled_ += count;
    while (filled_ >= 8) {
      out_.push_back(static_cast<char>(bits_));
      bits_ >>= 8;
      filled_ -= 8;
    }
  }
  void PutUnary(uint32_t ones) {
    for (; ones >= 31; ones -= 31) Put((uint32_t{1} << 31) - 1, 31);
    Put((uint32_t{1} << ones) - 1, ones + 1);
  }
  void Finish() {
    if (filled_ > 0) out_.push_back(static_cast<char>(bits_));
  }

 private:
  std::string& out_;
  uint64_t bits_ = 0;
  unsigned filled_ = 0;  // below 8 between calls
};

class BitReader {
 public:
  explicit BitReader(std::string_view data) : data_(data), size_(data.size() * 8) {}

  bool ok() const { return ok_; }
  // Nothing but the zeros that fill the last byte is left.
  bool AtEnd() const { return ok_ && size_ - at_ < 8 && Peek() == 0; }

  uint32_t Get(unsigned count) {
    const auto value = static_cast<uint32_t>(Peek() & ((uint64_t{1} << count) - 1));
    Skip(count);
    return value;
  }
  uint32_t GetUnary() {
    uint32_t ones = 0;
    while (ok_) {
      const auto run = static_cast<unsigned>(std::countr_one(Peek() & UINT32_MAX));
      ones += run;
      Skip(run);
      if (run == 32) continue;
      Skip(1);
      return ones;
    }
    return 0;
  }

 private:
  // The next bits, at least 56 of them; zeros beyond the end.
  uint64_t Peek() const {
    const size_t byte = at_ / 8;
    uint64_t word = 0;
    if (byte + sizeof(word) <= data_.size()) {
      std::memcpy(&word, data_.data() + byte, sizeof(word));
    } else if (byte < data_.size()) {
      std::memcpy(&word, data_.data() + byte, data_.size() - byte);
    }
    return word >> (at_ % 8);
  }
  void Skip(unsigned count) {
    at_ += count;
    if (at_ > size_) {
      ok_ = false;
      at_ = size_;
    }
  }

  const std::string_view data_;
  const size_t size_;
  size_t at_ = 0;
  bool ok_ = true;
};

// Truncated binary for numbers up to `largest`: the first of them take a bit less than the others.
struct BlockCode {
  explicit BlockCode(uint32_t largest)
      : bits(static_cast<unsigned>(std::bit_width(largest + 1)) - 1),
        short_codes((uint32_t{2} << bits) - (largest + 1)) {}

  void Put(uint32_t value, BitWriter& out) const {
    if (value < short_codes) return out.Put(value, bits);
    value += short_codes;
    out.Put(value >> 1, bits);
    out.Put(value & 1, 1);
  }
  uint32_t Get(BitReader& in) const {
    const uint32_t value = in.Get(bits);
    return value < short_codes ? value : (value << 1 | in.Get(1)) - short_codes;
  }

  unsigned bits;
  uint32_t short_codes;
};

absl::Status NoSense() { return absl::DataLossError("page of ids makes no sense"); }

// Calls visit(entry) for one after the other, until it says false.
template <typename Visit>
absl::Status Read(std::string_view page, const IdPageShape& shape, Visit visit) {
  constexpr size_t kFrameBytes = sizeof(uint32_t) + sizeof(uint64_t);
  if (page.size() < kFrameBytes) return absl::DataLossError("page of ids is too short");
  const std::string_view checked = page.substr(0, page.size() - sizeof(uint64_t));
  uint64_t checksum = 0;
  std::memcpy(&checksum, page.data() + checked.size(), sizeof(checksum));
  if (checksum != base::Hash64(checked, shape.page)) {
    return absl::DataLossError("page of ids has a wrong checksum");
  }
  uint32_t count = 0;
  std::memcpy(&count, page.data(), sizeof(count));
  if (count / 8 > checked.size()) return NoSense();
  const BlockCode code(shape.blocks);
  BitReader bits(checked.substr(sizeof(count)));
  uint64_t hash = shape.first_hash;
  IdEntry before = 0;
  for (uint32_t i = 0; i < count && bits.ok(); ++i) {
    const uint64_t quotient = bits.GetUnary();
    hash += (quotient << shape.rice_bits) + bits.Get(shape.rice_bits);
    const uint32_t block = code.Get(bits);
    const bool hinted = shape.has_hints && block < shape.blocks;
    const uint32_t hint = hinted ? bits.Get(kIdHintBits) : kAnyRows;
    if (hash >> shape.hash_bits != 0 || block > shape.blocks) return NoSense();
    const IdEntry entry = MakeIdEntry(static_cast<uint32_t>(hash), block, hint);
    if (i > 0 && (entry <= before || SameBlock(entry, before))) return NoSense();
    before = entry;
    if (!visit(entry)) return absl::OkStatus();
  }
  return bits.AtEnd() ? absl::OkStatus() : NoSense();
}

}  // namespace

void AppendIdPage(const std::vector<IdEntry>& entries, const IdPageShape& shape, std::string& out) {
  const size_t begin = out.size();
  base::PutFixed(out, static_cast<uint32_t>(entries.size()));
  const BlockCode code(shape.blocks);
  BitWriter bits(out);
  uint32_t before = shape.first_hash;
  for (const IdEntry entry : entries) {
    const uint32_t delta = HashOf(entry) - before;
    before = HashOf(entry);
    bits.PutUnary(delta >> shape.rice_bits);
    bits.Put(delta & ((uint32_t{1} << shape.rice_bits) - 1), shape.rice_bits);
    code.Put(BlockOf(entry), bits);
    if (shape.has_hints && BlockOf(entry) < shape.blocks) bits.Put(HintOf(entry), kIdHintBits);
  }
  bits.Finish();
  base::PutFixed<uint64_t>(out, base::Hash64(std::string_view(out).substr(begin), shape.page));
}

absl::Status ReadIdPage(std::string_view page, const IdPageShape& shape, std::vector<IdEntry>& entries) {
  entries.clear();
  return Read(page, shape, [&entries](IdEntry entry) {
    entries.push_back(entry);
    return true;
  });
}

absl::Status FindInIdPage(std::string_view page, const IdPageShape& shape, uint32_t hash,
                          std::vector<IdEntry>& entries) {
  entries.clear();
  return Read(page, shape, [&entries, hash](IdEntry entry) {
    if (HashOf(entry) == hash) entries.push_back(entry);
    return HashOf(entry) <= hash;
  });
}

}  // namespace taffrail::store
