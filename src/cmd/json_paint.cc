#include "cmd/json_paint.h"

#include "cmd/printable.h"

namespace taffrail::cmd {
namespace {

// The length of the string literal at the front, both quotes included; to the end when it is not closed.
size_t StringLength(std::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return text.size();
}

bool IsKey(std::string_view rest) {
  const size_t at = rest.find_first_not_of(" \t");
  return at != std::string_view::npos && rest[at] == ':';
}

bool IsPunctuation(char c) { return std::string_view("{}[]:, \t\"").find(c) != std::string_view::npos; }

}  // namespace

void AppendPaintedJson(std::string_view json, const Painter& painter, std::string& out) {
  while (!json.empty()) {
    size_t size = 1;
    Style style = Style::kPlain;
    if (json[0] == '"') {
      size = StringLength(json);
      style = IsKey(json.substr(size)) ? Style::kKey : Style::kString;
    } else if (!IsPunctuation(json[0])) {
      while (size < json.size() && !IsPunctuation(json[size])) ++size;
      const bool number = json[0] == '-' || (json[0] >= '0' && json[0] <= '9');
      style = number ? Style::kNumber : Style::kLiteral;
    }
    painter.Append(style, Printable(json.substr(0, size)), out);
    json.remove_prefix(size);
  }
}

}  // namespace taffrail::cmd
