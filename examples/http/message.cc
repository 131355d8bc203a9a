#include "http/message.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace examples::http {
namespace {

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

bool IsUnreserved(unsigned char c) {
  return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string_view Headers::Get(std::string_view name) const {
  for (const auto& [key, value] : entries_) {
    if (EqualIgnoringCase(key, name)) {
      return value;
    }
  }
  return {};
}

std::optional<std::string> Request::Query(const std::string& name) const {
  const auto found = query.find(name);
  return found == query.end() ? std::nullopt : std::optional(found->second);
}

bool SplitTarget(std::string_view target, std::string* path, std::map<std::string, std::string>* query) {
  const size_t mark = target.find('?');
  *path = std::string(target.substr(0, mark));
  auto parsed = ParseForm(mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1));
  if (!parsed) {
    return false;
  }
  *query = *std::move(parsed);
  return true;
}

std::optional<std::map<std::string, std::string>> ParseForm(std::string_view text) {
  std::map<std::string, std::string> form;
  while (!text.empty()) {
    const size_t ampersand = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, ampersand);
    text.remove_prefix(std::min(ampersand + 1, text.size()));
    const size_t equals = std::min(pair.find('='), pair.size());
    auto key = PercentDecode(pair.substr(0, equals), true);
    auto value = PercentDecode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!key || !value) {
      return std::nullopt;
    }
    if (!key->empty()) {
      form.insert_or_assign(*std::move(key), *std::move(value));
    }
  }
  return form;
}

std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    unsigned char byte = 0;
    if (i + 2 >= text.size()) {
      return std::nullopt;
    }
    const char* digits = text.data() + i + 1;
    if (const auto [end, error] = std::from_chars(digits, digits + 2, byte, 16);
        error != std::errc() || end != digits + 2) {
      return std::nullopt;
    }
    out.push_back(static_cast<char>(byte));
    i += 2;
  }
  return out;
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const unsigned char c : text) {
    if (IsUnreserved(c)) {
      out.push_back(static_cast<char>(c));
    } else {
      out.append({'%', kHex[c >> 4], kHex[c & 15]});
    }
  }
  return out;
}

}  // namespace examples::http
