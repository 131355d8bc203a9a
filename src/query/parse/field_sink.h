// How the parsers of this folder hand over what they find.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace taffrail::query::parse {

enum class FieldType : uint8_t { kText, kNumber, kBool, kJson };  // as the format tells them apart

class FieldSink {
 public:
  virtual ~FieldSink() = default;
  // The views are valid during the call.
  virtual void Add(std::string_view name, std::string_view value, FieldType type) = 0;
};

}  // namespace taffrail::query::parse
