// Little-endian integers, varints and length-prefixed strings: how every format of ours writes its fields.
//
// Writers append to a std::string. Readers go through ByteReader, which never reads past its end: after the
// first short read or bad varint every further read yields zero / empty and ok() stays false, so that a
// decoder may read a whole structure and check once.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace taffrail::base {

static_assert(std::endian::native == std::endian::little,
              "our formats are little-endian and written by memcpy");

template <typename Int>
void PutFixed(std::string& out, Int value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

inline void PutVarint(std::string& out, uint64_t value) {  // LEB128, at most 10 bytes
  char buffer[10];
  size_t n = 0;
  while (value >= 0x80) {
    buffer[n++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  buffer[n++] = static_cast<char>(value);
  out.append(buffer, n);
}

inline uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
inline int64_t UnZigZag(uint64_t value) { return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1)); }

inline void PutString(std::string& out, std::string_view value) {
  PutVarint(out, value.size());
  out.append(value);
}

class ByteReader {
 public:
  explicit ByteReader(std::string_view data) : at_(data.data()), end_(data.data() + data.size()) {}

  bool ok() const { return ok_; }
  bool AtEnd() const { return at_ == end_; }
  size_t remaining() const { return static_cast<size_t>(end_ - at_); }
  // Marks the input as damaged, for a value that was readable but makes no sense.
  void Fail() {
    ok_ = false;
    at_ = end_;
  }

  template <typename Int>
  Int Fixed() {
    Int value{};
    if (remaining() < sizeof(Int)) {
      Fail();
      return value;
    }
    std::memcpy(&value, at_, sizeof(Int));
    at_ += sizeof(Int);
    return value;
  }

  uint64_t Varint() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const auto byte = static_cast<uint8_t>(*at_++);
      if (shift == 63 && byte > 1) break;  // more than 64 bits
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    Fail();
    return 0;
  }
  int64_t SignedVarint() { return UnZigZag(Varint()); }

  // The next size bytes, borrowed from the input.
  std::string_view Bytes(uint64_t size) {
    if (size > remaining()) {
      Fail();
      return {};
    }
    std::string_view bytes(at_, size);
    at_ += size;
    return bytes;
  }
  std::string_view String() { return Bytes(Varint()); }

 private:
  const char* at_;
  const char* end_;
  bool ok_ = true;
};

}  // namespace taffrail::base
