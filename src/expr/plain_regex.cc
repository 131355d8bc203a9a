#include "expr/plain_regex.h"

#include <algorithm>

namespace taffrail::expr {
namespace {

// More choices than this are one pass of an automaton rather than so many passes of a search.
constexpr size_t kMaxChoices = 8;

bool IsPlain(std::string_view text) {
  return !text.empty() && text.find_first_of("\\.+*?()[]{}^$") == std::string_view::npos;
}

// Whether folding ASCII letters finds all that RE2's (?i) does: k and s have relatives beyond ASCII (K, ſ).
bool FoldsInAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x80 && std::string_view("kKsS").find(c) == std::string_view::npos;
  });
}

}  // namespace

std::optional<PlainChoice> AsPlainChoice(std::string_view pattern, bool ignore_case) {
  PlainChoice choice;
  // "(?s)" says that '.' matches line ends too: of no matter to plain texts.
  for (const std::string_view flags : {"(?s)", "(?i)", "(?s)"}) {
    if (!pattern.starts_with(flags)) continue;
    ignore_case |= flags == "(?i)";
    pattern.remove_prefix(flags.size());
  }
  choice.ignore_case = ignore_case;
  while (choice.texts.size() < kMaxChoices) {
    const size_t bar = pattern.find('|');
    const std::string_view text = pattern.substr(0, bar);
    if (!IsPlain(text) || (ignore_case && !FoldsInAscii(text))) return std::nullopt;
    choice.texts.emplace_back(text);
    if (bar == std::string_view::npos) return choice;
    pattern.remove_prefix(bar + 1);
  }
  return std::nullopt;
}

}  // namespace taffrail::expr
