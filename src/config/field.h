// What can be configured, as tables: each row a key, what its value looks like, and the member that it sets.
//
// One row serves reading (read_fields.h), showing (show.h), the starter file, the JSON Schema and the test of
// docs/configuration.md, so that none of them knows a key that another does not.
//
//   constexpr Field kRotation[] = {
//       Bytes<&SinkSpec::file, &FileOptions::max_bytes>("rotation.size", "largest file", 4_KiB, 1_TiB)};
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "config/problems.h"
#include "taffrail/category.h"
#include "taffrail/level.h"

namespace taffrail::config {

struct Node;
struct Field;

enum class Kind : uint8_t {
  kText,        // std::string
  kFlag,        // bool
  kLevel,       // Level
  kChoice,      // an enum of one byte, by the names in Field::choices
  kBytes,       // an integer: 64MiB
  kMillis,      // an integer of milliseconds: 250ms, 5s
  kHours,       // an integer of hours: 12h, 30d
  kCount,       // an integer
  kNumber,      // double
  kCategories,  // std::vector<Category>
  kPairs,       // std::vector<std::pair<std::string, std::string>>, as a map
  kLevels,      // std::vector<std::pair<std::string, Level>>, as a map
  kRecords,     // a list of maps, each with fields of its own
};

struct Choice {
  std::string_view name;
  uint8_t value;
};

// A list of structs: how to read one and to get at them all. The list is a std::vector behind a void*.
struct RecordType {
  std::string_view noun;  // "a sink"
  std::span<const Field> fields;
  void* (*append)(void* list);
  std::shared_ptr<const void> (*make)();  // one with the defaults
  size_t (*size)(const void* list);
  const void* (*get)(const void* list, size_t index);
  // What no single key shows; null: nothing.
  void (*check)(const void* record, const Node& node, Problems& problems);
};

struct Field {
  std::string_view name;  // within its struct; dots are maps in maps
  Kind kind;
  std::string_view help;  // one line, for people
  int64_t least = 0;      // of numbers, both inclusive
  int64_t most = INT64_MAX;
  std::span<const Choice> choices = {};
  const RecordType* (*records)() = nullptr;
  // Which records have it, by their `type`, separated by spaces; empty: all.
  std::string_view types = {};
  bool is_required = false;
  bool is_secret = false;  // shown as ***

  void* (*at)(void* object) = nullptr;
  int64_t (*load)(const void* object) = nullptr;  // of kFlag … kCount
  void (*store)(void* object, int64_t value) = nullptr;

