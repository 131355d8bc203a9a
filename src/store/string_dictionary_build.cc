#include "store/string_dictionary.h"

#include <array>
#include <string_view>

#include "base/hash.h"
#include "base/quick_key.h"

namespace taffrail::store {
namespace {

// Codes are 16 bits at most; beyond this many texts, zstd's own matches do as well.
constexpr size_t kMaxTexts = 32768;
// Looked at before the first verdict: enough to tell ids (nearly all distinct) from names.
constexpr size_t kSampleValues = 1024;

// Open addressing, twice as many slots as texts: no allocation per text.
class TextTable {
 public:
  static constexpr uint32_t kNoCode = UINT32_MAX;

  explicit TextTable(const record::StringData& values) : values_(values), slots_(64, kEmpty) {
    lately_.fill({.code = kNoCode, .index = 0});
  }

  // Code of the value; adds it when it is new.
  uint32_t CodeOf(uint32_t index, std::vector<uint32_t>& texts) {
    const std::string_view value = values_[index];
    // Most values were there a moment ago. They are compared with where they were last, which is in the
    // processor's cache, and not with the text, which was long ago.
    Lately& lately = lately_[base::QuickKey(value) >> (64 - kLatelyBits)];
    if (lately.code == kNoCode || !IsSame(values_[lately.index], value))
      lately.code = Find(index, value, texts);
    lately.index = index;
    return lately.code;
  }

 private:
  static bool IsSame(std::string_view a, std::string_view b) {
    return a.size() == b.size() && base::SameBytes(a.data(), b.data(), a.size());
  }

  uint32_t Find(uint32_t index, std::string_view value, std::vector<uint32_t>& texts) {
    const uint64_t hash = base::Hash64(value);
    size_t slot = hash & (slots_.size() - 1);
    while (slots_[slot].code != kNoCode) {
      const Slot& candidate = slots_[slot];
      if (candidate.tag == Tag(hash) && values_[texts[candidate.code]] == value) return candidate.code;
      slot = (slot + 1) & (slots_.size() - 1);
    }
    const auto code = static_cast<uint32_t>(texts.size());
    slots_[slot] = {Tag(hash), code};
    texts.push_back(index);
    if (texts.size() * 2 > slots_.size()) Grow(texts);
    return code;
  }

  struct Slot {
    uint32_t tag;
    uint32_t code;
  };
  static constexpr Slot kEmpty = {0, kNoCode};
  static uint32_t Tag(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }

  void Grow(const std::vector<uint32_t>& texts) {
    std::vector<Slot> slots(slots_.size() * 4, kEmpty);
    for (uint32_t code = 0; code < texts.size(); ++code) {
      const uint64_t hash = base::Hash64(values_[texts[code]]);
      size_t slot = hash & (slots.size() - 1);
      while (slots[slot].code != kNoCode) slot = (slot + 1) & (slots.size() - 1);
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

namespace {

// After value i, with so many texts: whether there will be too many.
bool IsLost(size_t i, size_t texts) {
  return texts > kMaxTexts || (i % kSampleValues == kSampleValues - 1 && texts > i / 2);
}
bool IsWon(size_t values, size_t texts) { return texts * 2 <= values; }

void Start(size_t values, Dictionary& dictionary) {
  dictionary.texts = {};
  dictionary.first.clear();
  dictionary.codes.clear();
  dictionary.codes.resize(values);
}

// The table's texts are indices of `strings`.
void TakeTexts(const record::StringData& strings, const std::vector<uint32_t>& texts,
               Dictionary& dictionary) {
  size_t bytes = 0;
  for (const uint32_t text : texts) bytes += strings[text].size();
  dictionary.texts.Reserve(texts.size(), bytes);
  for (const uint32_t text : texts) dictionary.texts.Append(strings[text]);
}

}  // namespace

bool Dictionary::Build(const record::StringData& values, Dictionary& dictionary) {
  if (values.size() < 2) return false;
  Start(values.size(), dictionary);
  TextTable table(values);
  for (uint32_t i = 0; i < values.size(); ++i) {
    dictionary.codes[i] = static_cast<uint16_t>(table.CodeOf(i, dictionary.first));
    if (IsLost(i, dictionary.first.size())) return false;
  }
  if (!IsWon(values.size(), dictionary.first.size())) return false;
  TakeTexts(values, dictionary.first, dictionary);
  return true;
}

bool Dictionary::Build(const record::Column& column, Dictionary& dictionary) {
  if (!column.coded()) return Build(column.strings, dictionary);
  if (column.size() < 2) return false;
  Start(column.size(), dictionary);
  TextTable table(column.strings);
  std::vector<uint32_t> texts;
  std::vector<uint32_t> code_of(column.strings.size(), TextTable::kNoCode);
  for (uint32_t i = 0; i < column.codes.size(); ++i) {
    uint32_t& code = code_of[column.codes[i]];
    if (code == TextTable::kNoCode) {
      code = table.CodeOf(column.codes[i], texts);
      if (texts.size() > dictionary.first.size()) dictionary.first.push_back(i);
    }
    dictionary.codes[i] = static_cast<uint16_t>(code);
    if (IsLost(i, texts.size())) return false;
  }
  if (!IsWon(column.size(), texts.size())) return false;
  TakeTexts(column.strings, texts, dictionary);
  return true;
}

}  // namespace taffrail::store
