#include "cmd/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <utility>

namespace taffrail::cmd {
namespace {

// ECMA-48 "Select Graphic Rendition" parameters. Only the sixteen colours every terminal theme defines, so
// that they are readable on light and dark backgrounds alike.
std::string_view CodeOf(Style style) {
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kBold:
      return "1";
    case Style::kDim:
    case Style::kTrace:
      return "2";
    case Style::kDebug:
    case Style::kService:
      return "36";
    case Style::kInfo:
    case Style::kString:
    case Style::kGood:
      return "32";
    case Style::kWarning:
      return "33";
    case Style::kError:
    case Style::kBad:
      return "31";
    case Style::kCritical:
      return "1;41;97";
    case Style::kKey:
      return "34";
    case Style::kNumber:
      return "33";
    case Style::kLiteral:
      return "35";
  }
  return "";
}

bool IsSet(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

bool IsTerminal(int file_descriptor) { return isatty(file_descriptor) == 1; }

size_t TerminalWidth() {
  constexpr size_t kUsual = 80;
  if (const char* columns = std::getenv("COLUMNS")) {
    const std::string_view text(columns);
    size_t width = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), width);
    if (error == std::errc() && end == text.data() + text.size() && width > 0) return width;
  }
  for (const int file_descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
    winsize size{};
    if (ioctl(file_descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  }
  return kUsual;
}

bool UseColor(ColorMode mode, int file_descriptor) {
  if (mode != ColorMode::kAuto) return mode == ColorMode::kAlways;
  if (IsSet("NO_COLOR")) return false;
  if (IsSet("CLICOLOR_FORCE") && std::string_view(std::getenv("CLICOLOR_FORCE")) != "0") return true;
  const char* term = std::getenv("TERM");
  return IsTerminal(file_descriptor) && term != nullptr && std::string_view(term) != "dumb";
}

void Painter::Append(Style style, std::string_view text, std::string& out) const {
  const std::string_view code = color_ ? CodeOf(style) : std::string_view{};
  if (code.empty() || text.empty()) {
    out += text;
    return;
  }
  out.append("\x1b[").append(code).append("m").append(text).append("\x1b[0m");
}

std::string Painter::operator()(Style style, std::string_view text) const {
  std::string out;
  Append(style, text, out);
  return out;
}

Style StyleOfLevel(std::string_view level) {
  if (level.empty()) return Style::kPlain;
  switch (level[0] | 0x20) {  // the first letter tells the six levels and their usual spellings apart
    case 't':
      return Style::kTrace;
    case 'd':
      return Style::kDebug;
    case 'i':
    case 'n':  // notice
      return Style::kInfo;
    case 'w':
      return Style::kWarning;
    case 'e':
      return Style::kError;
    case 'c':
    case 'f':  // fatal
    case 'p':  // panic
    case 'a':  // alert
      return Style::kCritical;
    default:
      return Style::kPlain;
  }
}

}  // namespace taffrail::cmd