  constexpr Field Of(std::string_view only) const {
    Field field = *this;
    field.types = only;
    return field;
  }
  constexpr Field Required() const {
    Field field = *this;
    field.is_required = true;
    return field;
  }
  constexpr Field Secret() const {
    Field field = *this;
    field.is_secret = true;
    return field;
  }
  bool IsOf(std::string_view type) const;
};

namespace field_detail {

template <typename T>
struct MemberTraits;
template <typename O, typename M>
struct MemberTraits<M O::*> {
  using Object = O;
  using Member = M;
};

// A member of a member … : &Config::features, &Features::audit.
template <auto kFirst, auto... kRest>
struct Path {
  using Object = typename MemberTraits<decltype(kFirst)>::Object;
  using Value = typename Path<kRest...>::Value;
  static Value& Get(Object& object) { return Path<kRest...>::Get(object.*kFirst); }
};
template <auto kOnly>
struct Path<kOnly> {
  using Object = typename MemberTraits<decltype(kOnly)>::Object;
  using Value = typename MemberTraits<decltype(kOnly)>::Member;
  static Value& Get(Object& object) { return object.*kOnly; }
};

template <auto... kMembers>
constexpr Field Make(std::string_view name, Kind kind, std::string_view help) {
  using P = Path<kMembers...>;
  using Object = typename P::Object;
  Field field{.name = name, .kind = kind, .help = help};
  field.at = [](void* object) -> void* { return &P::Get(*static_cast<Object*>(object)); };
  if constexpr (std::is_integral_v<typename P::Value> || std::is_enum_v<typename P::Value>) {
    field.load = [](const void* object) {
      return static_cast<int64_t>(P::Get(*static_cast<Object*>(const_cast<void*>(object))));
    };
    field.store = [](void* object, int64_t value) {
      P::Get(*static_cast<Object*>(object)) = static_cast<typename P::Value>(value);
    };
  }
  return field;
}

template <auto... kMembers>
using ValueOf = typename Path<kMembers...>::Value;

template <auto... kMembers>
constexpr Field Integer(std::string_view name, Kind kind, std::string_view help, int64_t least,
                        int64_t most) {
  static_assert(std::is_integral_v<ValueOf<kMembers...>> && !std::is_same_v<ValueOf<kMembers...>, bool>);
  Field field = Make<kMembers...>(name, kind, help);
  field.least = least;
  field.most = most;
  return field;
}

}  // namespace field_detail

template <auto... kMembers>
constexpr Field Text(std::string_view name, std::string_view help) {
  static_assert(std::is_same_v<field_detail::ValueOf<kMembers...>, std::string>);
  return field_detail::Make<kMembers...>(name, Kind::kText, help);
}
template <auto... kMembers>
constexpr Field Flag(std::string_view name, std::string_view help) {
  static_assert(std::is_same_v<field_detail::ValueOf<kMembers...>, bool>);
  return field_detail::Make<kMembers...>(name, Kind::kFlag, help);
}
template <auto... kMembers>
constexpr Field LevelKey(std::string_view name, std::string_view help) {
  static_assert(std::is_same_v<field_detail::ValueOf<kMembers...>, Level>);
  return field_detail::Make<kMembers...>(name, Kind::kLevel, help);
}
template <auto... kMembers>
constexpr Field ChoiceKey(std::string_view name, std::span<const Choice> choices, std::string_view help) {
  static_assert(std::is_enum_v<field_detail::ValueOf<kMembers...>> &&
                sizeof(field_detail::ValueOf<kMembers...>) == 1);
  Field field = field_detail::Make<kMembers...>(name, Kind::kChoice, help);
  field.choices = choices;
  return field;
}
template <auto... kMembers>
constexpr Field Bytes(std::string_view name, std::string_view help, int64_t least, int64_t most) {
  return field_detail::Integer<kMembers...>(name, Kind::kBytes, help, least, most);
}
template <auto... kMembers>
constexpr Field Millis(std::string_view name, std::string_view help, int64_t least, int64_t most) {
  return field_detail::Integer<kMembers...>(name, Kind::kMillis, help, least, most);
}
template <auto... kMembers>
constexpr Field Hours(std::string_view name, std::string_view help, int64_t least, int64_t most) {
  return field_detail::Integer<kMembers...>(name, Kind::kHours, help, least, most);
}
template <auto... kMembers>
constexpr Field Count(std::string_view name, std::string_view help, int64_t least, int64_t most) {
  return field_detail::Integer<kMembers...>(name, Kind::kCount, help, least, most);
}
template <auto... kMembers>
constexpr Field Number(std::string_view name, std::string_view help, int64_t least, int64_t most) {
  static_assert(std::is_same_v<field_detail::ValueOf<kMembers...>, double>);
  Field field = field_detail::Make<kMembers...>(name, Kind::kNumber, help);
  field.least = least;
  field.most = most;
  return field;
}
template <auto... kMembers>
constexpr Field Categories(std::string_view name, std::string_view help) {
  static_assert(std::is_same_v<field_detail::ValueOf<kMembers...>, std::vector<Category>>);
  return field_detail::Make<kMembers...>(name, Kind::kCategories, help);
}
template <auto... kMembers>
constexpr Field PairsKey(std::string_view name, std::string_view help) {
  static_assert(
      std::is_same_v<field_detail::ValueOf<kMembers...>, std::vector<std::pair<std::string, std::string>>>);
  return field_detail::Make<kMembers...>(name, Kind::kPairs, help);
}
template <auto... kMembers>
constexpr Field LevelsKey(std::string_view name, std::string_view help) {
  static_assert(
      std::is_same_v<field_detail::ValueOf<kMembers...>, std::vector<std::pair<std::string, Level>>>);
  return field_detail::Make<kMembers...>(name, Kind::kLevels, help);
}

// `records` describes the list's elements; a function, because a slot holds slots.
template <auto... kMembers>
constexpr Field Records(std::string_view name, const RecordType* (*records)(), std::string_view help) {
  Field field = field_detail::Make<kMembers...>(name, Kind::kRecords, help);
  field.records = records;
  return field;
}
template <typename T>
constexpr RecordType RecordsOf(std::string_view noun, std::span<const Field> fields) {
  return {.noun = noun,
          .fields = fields,
          .append = [](void* list) -> void* { return &static_cast<std::vector<T>*>(list)->emplace_back(); },
          .make = []() -> std::shared_ptr<const void> { return std::make_shared<const T>(); },
          .size = [](const void* list) { return static_cast<const std::vector<T>*>(list)->size(); },
          .get = [](const void* list, size_t index) -> const void* {
            return &(*static_cast<const std::vector<T>*>(list))[index];
          },
          .check = nullptr};
}

}  // namespace taffrail::config
