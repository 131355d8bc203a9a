// HTTP header fields: a short ordered list, looked up without regard to case (RFC 9110 §5.1).
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taffrail::net {

struct Header {
  std::string name;
  std::string value;
  friend bool operator==(const Header&, const Header&) = default;
};

bool EqualsIgnoringCase(std::string_view a, std::string_view b);  // ASCII only

// A linear list: requests carry a dozen fields, for which it beats any map; the parser bounds their total
// size.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> list) : list_(list) {}

  void Add(std::string name, std::string value) { list_.push_back({std::move(name), std::move(value)}); }
  void Set(std::string_view name, std::string value);  // replaces every field of that name
  void Remove(std::string_view name);

  bool Has(std::string_view name) const { return Find(name) != nullptr; }
  // The first field of that name, or nullptr.
  const std::string* Find(std::string_view name) const;
  // The same as a view; fallback when it is absent. Borrowed from this list.
  std::string_view Get(std::string_view name, std::string_view fallback = {}) const;
  // Whether a comma-separated field such as Connection or Accept-Encoding lists the token, in any of its
  // lines. Parameters (";q=0.5") are not looked at.
  bool HasToken(std::string_view name, std::string_view token) const;

  auto begin() const { return list_.begin(); }
  auto end() const { return list_.end(); }
  size_t size() const { return list_.size(); }
  bool empty() const { return list_.empty(); }

 private:
  std::vector<Header> list_;
};

}  // namespace taffrail::net
