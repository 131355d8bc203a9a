#include "pattern/form.h"

#include <array>
#include <cstdint>

namespace taffrail::pattern {
namespace {

enum : uint8_t { kLetter = 0, kDigit = 1, kSpace = 2 };

constexpr std::array<uint8_t, 256> kClasses = [] {
  std::array<uint8_t, 256> classes{};
  for (const char c : {' ', '\t', '\r', '\n'}) classes[static_cast<uint8_t>(c)] = kSpace;
  for (char c = '0'; c <= '9'; ++c) classes[static_cast<uint8_t>(c)] = kDigit;
  return classes;
}();

uint8_t ClassOf(char c) { return kClasses[static_cast<uint8_t>(c)]; }

}  // namespace

void AppendForm(std::string_view line, std::string& out) {
  line = Beginning(line, kMaxFormBytes);
  size_t words = 0;
  size_t at = 0;
  while (true) {
    while (at < line.size() && ClassOf(line[at]) == kSpace) ++at;
    if (at == line.size()) return;
    const bool last = ++words == kMaxWords;
    const size_t begin = at;
    uint8_t classes = 0;
    for (; at < line.size(); ++at) {
      const uint8_t of = ClassOf(line[at]);
      if (of == kSpace && !last) break;
      classes |= of;
    }
    if (words > 1) out += ' ';
    out += (classes & kDigit) != 0 ? kWildcard : line.substr(begin, at - begin);
  }
}

std::vector<std::string_view> WordsOf(std::string_view form) {
  std::vector<std::string_view> words;
  while (words.size() + 1 < kMaxWords) {
    const size_t end = form.find(' ');
    if (end == std::string_view::npos) break;
    words.push_back(form.substr(0, end));
    form.remove_prefix(end + 1);
  }
  if (!form.empty()) words.push_back(form);
  return words;
}

std::string_view Beginning(std::string_view text, size_t most_bytes) {
  if (text.size() <= most_bytes) return text;
  while (most_bytes > 0 && (static_cast<unsigned char>(text[most_bytes]) & 0xC0) == 0x80) --most_bytes;
  return text.substr(0, most_bytes);
}

}  // namespace taffrail::pattern
