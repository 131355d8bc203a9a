// Remembers in which encoding each column came out smallest, so that not every block is tried in all of them.
//
// A column's values change their kind when a program is released, not from block to block. A trial costs more
// than all else that is done to a column. Where trials come out the same again and again they become rarer,
// from one in kTrialEvery blocks to one in kTrialSeldom, which is late by some million lines at most.
#pragma once

#include <cstddef>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "record/batch.h"
#include "store/string_encoding.h"

namespace taffrail::store {

// Safe from any thread.
class EncodingMemory {
 public:
  // As EncodeStrings of the column with kSmall; mostly without trials.
  void EncodeStrings(const record::Column& column, const Dictionary* dictionary, const StringContext& context,
                     ChunkOut& out);

 private:
  static constexpr size_t kTrialEvery = 8;
  static constexpr size_t kTrialSeldom = 64;
  // Columns of fewer values are tried quickly, and tell little about the next block.
  static constexpr size_t kMinValues = 4096;
  // Beyond this many columns they are new ones every time, and nothing is worth keeping.
  static constexpr size_t kMaxColumns = 4096;

  struct Known {
    const StringEncoding* encoding = nullptr;  // null: find out
    const StringEncoding* entries = nullptr;   // when that is a dictionary
  };
  struct Entry {
    Known known;
    bool had_dictionary = false;
    size_t uses = 0;
    size_t trial_after = kTrialEvery;
  };

  // What the column is to be written in.
  Known Recall(const std::string& key, bool has_dictionary) ABSL_LOCKS_EXCLUDED(mutex_);
  void Remember(const std::string& key, bool has_dictionary, const Known& known) ABSL_LOCKS_EXCLUDED(mutex_);

  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace taffrail::store
