#include "store/string_dictionary.h"

#include <array>
#include <string_view>

#include "base/hash.h"
#include "store/quick_key.h"

namespace taffrail::store {
namespace {

// Codes are 16 bits at most; beyond this many entries, zstd's own matches do as well.
constexpr size_t kMaxEntries = 32768;
// Looked at before the first verdict: enough to tell ids (nearly all distinct) from names.
constexpr size_t kSampleValues = 1024;

// Open addressing, twice as many slots as entries: no allocation per entry.
class EntryTable {
 public:
  explicit EntryTable(const record::StringData& values) : values_(values), slots_(64, kEmpty) {
    lately_.fill({.code = kEmpty.code, .index = 0});
  }

  // Code of the value; adds it when it is new.
  uint32_t CodeOf(uint32_t index, std::vector<uint32_t>& entries) {
    const std::string_view value = values_[index];
    // Most values were there a moment ago. They are compared with where they were last, which is in the
    // processor's cache, and not with the entry, which was long ago.
    Lately& lately = lately_[QuickKey(value) >> (64 - kLatelyBits)];
    if (lately.code == kEmpty.code || !IsSame(values_[lately.index], value))
      lately.code = Find(index, value, entries);
    lately.index = index;
    return lately.code;
  }

 private:
  static bool IsSame(std::string_view a, std::string_view b) {
    return a.size() == b.size() && SameBytes(a.data(), b.data(), a.size());
  }

  uint32_t Find(uint32_t index, std::string_view value, std::vector<uint32_t>& entries) {
    const uint64_t hash = base::Hash64(value);
    size_t slot = hash & (slots_.size() - 1);
    while (slots_[slot].code != kEmpty.code) {
      const Slot& candidate = slots_[slot];
      if (candidate.tag == Tag(hash) && values_[entries[candidate.code]] == value) return candidate.code;
      slot = (slot + 1) & (slots_.size() - 1);
    }
    const auto code = static_cast<uint32_t>(entries.size());
    slots_[slot] = {Tag(hash), code};
    entries.push_back(index);
    if (entries.size() * 2 > slots_.size()) Grow(entries);
    return code;
  }

  struct Slot {
    uint32_t tag;
    uint32_t code;
  };
  static constexpr Slot kEmpty = {0, UINT32_MAX};
  static uint32_t Tag(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }

  void Grow(const std::vector<uint32_t>& entries) {
    std::vector<Slot> slots(slots_.size() * 4, kEmpty);
    for (uint32_t code = 0; code < entries.size(); ++code) {
      const uint64_t hash = base::Hash64(values_[entries[code]]);
      size_t slot = hash & (slots.size() - 1);
      while (slots[slot].code != kEmpty.code) slot = (slot + 1) & (slots.size() - 1);
      slots[slot] = {Tag(hash), code};
    }
    slots_.swap(slots);
  }

  struct Lately {
    uint32_t code;
    uint32_t index;  // of the last value with it
  };
  static constexpr unsigned kLatelyBits = 10;

  const record::StringData& values_;
  std::vector<Slot> slots_;
  std::array<Lately, size_t{1} << kLatelyBits> lately_;  // by QuickKey
};

}  // namespace

bool Dictionary::Build(const record::StringData& values, Dictionary& dictionary) {
  dictionary.entries.clear();
  dictionary.codes.clear();
  if (values.size() < 2) return false;
  EntryTable table(values);
  dictionary.codes.resize(values.size());
  for (uint32_t i = 0; i < values.size(); ++i) {
    dictionary.codes[i] = static_cast<uint16_t>(table.CodeOf(i, dictionary.entries));
    const size_t entries = dictionary.entries.size();
    if (entries > kMaxEntries || (i % kSampleValues == kSampleValues - 1 && entries > i / 2)) return false;
  }
  return dictionary.entries.size() * 2 <= values.size();
}

}  // namespace taffrail::store
