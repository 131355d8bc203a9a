// Any bytes give a JSON string that parses, and that stands for the same text when they were UTF-8.
#include <simdjson.h>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "record/json_writer.h"

namespace {

void Check(bool good) {
  if (!good) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail::record;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string json = "[";
  AppendJsonString(text, json);
  json.push_back(']');

  static simdjson::dom::parser parser;
  std::string_view parsed;
  Check(parser.parse(json).at(0).get(parsed) == simdjson::SUCCESS);
  const bool is_utf8 = simdjson::validate_utf8(text.data(), text.size());
  Check(is_utf8 == (parsed == text));

  const std::string_view escaped = std::string_view(json).substr(2, json.size() - 4);
  Check(IsCanonical(text) == (escaped == text));
  if (size >= 8) {
    double value;
    std::memcpy(&value, data, sizeof(value));
    std::string number = "[";
    AppendDouble(value, number);
    number.push_back(']');
    simdjson::dom::element element;
    Check(parser.parse(number).at(0).get(element) == simdjson::SUCCESS);
    if (value - value == 0) Check(std::strtod(number.c_str() + 1, nullptr) == value);
  }
  return 0;
}
