// Finds the strings that repeat while a batch is built, so that each is kept once: Column::codes.
//
// Three of four strings of a log were there a few lines ago. To see that here, where the value is in the
// processor's cache, spares the write-ahead log and the blocks of the store the same search.
//
// A column starts plain and is coded once it has some values; where its first values hardly repeat (times,
// say) it turns plain again. What is known is where each of some last texts stood: a text that was driven out
// of there is kept once more.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/quick_key.h"
#include "record/batch.h"

namespace taffrail::record {

// Of the columns of one batch at a time. Not thread-safe.
class TextCoders {
 public:
  // The next value of the batch's column `index`.
  void Append(std::string_view text, size_t index, Column& column) {
    if (index >= coders_.size()) coders_.resize(index + 1);
    Coder& coder = coders_[index];
    if (coder.slots == nullptr) {
      column.strings.Append(text);
    } else {
      AppendCoded(text, *coder.slots, column);
    }
    if (--coder.until == 0) Turn(coder, column);
  }

  // The next call is for another batch.
  void StartBatch();

 private:
  struct Slot {
    base::TextEnds ends;
    uint32_t size = 0;
    uint32_t place = 0;  // of the text in the column, plus one; 0: none
  };
  static constexpr unsigned kSlotBits = 8;
  using Slots = std::array<Slot, size_t{1} << kSlotBits>;  // by the text's key

  struct Coder {
    uint32_t until = kFirst;  // values until it turns
    Slots* slots = nullptr;   // null: plain
  };

  // A column of fewer values is not worth a table.
  static constexpr uint32_t kFirst = 16;
  // Coded values after which it is plain again if they hardly repeat.
  static constexpr uint32_t kLook = 256;
  static constexpr uint32_t kNever = UINT32_MAX;
  // Of six KiB each. A batch with more columns has little of any of them.
  static constexpr size_t kMaxTables = 256;

  static void AppendCoded(std::string_view text, Slots& slots, Column& column) {
    const base::TextEnds ends = base::EndsOf(text);
    Slot& slot = slots[base::QuickKey(ends, text.size()) >> (64 - kSlotBits)];
    if (slot.place != 0 && slot.ends == ends && slot.size == text.size() &&
        (text.size() <= base::kEndsHoldBytes || column.strings[slot.place - 1] == text)) {
      column.codes.push_back(slot.place - 1);
      return;
    }
    column.codes.push_back(static_cast<uint32_t>(column.strings.size()));
    column.strings.Append(text);
    slot = {ends, static_cast<uint32_t>(text.size()), static_cast<uint32_t>(column.strings.size())};
  }

  void Turn(Coder& coder, Column& column);

  std::vector<Coder> coders_;  // by column
  std::vector<std::unique_ptr<Slots>> tables_;
  size_t tables_used_ = 0;
};

// Whether the texts of a coded column are so many that it is smaller, and not slower, as a plain one.
inline bool HardlyRepeats(const Column& column) {
  return column.strings.size() > column.codes.size() - column.codes.size() / 8;
}

}  // namespace taffrail::record
