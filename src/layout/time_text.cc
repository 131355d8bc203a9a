#include "layout/time_text.h"

#include <algorithm>
#include <string_view>

namespace taffrail::layout {

TimeText::TimeText(TimeForm form) : form_(form) {
  form_.fraction_digits = std::clamp(form.fraction_digits, 0, 9);
  const std::string_view ending = form_.legacy ? "" : form_.utc_as_offset ? "+00:00" : "Z";
  std::memcpy(ending_, ending.data(), ending.size());
  ending_size_ = ending.size();
  Begin(0);
}

uint64_t TimeText::Begin(int64_t time_ns) {
  auto nanos = time_ns % static_cast<int64_t>(kSecondNs);
  if (nanos < 0) nanos += static_cast<int64_t>(kSecondNs);
  // Wraps within the first second of int64, whose lines then fill the text anew each time.
  second_ns_ = static_cast<int64_t>(static_cast<uint64_t>(time_ns) - static_cast<uint64_t>(nanos));
  char whole[32];
  record::PutRfc3339(time_ns, 0, whole);
  std::memcpy(text_, whole, kSecondBytes);
  if (form_.legacy) text_[10] = ' ';
  text_[kSecondBytes] = form_.fraction_mark;
  return static_cast<uint64_t>(nanos);
}

char* TimeText::PutAnyFraction(uint64_t nanos, char* to) const {
  for (int i = form_.fraction_digits; i < 9; ++i) nanos /= 10;
  ++to;
  for (int i = form_.fraction_digits - 1; i >= 0; --i, nanos /= 10)
    to[i] = static_cast<char>('0' + nanos % 10);
  return to + form_.fraction_digits;
}

}  // namespace taffrail::layout
