// A set of 64-bit hashes: open addressing in one array, eight bytes a slot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace taffrail::query::exec {

class HashSet64 {
 public:
  size_t size() const { return size_ + (has_zero_ ? 1 : 0); }
  size_t memory_bytes() const { return slots_.capacity() * sizeof(uint64_t); }

  void Insert(uint64_t hash) {
    if (hash == 0) {
      has_zero_ = true;
      return;
    }
    if (size_ * 4 >= slots_.size() * 3) Grow();
    Put(hash);
  }

  // Makes room for so many. REQUIRED before the hashes of another set are inserted in the order in which it
  // holds them: they rise, and would pile up at the front of a table that still has to grow.
  void Reserve(size_t size) {
    while (size * 4 >= slots_.size() * 3) Grow();
  }

  // The same as Insert for many: each slot is on its way into the cache before it is looked at.
  void InsertAll(std::span<const uint64_t> hashes) {
    constexpr size_t kAhead = 12;
    for (size_t i = 0; i < hashes.size(); ++i) {
      if (i + kAhead < hashes.size() && !slots_.empty())
        __builtin_prefetch(&slots_[SlotOf(hashes[i + kAhead])]);
      Insert(hashes[i]);
    }
  }

  template <typename F>
  void ForEach(F&& f) const {
    if (has_zero_) f(uint64_t{0});
    for (const uint64_t hash : slots_) {
      if (hash != 0) f(hash);
    }
  }

 private:
  // The high bits, so that walking the slots of one set fills another from its beginning to its end.
  size_t SlotOf(uint64_t hash) const { return static_cast<size_t>(hash >> shift_); }

  void Put(uint64_t hash) {
    size_t slot = SlotOf(hash);
    while (slots_[slot] != 0) {
      if (slots_[slot] == hash) return;
      slot = (slot + 1) & (slots_.size() - 1);
    }
    slots_[slot] = hash;
    ++size_;
  }

  void Grow() {
    std::vector<uint64_t> old = std::move(slots_);
    slots_.assign(old.empty() ? 8 : old.size() * 2, 0);
    shift_ = old.empty() ? 61 : shift_ - 1;
    size_ = 0;
    for (const uint64_t hash : old) {
      if (hash != 0) Put(hash);
    }
  }

  std::vector<uint64_t> slots_;  // 0: empty
  unsigned shift_ = 64;
  size_t size_ = 0;
  bool has_zero_ = false;
};

}  // namespace taffrail::query::exec
