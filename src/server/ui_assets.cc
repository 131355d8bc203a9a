#include "server/ui_assets.h"

// The assembler puts the files into the program; TAFFRAIL_UI_DIR is where ui/ was built, from CMakeLists.txt.
#define TAFFRAIL_UI_FILE(symbol, file)        \
  asm("  .section .rodata\n"                  \
      "  .global taffrail_ui_" symbol         \
      "_begin\n"                              \
      "  .global taffrail_ui_" symbol         \
      "_end\n"                                \
      "taffrail_ui_" symbol                   \
      "_begin:\n"                             \
      "  .incbin \"" TAFFRAIL_UI_DIR "/" file \
      ".gz\"\n"                               \
      "taffrail_ui_" symbol                   \
      "_end:\n"                               \
      "  .byte 0\n"                           \
      "  .previous\n")

TAFFRAIL_UI_FILE("index", "index.html");
TAFFRAIL_UI_FILE("script", "app.js");
TAFFRAIL_UI_FILE("style", "app.css");
TAFFRAIL_UI_FILE("icon", "icon.svg");

extern "C" {
extern const char taffrail_ui_index_begin[];
extern const char taffrail_ui_index_end[];
extern const char taffrail_ui_script_begin[];
extern const char taffrail_ui_script_end[];
extern const char taffrail_ui_style_begin[];
extern const char taffrail_ui_style_end[];
extern const char taffrail_ui_icon_begin[];
extern const char taffrail_ui_icon_end[];
}

namespace taffrail::server {
namespace {

std::string_view Between(const char* begin, const char* end) {
  return {begin, static_cast<size_t>(end - begin)};
}

}  // namespace

std::span<const UiAsset> UiAssets() {
  static const UiAsset assets[] = {
      {"index.html", "text/html; charset=utf-8", Between(taffrail_ui_index_begin, taffrail_ui_index_end)},
      {"app.js", "text/javascript; charset=utf-8", Between(taffrail_ui_script_begin, taffrail_ui_script_end)},
      {"app.css", "text/css; charset=utf-8", Between(taffrail_ui_style_begin, taffrail_ui_style_end)},
      {"icon.svg", "image/svg+xml", Between(taffrail_ui_icon_begin, taffrail_ui_icon_end)}};
  return assets;
}

}  // namespace taffrail::server
