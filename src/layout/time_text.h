// The time of a line as text. Lines come in bursts: what comes before the fraction is kept for a second.
#pragma once

#include <cstdint>
#include <cstring>

#include "record/json_writer.h"

namespace taffrail::layout {

// How a time is spelled.
struct TimeForm {
  int fraction_digits = 3;     // 0 to 9
  bool utc_as_offset = false;  // +00:00 instead of Z
  bool legacy = false;         // a space instead of T, and no zone
  char fraction_mark = '.';
};

// Not thread-safe.
class TimeText {
 public:
  static constexpr size_t kMaxBytes = 40;  // with what Put stores behind its end

  explicit TimeText(TimeForm form);

  // REQUIRES: kMaxBytes of room.
  char* Put(int64_t time_ns, char* to) {
    auto nanos = static_cast<uint64_t>(time_ns) - static_cast<uint64_t>(second_ns_);
    if (nanos >= kSecondNs) [[unlikely]]
      nanos = Begin(time_ns);
    std::memcpy(to, text_, sizeof(text_));
    to += kSecondBytes;
    if (form_.fraction_digits == 3) {
      to = PutFraction<3>(nanos / 1'000'000, to);
    } else if (form_.fraction_digits == 6) {
      to = PutFraction<6>(nanos / 1'000, to);
    } else if (form_.fraction_digits != 0) {
      to = PutAnyFraction(nanos, to);
    }
    std::memcpy(to, ending_, sizeof(ending_));
    return to + ending_size_;
  }

 private:
  static constexpr uint64_t kSecondNs = 1'000'000'000;
  static constexpr size_t kSecondBytes = 19;  // 2025-10-30T14:23:45

  uint64_t Begin(int64_t time_ns);
  char* PutAnyFraction(uint64_t nanos, char* to) const;
  template <int kDigits>
  static char* PutFraction(uint64_t value, char* to) {
    ++to;  // the mark is part of text_
    for (int i = kDigits - 1; i >= 0; --i, value /= 10) to[i] = static_cast<char>('0' + value % 10);
    return to + kDigits;
  }

  TimeForm form_;
  int64_t second_ns_ = 0;
  char text_[24] = {};  // kSecondBytes and the mark
  char ending_[8] = {};
  size_t ending_size_;
};

}  // namespace taffrail::layout
