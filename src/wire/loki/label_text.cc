#include "wire/loki/label_text.h"

#include <utility>

#include "fmt/format.h"

namespace taffrail::wire::loki {
namespace {

bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':'; }
bool IsNameByte(char c) { return IsNameStart(c) || (c >= '0' && c <= '9') || c == '.' || c == '-'; }

int Digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 16;
}

void AppendUtf8(uint32_t code, std::string& out) {
  const auto put = [&out](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

// A numeric escape of Go: its letter, how many digits, in which base.
struct NumericEscape {
  char letter;
  int digits;
  int base;
};
constexpr NumericEscape kNumericEscapes[] = {{'x', 2, 16}, {'u', 4, 16}, {'U', 8, 16}};
constexpr std::pair<char, char> kShortEscapes[] = {{'a', '\a'}, {'b', '\b'},  {'f', '\f'},
                                                   {'n', '\n'}, {'r', '\r'},  {'t', '\t'},
                                                   {'v', '\v'}, {'\\', '\\'}, {'"', '"'}};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  absl::StatusOr<record::Labels> Run() {
    record::Labels labels;
    SkipSpace();
    if (!Take('{')) return Wrong("'{'");
    SkipSpace();
    while (!Take('}')) {
      auto& [name, value] = labels.emplace_back();
      if (!Name(name)) return Wrong("a label name");
      SkipSpace();
      if (!Take('=')) return Wrong("'='");
      SkipSpace();
      if (!Take('"')) return Wrong("a quoted value");
      if (!Value(value)) return Wrong("the rest of a quoted value");
      SkipSpace();
      if (Take(',')) {
        SkipSpace();
      } else if (at_ == text_.size() || text_[at_] != '}') {
        return Wrong("',' or '}'");
      }
    }
    SkipSpace();
    if (at_ != text_.size()) return Wrong("the end");
    return labels;
  }

 private:
  absl::Status Wrong(std::string_view expected) const {
    return absl::InvalidArgumentError(fmt::format("labels: expected {} at offset {}", expected, at_));
  }

  bool Take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void SkipSpace() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }

  bool Name(std::string& name) {
    if (at_ == text_.size() || !IsNameStart(text_[at_])) return false;
    const size_t begin = at_;
    while (at_ < text_.size() && IsNameByte(text_[at_])) ++at_;
    name = text_.substr(begin, at_ - begin);
    return true;
  }

  // From after the opening quote to after the closing one.
  bool Value(std::string& value) {
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (c != '\\') {
        value.push_back(c);
      } else if (!Escape(value)) {
        return false;
      }
    }
    return false;
  }

  bool Escape(std::string& value) {
    if (at_ == text_.size()) return false;
    const char letter = text_[at_];
    for (const auto& [name, meaning] : kShortEscapes) {
      if (name == letter) {
        ++at_;
        value.push_back(meaning);
        return true;
      }
    }
    for (const NumericEscape& escape : kNumericEscapes) {
      if (escape.letter != letter) continue;
      ++at_;
      uint32_t code = 0;
      if (!Digits(escape.digits, escape.base, code)) return false;
      if (letter == 'x') {
        value.push_back(static_cast<char>(code));  // a byte, as in Go
        return true;
      }
      if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return false;
      AppendUtf8(code, value);
      return true;
    }
    uint32_t code = 0;
    if (!Digits(3, 8, code) || code > 0xff) return false;
    value.push_back(static_cast<char>(code));
    return true;
  }

  bool Digits(int count, int base, uint32_t& code) {
    for (int i = 0; i < count; ++i, ++at_) {
      if (at_ == text_.size() || Digit(text_[at_]) >= base) return false;
      code = code * static_cast<uint32_t>(base) + static_cast<uint32_t>(Digit(text_[at_]));
    }
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

absl::StatusOr<record::Labels> ParseLabels(std::string_view text) { return Parser(text).Run(); }

std::string FormatLabels(const record::Labels& labels) {
  std::string out = "{";
  for (const auto& [name, value] : labels) {
    if (out.size() > 1) out += ", ";
    out += name;
    out += "=\"";
    for (const char c : value) {
      if (c == '"' || c == '\\') {
        out.push_back('\\');
        out.push_back(c);
      } else if (c == '\n') {
        out += "\\n";
      } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(c));
      } else {
        out.push_back(c);
      }
    }
    out.push_back('"');
  }
  out.push_back('}');
  return out;
}

}  // namespace taffrail::wire::loki
