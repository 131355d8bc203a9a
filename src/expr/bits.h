// One bit for each row of a batch, or for each value of a column. Bits beyond size() are zero.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace taffrail::expr {

class Bits {
 public:
  Bits() = default;
  explicit Bits(size_t size, bool value = false) { Reset(size, value); }

  void Reset(size_t size, bool value = false) {
    size_ = size;
    words_.assign((size + 63) / 64, value ? ~uint64_t{0} : 0);
    ClearTail();
  }
  size_t size() const { return size_; }
  bool operator[](size_t i) const { return (words_[i / 64] >> (i % 64) & 1) != 0; }
  void Set(size_t i) { words_[i / 64] |= uint64_t{1} << (i % 64); }
  void Clear(size_t i) { words_[i / 64] &= ~(uint64_t{1} << (i % 64)); }
  void SetTo(size_t i, bool value) {
    uint64_t& word = words_[i / 64];
    word = (word & ~(uint64_t{1} << (i % 64))) | uint64_t{value} << (i % 64);
  }

  // Sets every bit i to bit_of(i), 0 or 1: faster than bit by bit where most are looked at.
  template <typename F>
  void Fill(size_t size, F&& bit_of) {
    size_ = size;
    words_.resize((size + 63) / 64);
    const auto word_of = [&bit_of](size_t first, unsigned count) {
      uint64_t bits = 0;
      for (unsigned shift = 0; shift < count; ++shift) bits |= bit_of(first + shift) << shift;
      return bits;
    };
    size_t i = 0;
    for (; i + 64 <= size; i += 64) words_[i / 64] = word_of(i, 64);  // so many that the compiler unrolls
    if (i < size) words_[i / 64] = word_of(i, static_cast<unsigned>(size - i));
  }

  bool None() const {
    for (const uint64_t word : words_) {
      if (word != 0) return false;
    }
    return true;
  }
  size_t Count() const {
    size_t count = 0;
    for (const uint64_t word : words_) count += static_cast<size_t>(std::popcount(word));
    return count;
  }

  // REQUIRES of all four: the same size.
  void And(const Bits& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
  }
  void AndNot(const Bits& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
  }
  void Or(const Bits& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }
  void Invert() {
    for (uint64_t& word : words_) word = ~word;
    ClearTail();
  }

  // Calls f(index) for each set bit, ascending.
  template <typename F>
  void ForEach(F&& f) const {
    for (size_t i = 0; i < words_.size(); ++i) {
      for (uint64_t word = words_[i]; word != 0; word &= word - 1) {
        f(i * 64 + static_cast<size_t>(std::countr_zero(word)));
      }
    }
  }

 private:
  void ClearTail() {
    if (size_ % 64 != 0) words_.back() &= (uint64_t{1} << (size_ % 64)) - 1;
  }

  size_t size_ = 0;
  std::vector<uint64_t> words_;
};

}  // namespace taffrail::expr
