#include "expr/syntax_error.h"

#include <algorithm>
#include <string>

#include "fmt/format.h"

namespace taffrail::expr {
namespace {

// Of a long line this much is shown on either side of the caret: what fits a terminal.
constexpr size_t kShownBytes = 60;

size_t CountCharacters(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

std::string Printable(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return out;
}

}  // namespace

absl::Status SyntaxError(std::string_view text, size_t offset, std::string_view message) {
  offset = std::min(offset, text.size());
  const std::string_view before = text.substr(0, offset);
  const size_t line_number = 1 + static_cast<size_t>(std::count(before.begin(), before.end(), '\n'));
  const size_t line_begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  const std::string_view line = text.substr(line_begin, text.find('\n', line_begin) - line_begin);
  const size_t at = offset - line_begin;

  size_t begin = at > kShownBytes ? at - kShownBytes : 0;
  while (begin < at && IsContinuation(line[begin])) ++begin;
  size_t end = std::min(line.size(), at + kShownBytes);
  while (end < line.size() && IsContinuation(line[end])) ++end;

  const std::string place = line_number > 1 ? fmt::format("line {}, ", line_number) : "";
  return absl::InvalidArgumentError(
      fmt::format("{}, at {}column {}\n  {}\n  {}^", message, place, CountCharacters(line.substr(0, at)) + 1,
                  Printable(line.substr(begin, end - begin)),
                  std::string(CountCharacters(line.substr(begin, at - begin)), ' ')));
}

}  // namespace taffrail::expr
