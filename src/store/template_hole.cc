#include "store/template_hole.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <charconv>

#include "store/int_encoding.h"
#include "store/template_scan.h"

namespace taffrail::store {
namespace {

constexpr size_t kMaxDecimalDigits = 19;  // fit 64 bits without a sign
constexpr size_t kMaxHexDigits = 128;     // a SHA-512
constexpr size_t kHexDigitsPerInteger = 16;

bool IsHex(HoleKind kind) { return kind == HoleKind::kHexLower || kind == HoleKind::kHexUpper; }
bool IsUpper(HoleKind kind) { return kind == HoleKind::kHexUpper || kind == HoleKind::kShortHexUpper; }

size_t ColumnsOf(HoleKind kind, uint8_t width) {
  if (IsHex(kind)) return (width + kHexDigitsPerInteger - 1) / kHexDigitsPerInteger;
  return kind == HoleKind::kText ? 0 : kind == HoleKind::kPadded ? 2 : 1;
}

uint64_t Decimal(std::string_view text) {
  uint64_t value = 0;
  for (const char c : text) value = value * 10 + static_cast<uint64_t>(c - '0');
  return value;
}

uint64_t Hex(std::string_view text) {
  uint64_t value = 0;
  for (const char c : text) {
    // '0'..'9' are 0x30.., letters 0x41.. and 0x61..: the low nibble, and nine more for a letter.
    value = value << 4 | ((static_cast<uint64_t>(c) & 15) + (c > '9' ? 9 : 0));
  }
  return value;
}

// REQUIRES: digits <= kMaxDecimalDigits.
void AppendFixedDecimal(uint64_t value, size_t digits, std::string& out) {
  char text[kMaxDecimalDigits];
  for (size_t i = digits; i-- > 0;) {
    text[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  out.append(text, digits);
}

// REQUIRES: digits <= kHexDigitsPerInteger.
void AppendFixedHex(uint64_t value, size_t digits, bool upper, std::string& out) {
  const char* const alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  char text[kHexDigitsPerInteger];
  for (size_t i = digits; i-- > 0;) {
    text[i] = alphabet[value & 15];
    value >>= 4;
  }
  out.append(text, digits);
}

void AppendDecimal(uint64_t value, std::string& out) {
  char buffer[20];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value);
  out.append(buffer, result.ptr);
}

}  // namespace

void HoleShape::Add(std::string_view value, uint8_t classes) {
  const auto size = static_cast<uint32_t>(value.size());
  min_size_ = std::min(min_size_, size);
  max_size_ = std::max(max_size_, size);
  leading_zero_ = leading_zero_ || (size > 1 && value[0] == '0');
  classes_ |= classes;
}

HoleKind HoleShape::kind() const {
  constexpr uint8_t kBothCases = kRunLowerHex | kRunUpperHex;
  if (classes_ == kRunDigit && max_size_ <= kMaxDecimalDigits) {
    return fixed() ? HoleKind::kFixed : leading_zero_ ? HoleKind::kPadded : HoleKind::kDecimal;
  }
  if ((classes_ & kRunOtherLetter) != 0 || (classes_ & kBothCases) == kBothCases) return HoleKind::kText;
  const bool upper = (classes_ & kRunUpperHex) != 0;
  if (fixed() && max_size_ <= kMaxHexDigits) return upper ? HoleKind::kHexUpper : HoleKind::kHexLower;
  if (leading_zero_ || max_size_ > kHexDigitsPerInteger) return HoleKind::kText;
  return upper ? HoleKind::kShortHexUpper : HoleKind::kShortHexLower;
}

uint8_t HoleShape::width() const {
  const HoleKind k = kind();
  return k == HoleKind::kFixed || IsHex(k) ? static_cast<uint8_t>(max_size_) : uint8_t{0};
}

HoleWriter::HoleWriter(HoleKind kind, uint8_t width)
    : kind_(kind), width_(width), columns_(ColumnsOf(kind, width)) {}

void HoleWriter::Add(std::string_view value) {
  switch (kind_) {
    case HoleKind::kPadded:
      columns_[1].push_back(static_cast<int64_t>(value.size()));
      [[fallthrough]];
    case HoleKind::kDecimal:
    case HoleKind::kFixed:
      columns_[0].push_back(static_cast<int64_t>(Decimal(value)));
      return;
    case HoleKind::kText:
      strings_.Append(value);
      return;
    default:
      for (size_t c = 0; c < columns_.size(); ++c) {
        const std::string_view piece = value.substr(c * kHexDigitsPerInteger, kHexDigitsPerInteger);
        columns_[c].push_back(static_cast<int64_t>(Hex(piece)));
      }
  }
}

void HoleWriter::Finish(const StringContext& context, ChunkOut& out) const {
  out.bytes.push_back(static_cast<char>(kind_));
  out.bytes.push_back(static_cast<char>(width_));
  for (const std::vector<int64_t>& column : columns_) EncodeInts(column, {}, Effort::kSmall, out);
  if (kind_ != HoleKind::kText) return;
  Dictionary built;
  const Dictionary* dictionary = Dictionary::Build(strings_, built) ? &built : nullptr;
  EncodeStrings(strings_, dictionary, {.in_dictionary = context.in_dictionary, .in_template = true},
                Effort::kSmall, out);
}

bool HoleReader::ReadKind(base::ByteReader& reader) {
  const auto kind = reader.Fixed<uint8_t>();
  width_ = reader.Fixed<uint8_t>();
  if (!reader.ok() || kind < static_cast<uint8_t>(HoleKind::kDecimal) ||
      kind > static_cast<uint8_t>(HoleKind::kText)) {
    return false;
  }
  kind_ = static_cast<HoleKind>(kind);
  return width_ <= kMaxHexDigits && (kind_ != HoleKind::kFixed || width_ <= kMaxDecimalDigits);
}

bool HoleReader::Read(base::ByteReader& reader, size_t count, const StringContext& context) {
  if (!ReadKind(reader)) return false;
  columns_.assign(ColumnsOf(kind_, width_), std::vector<int64_t>(count));
  for (std::vector<int64_t>& column : columns_) {
    if (!DecodeInts(reader, {}, column)) return false;
  }
  return kind_ != HoleKind::kText ||
         DecodeStrings(reader, count, {.in_dictionary = context.in_dictionary, .in_template = true},
                       strings_);
}

bool HoleReader::Pick(base::ByteReader& reader, size_t count, const StringContext& context,
                      const Picks& picks) {
  Need(picks.frame, reader);
  if (!ReadKind(reader)) return false;
  columns_.assign(ColumnsOf(kind_, width_), std::vector<int64_t>(picks.index.size()));
  for (std::vector<int64_t>& column : columns_) {
    if (!PickInts(reader, count, picks, column)) return false;
  }
  return kind_ != HoleKind::kText ||
         PickStrings(reader, count, {.in_dictionary = context.in_dictionary, .in_template = true}, picks,
                     strings_);
}

bool HoleReader::AppendNext(std::string& out) {
  const size_t i = next_++;
  const auto value = [&](size_t column) { return static_cast<uint64_t>(columns_[column][i]); };
  switch (kind_) {
    case HoleKind::kDecimal:
      AppendDecimal(value(0), out);
      return true;
    case HoleKind::kFixed:
      AppendFixedDecimal(value(0), width_, out);
      return true;
    case HoleKind::kPadded:
      if (value(1) > kMaxDecimalDigits) return false;
      AppendFixedDecimal(value(0), value(1), out);
      return true;
    case HoleKind::kHexLower:
    case HoleKind::kHexUpper:
      for (size_t c = 0; c < columns_.size(); ++c) {
        const size_t digits = std::min(kHexDigitsPerInteger, width_ - c * kHexDigitsPerInteger);
        AppendFixedHex(value(c), digits, IsUpper(kind_), out);
      }
      return true;
    case HoleKind::kShortHexLower:
    case HoleKind::kShortHexUpper: {
      const auto bits = static_cast<size_t>(std::bit_width(value(0)));
      AppendFixedHex(value(0), std::max<size_t>((bits + 3) / 4, 1), IsUpper(kind_), out);
      return true;
    }
    case HoleKind::kText:
      out.append(strings_[i]);
      return true;
  }
  return false;
}

}  // namespace taffrail::store
