// The redactor (taffrail/redactor.h) as layouts use it: keys judged once, and nothing thrown by it goes
// further.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "taffrail/redactor.h"

namespace taffrail::layout {

enum class Verdict : uint8_t {
  kLeave,
  kScan,
  kReplace,
  kStars,  // the redactor threw when it was asked
  kRemove,
};

// Not thread-safe.
class Censor {
 public:
  explicit Censor(Redactor* redactor) : redactor_(redactor) {}

  bool active() const { return redactor_ != nullptr; }
  Verdict JudgeKey(std::string_view path);
  // What stands for a value judged kReplace or kStars. Valid until the next call of any method.
  std::string_view Replacement(Verdict verdict, std::string_view path, std::string_view value);
  // The text as it may be written: itself, or what is left of it. Valid as above.
  std::string_view Scan(std::string_view text);

 private:
  // Keys that are made at run time must not fill the memory.
  static constexpr size_t kKeysMax = 4096;

  Redactor* redactor_;
  absl::flat_hash_map<std::string, Verdict, base::StringHash, std::equal_to<>> verdicts_;
  std::string text_;
};

}  // namespace taffrail::layout
