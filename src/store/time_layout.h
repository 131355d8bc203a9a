// Timestamps as text, in one way of writing them ⇄ integers.
//
//   2026-01-05T08:00:00.008Z        '-' 'T' '.' 3 digits, suffix "Z"
//   2026/01/05 08:00:00             '/' ' ' no fraction
//
// The integer counts units of the fraction's last digit from 1970-01-01T00:00:00 as the text reads, whatever
// its zone: a zone is part of the suffix. Text and integer determine each other: what Parse accepts, Append
// writes again byte for byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace taffrail::store {

struct TimeLayout {
  static constexpr unsigned kMaxDigits = 9;
  static constexpr size_t kMaxSuffixBytes = 16;  // "+00:00", " +0000 UTC"

  char date_separator = '-';  // - or /
  char separator = 'T';       // between date and time: T, t or a space
  char point = 0;             // '.' or ',' before the fraction; 0: no fraction ever
  uint8_t digits = 0;         // of the fraction
  bool trimmed = false;       // trailing zeros of the fraction, and a point before nothing, are left away
  std::string suffix;

  // The layout of this text; false when it is none.
  [[nodiscard]] static bool Infer(std::string_view text, TimeLayout& layout);

  // False when the text is not in this layout, or out of range: then Append could not write it.
  [[nodiscard]] bool Parse(std::string_view text, int64_t& value) const;
  // False when no text has this value.
  [[nodiscard]] bool Append(int64_t value, std::string& out) const;

  int64_t unit_ns() const;

  void AppendTo(std::string& out) const;
  [[nodiscard]] static bool Read(base::ByteReader& reader, TimeLayout& layout);
};

// Writes many values: neighbours share their second, and then date and time are copied.
class TimeWriter {
 public:
  // The layout must outlive this.
  explicit TimeWriter(const TimeLayout& layout);
  // As TimeLayout::Append.
  [[nodiscard]] bool Append(int64_t value, std::string& out);

 private:
  static constexpr size_t kSecondBytes = 19;  // "2026-01-05T08:00:00"
  bool BeginSecond(int64_t value, uint32_t& part);

  const TimeLayout& layout_;
  const int64_t units_;       // in a second
  int64_t second_begin_ = 0;  // the value at which the second of text_ begins
  bool has_second_ = false;
  char text_[kSecondBytes + 1 + TimeLayout::kMaxDigits + TimeLayout::kMaxSuffixBytes];
};

}  // namespace taffrail::store
