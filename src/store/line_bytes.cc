#include "store/line_bytes.h"

#include <cstring>
#include <string>

#include "record/row_cursor.h"

namespace taffrail::store {
namespace {

constexpr uint64_t Repeat(uint8_t byte) { return uint64_t{0x0101010101010101} * byte; }

// Whether any of eight bytes must be escaped in JSON: below 0x20, '"' or '\\'. May rarely say yes for others.
bool MayNeedEscape(uint64_t eight) {
  const uint64_t quote = eight ^ Repeat('"');
  const uint64_t backslash = eight ^ Repeat('\\');
  const uint64_t found = ((eight - Repeat(0x20)) & ~eight) | ((quote - Repeat(1)) & ~quote) |
                         ((backslash - Repeat(1)) & ~backslash);
  return (found & Repeat(0x80)) != 0;
}

uint64_t EscapeBytes(unsigned char c) {
  if (c == '"' || c == '\\' || c == '\b' || c == '\f' || c == '\n' || c == '\r' || c == '\t') return 1;
  return c < 0x20 ? 5 : 0;
}

// What escaping adds to a text. Values need not be told apart: none is cut here.
uint64_t EscapesIn(const std::string& text) {
  uint64_t extra = 0;
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t eight = 0;
    std::memcpy(&eight, text.data() + i, sizeof(eight));
    if (!MayNeedEscape(eight)) continue;
    for (size_t k = i; k < i + 8; ++k) extra += EscapeBytes(static_cast<unsigned char>(text[k]));
  }
  for (; i < text.size(); ++i) extra += EscapeBytes(static_cast<unsigned char>(text[i]));
  return extra;
}

uint64_t JsonBytes(const record::Column& column) {
  constexpr uint64_t kQuotes = 2;
  switch (column.key.kind) {
    case record::Kind::kString:
      return column.strings.bytes() + kQuotes * column.size() + EscapesIn(column.strings.raw_bytes());
    case record::Kind::kEscaped:
      return column.strings.bytes() + kQuotes * column.size();
    case record::Kind::kNumber:
    case record::Kind::kJson:
    case record::Kind::kText:
      return column.strings.bytes();
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
  std::string text;
  for (size_t i = 0; i < column.size(); ++i) {
    text.clear();
    record::AppendJsonValue(column, i, text);
    bytes += text.size();
  }
  return bytes;
}

}  // namespace

uint64_t LineBytes(const record::RecordBatch& batch) {
  uint64_t bytes = batch.rows();  // newlines
  for (const uint32_t shape : batch.shape) {
    const record::Shape& s = batch.shapes[shape];
    bytes += s.line_size - s.line_holes;  // a hole is one byte of the skeleton
  }
  for (const record::Column& column : batch.columns) {
    if (column.key.origin == record::Origin::kLine) bytes += JsonBytes(column);
  }
  return bytes;
}

}  // namespace taffrail::store
