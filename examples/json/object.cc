#include "json/object.h"

#include <simdjson.h>

namespace examples::json {

std::optional<Object> Object::Parse(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::object parsed;
  if (parser.parse(text.data(), text.size()).get(parsed) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  Object object;
  for (const auto [key, value] : parsed) {
    Member member;
    if (std::string_view string; value.get(string) == simdjson::SUCCESS) {
      member = std::string(string);
    } else if (int64_t integer = 0; value.get(integer) == simdjson::SUCCESS) {
      member = integer;
    } else if (bool boolean = false; value.get(boolean) == simdjson::SUCCESS) {
      member = boolean;
    }
    object.members_.insert_or_assign(std::string(key), std::move(member));
  }
  return object;
}

}  // namespace examples::json
