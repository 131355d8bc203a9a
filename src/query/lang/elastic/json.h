// A JSON text as a tree that remembers where each value stood, so that an error can say line and column.
//
// Members keep their order, and their repetitions: Find gives the last, as every JSON library does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace taffrail::query::lang::elastic {

struct Json {
  enum class Kind : uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };
  Kind kind = Kind::kNull;
  bool truth = false;
  double number = 0;
  std::string text;                                   // a string unescaped, or a number as written
  std::vector<std::pair<std::string, Json>> members;  // of an object; of an array with empty names
  size_t offset = 0;                                  // of its first byte

  // Defined where a pair with a Json in it is complete: clang asks for that before it copies the vector.
  Json();
  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(const Json& other);
  Json& operator=(Json&& other) noexcept;
  ~Json();

  const Json* Find(std::string_view name) const;
  bool IsString() const { return kind == Kind::kString; }
  bool IsNumber() const { return kind == Kind::kNumber; }
  bool IsBool() const { return kind == Kind::kBool; }
  bool IsArray() const { return kind == Kind::kArray; }
  bool IsObject() const { return kind == Kind::kObject; }
  bool IsNull() const { return kind == Kind::kNull; }
  bool IsScalar() const { return !IsArray() && !IsObject(); }
  // A string, or a number or truth value as written; "null".
  std::string ToText() const;
};

// Queries of people nest a dozen deep, those of programs some dozens; what reads the tree recurses.
inline constexpr int kMaxJsonDepth = 128;
// Of values: a terms query may name 65 536, a bulk of them still fits.
inline constexpr size_t kMaxJsonValues = 200'000;

struct JsonLimits {
  int depth = kMaxJsonDepth;
  size_t values = kMaxJsonValues;
};

// InvalidArgument with line and column.
absl::StatusOr<Json> ParseJson(std::string_view text, const JsonLimits& limits = {});

// As JSON text again: strings escaped, numbers as written.
void AppendJson(const Json& json, std::string& out);

}  // namespace taffrail::query::lang::elastic
