#include "record/text_coders.h"

#include <utility>

namespace taffrail::record {

void TextCoders::Turn(Coder& coder, Column& column) {
  coder.until = kNever;
  if (coder.slots != nullptr) {
    if (!HardlyRepeats(column)) return;
    MakePlain(column);
    coder.slots = nullptr;
    return;
  }
  if (tables_used_ == kMaxTables) return;
  if (tables_used_ == tables_.size()) tables_.push_back(std::make_unique<Slots>());
  coder.slots = tables_[tables_used_++].get();
  coder.slots->fill({});
  coder.until = kLook;
  const StringData plain = std::exchange(column.strings, {});
  column.strings.Reserve(plain.raw_ends().capacity(), plain.raw_bytes().capacity());
  for (size_t i = 0; i < plain.size(); ++i) AppendCoded(plain[i], *coder.slots, column);
}

void TextCoders::StartBatch() {
  coders_.clear();
  tables_used_ = 0;
}

}  // namespace taffrail::record
