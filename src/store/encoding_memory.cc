#include "store/encoding_memory.h"

#include <algorithm>

namespace taffrail::store {

EncodingMemory::Known EncodingMemory::Recall(const std::string& key, bool has_dictionary) {
  absl::MutexLock lock(&mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return {};
  Entry& entry = found->second;
  if (entry.had_dictionary != has_dictionary || ++entry.uses >= entry.trial_after) return {};
  return entry.known;
}

void EncodingMemory::Remember(const std::string& key, bool has_dictionary, const Known& known) {
  absl::MutexLock lock(&mutex_);
  if (entries_.size() >= kMaxColumns) entries_.clear();
  Entry& entry = entries_[key];
  const bool confirmed = entry.known.encoding == known.encoding && entry.had_dictionary == has_dictionary;
  const size_t after = confirmed ? std::min(entry.trial_after * 2, kTrialSeldom) : kTrialEvery;
  entry = {.known = known, .had_dictionary = has_dictionary, .trial_after = after};
}

void EncodingMemory::EncodeStrings(const record::Column& column, const Dictionary* dictionary,
                                   const StringContext& context, ChunkOut& out) {
  const bool has_dictionary = dictionary != nullptr;
  std::string key = column.key.path;
  key.push_back(static_cast<char>(column.key.origin));
  key.push_back(static_cast<char>(column.key.kind));
  const bool tells = column.size() >= kMinValues;
  Known known = tells ? Recall(key, has_dictionary) : Known();
  StringContext around = context;
  around.entries = &known.entries;
  // Written from the dictionary alone: the values of a coded column need not be written out.
  if (known.encoding == &kStringDictionary && EncodeStringsAs(kStringDictionary, {}, dictionary, around, out))
    return;
  const record::StringData written_out = column.coded() ? record::PlainTexts(column) : record::StringData();
  const record::StringData& values = column.coded() ? written_out : column.strings;
  if (known.encoding != nullptr && EncodeStringsAs(*known.encoding, values, dictionary, around, out)) return;
  known.entries = nullptr;
  known.encoding = store::EncodeStrings(values, dictionary, around, Effort::kSmall, out);
  if (tells) Remember(key, has_dictionary, known);
}

}  // namespace taffrail::store
