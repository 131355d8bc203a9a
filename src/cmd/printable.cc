#include "cmd/printable.h"

#include <fmt/format.h>
#include <locale.h>
#include <wchar.h>

#include <iterator>

namespace taffrail::cmd {
namespace {

bool IsContinuation(char byte) { return (static_cast<uint8_t>(byte) & 0xc0) == 0x80; }

// Direction overrides and isolates can make a line read as something it is not (CVE-2021-42574).
bool ChangesDirection(char32_t c) { return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069); }

bool IsControl(char32_t c) { return c < 0x20 || (c >= 0x7f && c < 0xa0); }

void AppendEscaped(char32_t c, std::string& out) {
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\r':
      out += "\\r";
      return;
    default:
      fmt::format_to(std::back_inserter(out), fmt::runtime(c < 0x100 ? "\\x{:02x}" : "\\u{:04x}"),
                     static_cast<uint32_t>(c));
  }
}

// glibc's own table, which follows Unicode; C.UTF-8 is part of every glibc, whatever the user's locale is.
int CharacterWidth(char32_t c) {
  static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (c < 0x7f || utf8 == nullptr) return 1;
  const locale_t before = uselocale(utf8);
  const int width = wcwidth(static_cast<wchar_t>(c));
  uselocale(before);
  return width < 0 ? 1 : width;  // unassigned: terminals show a box
}

}  // namespace

CodePoint NextCodePoint(std::string_view text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {};
  char32_t value = lead & (0x7f >> size);
  for (size_t i = 1; i < size; ++i) {
    if (!IsContinuation(text[i])) return {};
    value = value << 6 | (static_cast<uint8_t>(text[i]) & 0x3f);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};  // by size: longer forms are not UTF-8
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < kSmallest[size] || value > 0x10ffff || surrogate) return {};
  return {value, size};
}

void AppendPrintable(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const CodePoint next = NextCodePoint(text);
    if (next.code_point == CodePoint::kInvalid) {
      AppendEscaped(static_cast<uint8_t>(text[0]), out);
    } else if (IsControl(next.code_point) || ChangesDirection(next.code_point)) {
      AppendEscaped(next.code_point, out);
    } else {
      out.append(text.substr(0, next.size_bytes));
    }
    text.remove_prefix(next.size_bytes);
  }
}

std::string Printable(std::string_view text) {
  std::string out;
  AppendPrintable(text, out);
  return out;
}

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const CodePoint next = NextCodePoint(text);
    width += static_cast<size_t>(CharacterWidth(next.code_point));
    text.remove_prefix(next.size_bytes);
  }
  return width;
}

std::string FitWidth(std::string_view text, size_t columns) {
  if (DisplayWidth(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  size_t width = 0;
  size_t at = 0;
  while (at < text.size()) {
    const CodePoint next = NextCodePoint(text.substr(at));
    const auto wide = static_cast<size_t>(CharacterWidth(next.code_point));
    if (width + wide > columns - 1) break;  // the last column is the ellipsis'
    width += wide;
    at += next.size_bytes;
  }
  return std::string(text.substr(0, at)) + "…";
}

}  // namespace taffrail::cmd
