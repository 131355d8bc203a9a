#include "record/row_cursor.h"

#include <charconv>

#include "record/batch_builder.h"
#include "record/json_scan.h"

namespace taffrail::record {
namespace {

// The canonical escape of a byte that FindSpecial stopped at.
void AppendEscape(unsigned char c, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
  }
}

// Strings of a batch are valid UTF-8 already, so unlike json_writer.h this only escapes.
void AppendQuoted(std::string_view value, std::string& out) {
  out.push_back('"');
  const char* at = value.data();
  const char* const end = at + value.size();
  while (true) {
    const char* const special = FindSpecial(at, end);
    out.append(at, special);
    if (special == end) break;
    AppendEscape(static_cast<unsigned char>(*special), out);
    at = special + 1;
  }
  out.push_back('"');
}

void AppendInteger(int64_t value, std::string& out) {
  char buffer[20];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value);
  out.append(buffer, result.ptr);
}

void AppendDecimal(int64_t mantissa, unsigned scale, std::string& out) {
  char digits[20];
  const uint64_t magnitude =
      mantissa < 0 ? 0 - static_cast<uint64_t>(mantissa) : static_cast<uint64_t>(mantissa);
  const auto result = std::to_chars(digits, digits + sizeof(digits), magnitude);
  const auto count = static_cast<size_t>(result.ptr - digits);
  if (mantissa < 0) out.push_back('-');
  if (count > scale) {
    out.append(digits, count - scale);
    out.push_back('.');
    out.append(digits + count - scale, scale);
  } else {
    out += "0.";
    out.append(scale - count, '0');
    out.append(digits, count);
  }
}

}  // namespace

void AppendJsonValue(const Column& column, size_t index, std::string& out) {
  switch (column.key.kind) {
    case Kind::kString:
      AppendQuoted(column.text(index), out);
      return;
    case Kind::kEscaped:
      out.push_back('"');
      out += column.text(index);
      out.push_back('"');
      return;
    case Kind::kInteger:
      AppendInteger(column.integers[index], out);
      return;
    case Kind::kDecimal:
      AppendDecimal(column.integers[index], column.scales[index], out);
      return;
    case Kind::kBool:
      out += column.integers[index] != 0 ? "true" : "false";
      return;
    case Kind::kNumber:
    case Kind::kJson:
    case Kind::kText:
      out += column.text(index);
      return;
  }
}

void AppendTextValue(const Column& column, size_t index, std::string& out) {
  switch (column.key.kind) {
    case Kind::kString:
      out += column.text(index);
      return;
    case Kind::kEscaped:
      AppendUnescaped(column.text(index), out);
      return;
    default:
      AppendJsonValue(column, index, out);
  }
}

RowCursor::RowCursor(const RecordBatch& batch)
    : batch_(batch), position_(batch.columns.size(), 0), pending_(batch.shapes.size(), 0) {}

void RowCursor::MoveTo(size_t row) {
  for (; next_ < row; ++next_) {
    const uint32_t shape = batch_.shape[next_];
    if (pending_[shape]++ == 0) dirty_.push_back(shape);
  }
  for (const uint32_t shape : dirty_) {
    for (const Hole& hole : batch_.shapes[shape].holes) position_[hole.column] += pending_[shape];
    pending_[shape] = 0;
  }
  dirty_.clear();
  row_ = row;
}

void RowCursor::AppendHoles(size_t first, size_t last, size_t begin, size_t end, std::string& out) const {
  const Shape& s = shape();
  for (size_t i = first; i < last; ++i) {
    const Hole& hole = s.holes[i];
    out.append(s.skeleton, begin, hole.literal_end - begin);
    AppendJsonValue(batch_.columns[hole.column], position_[hole.column], out);
    begin = hole.literal_end + 1;
  }
  out.append(s.skeleton, begin, end - begin);
}

void RowCursor::AppendLine(std::string& out) const {
  const Shape& s = shape();
  AppendHoles(0, s.line_holes, 0, s.line_size, out);
}

void RowCursor::AppendAttributes(std::string& out) const {
  const Shape& s = shape();
  if (s.line_size == s.skeleton.size()) return;
  AppendHoles(s.line_holes, s.holes.size(), s.line_size + 1, s.skeleton.size(), out);
}

}  // namespace taffrail::record
