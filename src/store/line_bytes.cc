#include "store/line_bytes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>
#include <vector>

#include "record/json_scan.h"

namespace taffrail::store {
namespace {

uint64_t EscapeBytes(unsigned char c) {
  if (c == '"' || c == '\\' || c == '\b' || c == '\f' || c == '\n' || c == '\r' || c == '\t') return 1;
  return c < 0x20 ? 5 : 0;
}

// What escaping adds to a text, or to several end to end.
uint64_t EscapesIn(std::string_view text) {
  uint64_t extra = 0;
  const char* const end = text.data() + text.size();
  for (const char* at = record::FindSpecial(text.data(), end); at != end; at = record::FindSpecial(at, end)) {
    extra += EscapeBytes(static_cast<unsigned char>(*at++));
  }
  return extra;
}

// Decimal digits of a number; 1 for 0.
uint64_t Digits(uint64_t value) {
  static constexpr auto kPowers = [] {
    std::array<uint64_t, 20> powers{1};
    for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
    return powers;
  }();
  constexpr unsigned kLogNumerator = 1233;  // log10(2) of 4096
  value |= 1;  // 0 has a digit too; no power of ten lies between an even number and the next
  const unsigned guess = static_cast<unsigned>(std::bit_width(value)) * kLogNumerator >> 12;
  return guess + (value >= kPowers[guess] ? 1 : 0);
}

uint64_t NumberBytes(int64_t value, uint64_t scale) {
  const bool negative = value < 0;
  const uint64_t digits = Digits(negative ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value));
  // With a fraction there is a point, and at least one digit before it.
  const uint64_t text = scale == 0 ? digits : std::max(digits, scale + 1) + 1;
  return text + (negative ? 1 : 0);
}

// What `bytes_of` says of all values. It must say the same of texts end to end as of each.
template <typename BytesOf>
uint64_t TextBytes(const record::Column& column, BytesOf bytes_of) {
  if (!column.coded()) return bytes_of(column.strings.raw_bytes());
  std::vector<uint32_t> of_text(column.strings.size());
  for (size_t i = 0; i < of_text.size(); ++i) of_text[i] = static_cast<uint32_t>(bytes_of(column.strings[i]));
  uint64_t bytes = 0;
  for (const uint32_t code : column.codes) bytes += of_text[code];
  return bytes;
}

uint64_t JsonBytes(const record::Column& column) {
  constexpr uint64_t kQuotes = 2;
  switch (column.key.kind) {
    case record::Kind::kString:
      return TextBytes(column, [](std::string_view text) { return text.size() + EscapesIn(text); }) +
             kQuotes * column.size();
    case record::Kind::kEscaped:
      return TextBytes(column, [](std::string_view text) { return text.size(); }) + kQuotes * column.size();
    case record::Kind::kNumber:
    case record::Kind::kJson:
    case record::Kind::kText:
      return TextBytes(column, [](std::string_view text) { return text.size(); });
    case record::Kind::kBool: {
      uint64_t bytes = 0;
      for (const int64_t value : column.integers) bytes += value != 0 ? 4 : 5;
      return bytes;
    }
    case record::Kind::kInteger:
    case record::Kind::kDecimal:
      break;
  }
  uint64_t bytes = 0;
  const bool decimal = column.key.kind == record::Kind::kDecimal;
  for (size_t i = 0; i < column.size(); ++i) {
    bytes += NumberBytes(column.integers[i], decimal ? column.scales[i] : 0);
  }
  return bytes;
}

}  // namespace

uint64_t LineBytes(const record::RecordBatch& batch) {
  uint64_t bytes = batch.rows();  // newlines
  std::vector<uint64_t> rows(batch.shapes.size());
  for (const uint32_t shape : batch.shape) ++rows[shape];
  for (size_t i = 0; i < rows.size(); ++i) {
    const record::Shape& shape = batch.shapes[i];
    bytes += rows[i] * (shape.line_size - shape.line_holes);  // a hole is one byte of the skeleton
  }
  for (const record::Column& column : batch.columns) {
    if (column.key.origin == record::Origin::kLine) bytes += JsonBytes(column);
  }
  return bytes;
}

}  // namespace taffrail::store
