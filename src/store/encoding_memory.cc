#include "store/encoding_memory.h"

#include <algorithm>

namespace taffrail::store {

const StringEncoding* EncodingMemory::Recall(const std::string& key, bool has_dictionary) {
  absl::MutexLock lock(&mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  Entry& entry = found->second;
  if (entry.had_dictionary != has_dictionary || ++entry.uses >= entry.trial_after) return nullptr;
  return entry.encoding;
}

void EncodingMemory::Remember(const std::string& key, bool has_dictionary, const StringEncoding* encoding) {
  absl::MutexLock lock(&mutex_);
  if (entries_.size() >= kMaxColumns) entries_.clear();
  Entry& entry = entries_[key];
  const bool confirmed = entry.encoding == encoding && entry.had_dictionary == has_dictionary;
  const size_t after = confirmed ? std::min(entry.trial_after * 2, kTrialSeldom) : kTrialEvery;
  entry = {.encoding = encoding, .had_dictionary = has_dictionary, .trial_after = after};
}

void EncodingMemory::EncodeStrings(const record::Column& column, const Dictionary* dictionary,
                                   const StringContext& context, ChunkOut& out) {
  const bool has_dictionary = dictionary != nullptr;
  std::string key = column.key.path;
  key.push_back(static_cast<char>(column.key.origin));
  key.push_back(static_cast<char>(column.key.kind));
  const bool tells = column.size() >= kMinValues;
  const StringEncoding* const known = tells ? Recall(key, has_dictionary) : nullptr;
  // Written from the dictionary alone: the values of a coded column need not be written out.
  if (known == &kStringDictionary && EncodeStringsAs(*known, {}, dictionary, context, out)) return;
  const record::StringData written_out = column.coded() ? record::PlainTexts(column) : record::StringData();
  const record::StringData& values = column.coded() ? written_out : column.strings;
  if (known != nullptr && EncodeStringsAs(*known, values, dictionary, context, out)) return;
  const StringEncoding* const best = store::EncodeStrings(values, dictionary, context, Effort::kSmall, out);
  if (tells) Remember(key, has_dictionary, best);
}

}  // namespace taffrail::store
