// What the standard streams are connected to, and colours for those that take them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace taffrail::cmd {

// kAuto: on a terminal, unless NO_COLOR (no-color.org) is set or TERM is "dumb"; CLICOLOR_FORCE turns it on
// elsewhere.
enum class ColorMode : uint8_t { kAuto, kAlways, kNever };

bool IsTerminal(int file_descriptor);
// Of the terminal on stdout or stderr; 80 when there is none. COLUMNS overrides it.
size_t TerminalWidth();
bool UseColor(ColorMode mode, int file_descriptor);

enum class Style : uint8_t {
  kPlain,
  kBold,
  kDim,
  kTrace,  // levels
  kDebug,
  kInfo,
  kWarning,
  kError,
  kCritical,
  kKey,  // JSON
  kString,
  kNumber,
  kLiteral,
  kService,
  kGood,
  kBad,
};

// Appends text in a style, or as it is when colour is off. Printable text is the caller's duty (printable.h).
class Painter {
 public:
  explicit Painter(bool color) : color_(color) {}
  bool color() const { return color_; }
  void Append(Style style, std::string_view text, std::string& out) const;
  std::string operator()(Style style, std::string_view text) const;

 private:
  bool color_;
};

// The style of a level in any of its spellings; kPlain for none.
Style StyleOfLevel(std::string_view level);

}  // namespace taffrail::cmd
