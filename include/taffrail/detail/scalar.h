// One value without parts, brought to one of the few kinds that the queue carries. Everything here is folded
// by the compiler: to_scalar(45) leaves a constant behind.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace taffrail::detail {

enum class Kind : uint8_t { kNull, kBool, kInt, kUint, kDouble, kString, kTime, kDuration, kObject, kArray };

// Units of a duration, from which its key's ending and its scale follow (record/layout_fields.cc).
enum class Unit : uint8_t { kNone, kNanos, kMicros, kMillis, kSeconds, kMinutes, kHours };

// A string beyond this is cut and marked: one line must not take the queue's memory from all others.
inline constexpr size_t kMaxStringBytes = size_t{1} << 20;

struct FieldType {
  Kind kind;
  Unit unit;
};

struct Scalar {
  Kind kind = Kind::kNull;
  Unit unit = Unit::kNone;
  bool clipped = false;
  uint32_t size =
      0;  // of the payload: 8 for numbers, times and durations, 1 for bool, the length of a string
  uint64_t bits = 0;           // all but strings
  const char* text = nullptr;  // strings; borrowed
};

template <typename T>
concept StringLike = std::is_convertible_v<const T&, std::string_view> && !std::is_same_v<T, std::nullptr_t>;
// Made at run time, as far as its type tells: not a literal, whose address would do.
template <typename T>
concept TextLike = StringLike<T> && !std::is_array_v<T>;
template <typename T>
concept DurationLike = requires(const T& value) {
  typename T::rep;
  T::period::num;
  value.count();
};
// A time of day: a clock that is one of the calendar, not a steady one.
template <typename T>
concept TimeLike = requires(const T& value) {
  { value.time_since_epoch() } -> DurationLike;
  T::clock::to_time_t(value);
};
template <typename T>
concept ScalarLike = std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_same_v<T, std::nullptr_t> ||
    StringLike<T> || DurationLike<T> || TimeLike<T>;

constexpr Scalar number(Kind kind, uint64_t bits) { return {.kind = kind, .size = 8, .bits = bits}; }

inline Scalar text(std::string_view value) {
  const bool clipped = value.size() > kMaxStringBytes;
  return {.kind = Kind::kString,
          .clipped = clipped,
          .size = static_cast<uint32_t>(clipped ? kMaxStringBytes : value.size()),
          .text = value.data()};
}

// Nanoseconds, held at the ends of int64 (292 years) rather than wrapped.
template <typename Duration>
constexpr int64_t to_nanos(const Duration& value) {
  using Period = typename Duration::period;
  constexpr double kScale = 1e9 * static_cast<double>(Period::num) / static_cast<double>(Period::den);
  constexpr double kLimit = 9.2e18;
  const double nanos = static_cast<double>(value.count()) * kScale;
  if (nanos >= kLimit) return INT64_MAX;
  if (nanos <= -kLimit) return INT64_MIN;
  if constexpr (std::is_integral_v<typename Duration::rep>) {
    if constexpr (1'000'000'000 % Period::den == 0) {  // every standard unit: exact
      return static_cast<int64_t>(value.count()) * Period::num * (1'000'000'000 / Period::den);
    }
  }
  return nanos == nanos ? static_cast<int64_t>(nanos) : 0;
}

template <typename Period>
constexpr Unit unit_of() {
  constexpr auto kNum = Period::num;
  constexpr auto kDen = Period::den;
  if (kNum >= 3600) return Unit::kHours;
  if (kNum >= 60) return Unit::kMinutes;
  if (kNum >= 1 && kDen == 1) return Unit::kSeconds;
  if (kDen <= 1'000) return Unit::kMillis;
  if (kDen <= 1'000'000) return Unit::kMicros;
  return Unit::kNanos;
}

template <typename T>
requires ScalarLike<T>
constexpr Scalar to_scalar(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return {.kind = Kind::kBool, .size = 1, .bits = value};
  } else if constexpr (std::is_same_v<T, char>) {
    return text(std::string_view(&value, 1));  // 'x' is meant as a letter
  } else if constexpr (std::is_enum_v<T> && !StringLike<T>) {
    return to_scalar(static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::is_floating_point_v<T>) {
    const auto wide = static_cast<double>(value);
    uint64_t bits = 0;
    std::memcpy(&bits, &wide, sizeof(bits));
    return number(Kind::kDouble, bits);
  } else if constexpr (std::is_integral_v<T>) {
    return number(std::is_signed_v<T> ? Kind::kInt : Kind::kUint,
                  static_cast<uint64_t>(static_cast<int64_t>(value)));
  } else if constexpr (std::is_same_v<T, std::nullptr_t>) {
    return {};
  } else if constexpr (std::is_pointer_v<T>) {
    return value == nullptr ? Scalar{} : text(value);
  } else if constexpr (StringLike<T>) {
    return text(value);
  } else if constexpr (TimeLike<T>) {
    return number(Kind::kTime, static_cast<uint64_t>(to_nanos(value.time_since_epoch())));
  } else {
    Scalar scalar = number(Kind::kDuration, static_cast<uint64_t>(to_nanos(value)));
    scalar.unit = unit_of<typename T::period>();
    return scalar;
  }
}

// The kind of every value of this type: what to_scalar() gives, except that a null pointer to characters,
// whose kind is kNull there, is a kString here.
template <typename T>
requires ScalarLike<T>
constexpr FieldType field_type_of() {
  if constexpr (std::is_same_v<T, bool>) {
    return {Kind::kBool, Unit::kNone};
  } else if constexpr (StringLike<T> || std::is_same_v<T, char> || std::is_pointer_v<T>) {
    return {Kind::kString, Unit::kNone};
  } else if constexpr (std::is_enum_v<T>) {
    return field_type_of<std::underlying_type_t<T>>();
  } else if constexpr (std::is_floating_point_v<T>) {
    return {Kind::kDouble, Unit::kNone};
  } else if constexpr (std::is_integral_v<T>) {
    return {std::is_signed_v<T> ? Kind::kInt : Kind::kUint, Unit::kNone};
  } else if constexpr (std::is_same_v<T, std::nullptr_t>) {
    return {Kind::kNull, Unit::kNone};
  } else if constexpr (TimeLike<T>) {
    return {Kind::kTime, Unit::kNone};
  } else {
    return {Kind::kDuration, unit_of<typename T::period>()};
  }
}

}  // namespace taffrail::detail
