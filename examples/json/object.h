// The members of one JSON object, read once from a request body: what the handlers need, no more.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace examples::json {

class Object {
 public:
  // Nothing unless the text is one valid JSON object..
  static std::optional<Object> Parse(std::string_view text);

  [[nodiscard]] bool Has(const std::string& name) const { return members_.contains(name); }
  // Nothing when absent or of another type.
  [[nodiscard]] std::optional<std::string> String(const std::string& name) const {
    return Get<std::string>(name);
  }
  [[nodiscard]] std::optional<int64_t> Integer(const std::string& name) const { return Get<int64_t>(name); }
  [[nodiscard]] std::optional<bool> Bool(const std::string& name) const { return Get<bool>(name); }

 private:
  struct Other {};  // null, a fraction, an array, an object
  using Member = std::variant<Other, std::string, int64_t, bool>;

  template <typename T>
  [[nodiscard]] std::optional<T> Get(const std::string& name) const {
    const auto found = members_.find(name);
    if (found == members_.end() || !std::holds_alternative<T>(found->second)) {
      return std::nullopt;
    }
    return std::get<T>(found->second);
  }

  std::map<std::string, Member> members_;
};

}  // namespace examples::json
