// The tokens of a jq filter, as far as pushdown.h needs them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace taffrail::query::lang::jq {

struct Token {
  enum class Kind : uint8_t {
    kEnd,
    kSymbol,  // "(", "==", "|", "//=", …: text is it
    kWord,    // a name or keyword
    kField,   // .name: text is the name
    kString,  // text is its value
    kNumber,
    kOther,  // anything else: $name, @format
  };
  Kind kind = Kind::kEnd;
  std::string text;
  double number = 0;
};

// Nothing when the text has a string with an interpolation, or what no jq filter has. The last token is kEnd.
std::optional<std::vector<Token>> Tokenize(std::string_view filter);

}  // namespace taffrail::query::lang::jq
