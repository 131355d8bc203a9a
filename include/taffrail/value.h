// Typed values of a log call: what may stand to the right of a key, and how a program adds its own types.
//
//   log.info("Task created", {{"task_id", id}, {"duration_ms", 45}, {"http", {{"method", "POST"}}}});
//   log.info("Task created", kv("task_id", id), kv("took", elapsed), kv("tags", tags));
//
// Taken as they are: integers, floating point, bool, nullptr, anything that converts to std::string_view,
// enums (as their number), std::chrono durations and system_clock times, std::optional, ranges (arrays), maps
// with string keys (objects), and braces of fields (objects).
//
// A duration is a number in its own unit, and its key names the unit: kv("took", 45ms) is "took_ms":45. A key
// that already ends in a unit (_ns _us _ms _s _seconds _min _minutes _h _hours) wins, and the value is
// converted to it.
//
// A type of your own becomes loggable through one function beside it, found by its namespace:
//   void log_fields(taffrail::FieldWriter& out, const Task& task) { out.field("id", task.id); }  // an object
//   std::string_view log_value(const Color& color);                                               // a scalar
//
// Lifetime: Key, Value, Field and Kv borrow; they are meant to live inside one call expression, never to be
// kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include "taffrail/detail/scalar.h"

// clang 14 knows consteval but not everywhere we need it; there, a const char array is trusted to be a
// literal.
#if defined(__clang__) && __clang_major__ < 15
#define TAFFRAIL_CONSTEVAL constexpr
#else
#define TAFFRAIL_CONSTEVAL consteval
#endif

namespace taffrail {

// The name of a field. A literal costs nothing at the call (only its address is kept); any other string is
// copied. Whatever is text becomes one unasked: {{"task_id", id}}.
struct Key {
  template <size_t N>
  // NOLINTNEXTLINE(google-explicit-constructor): see above
  TAFFRAIL_CONSTEVAL Key(const char (&literal)[N]) : data(literal), size(N - 1), is_literal(true) {
    static_assert(N - 1 <= kMaxBytes, "a key this long is a value");
  }
  template <detail::TextLike T>
  // NOLINTNEXTLINE(google-explicit-constructor): see above
  Key(const T& text) : data(std::string_view(text).data()), is_literal(false) {
    const size_t full = std::string_view(text).size();
    size = static_cast<uint16_t>(full < kMaxBytes ? full : kMaxBytes);
  }
  constexpr Key() = default;
  // Member by member, as event.h says; Kv likewise.
  constexpr Key(const Key& other) : data(other.data), size(other.size), is_literal(other.is_literal) {}
  constexpr Key& operator=(const Key& other) = default;

  static constexpr size_t kMaxBytes =
      1024;  // keys become column names downstream: longer ones are data gone astray

  const char* data = "";
  uint16_t size = 0;
  bool is_literal = true;
};

class FieldWriter;
struct Field;

namespace detail {

template <typename T>
concept HasLogFields = requires(FieldWriter& out, const T& value) {
  log_fields(out, value);
};
template <typename T>
concept HasLogValue = requires(const T& value) {
  log_value(value);
};
template <typename T, typename Self>
concept OtherThan = !std::is_same_v<T, Self>;  // leaves copying to the copy constructor
template <typename T>
concept OptionalLike = requires(const T& value) {
  { value.has_value() } -> std::convertible_to<bool>;
  *value;
};
template <typename T>
concept RangeLike = requires(const T& value) {
  std::begin(value);
  std::end(value);
};
template <typename T>
concept MapLike = RangeLike<T> && requires {
  typename T::mapped_type;
} && StringLike<typename T::key_type>;
// What goes into the queue by a few stores, with no call to user code.
template <typename T>
concept Plain = ScalarLike<T> && !HasLogFields<T> && !HasLogValue<T>;

}  // namespace detail

// Any loggable value with its type erased, for lists of fields in braces: it becomes one unasked.
class Value {
 public:
  template <detail::OtherThan<Value> T>
  // NOLINTNEXTLINE(google-explicit-constructor): see above
  Value(const T& value);
  Value(std::initializer_list<Field> object);

 private:
  friend class FieldWriter;
  enum class Form : uint8_t { kScalar, kObject, kOther };

  Form form_ = Form::kScalar;
  detail::Scalar scalar_;
  const Field* fields_ = nullptr;  // kObject
  size_t field_count_ = 0;
  const void* other_ = nullptr;  // kOther: the value, and how to write it
  void (*write_)(FieldWriter&, Key, const void*) = nullptr;
};

struct Field {
  Key key;
  Value value;
};

// A field whose type is known at compile time: what the fast path takes.
template <typename T>
struct Kv {
  constexpr Kv(Key its_key, const T& its_value) : key(its_key), value(its_value) {}
  constexpr Kv(const Kv& other) : key(other.key), value(other.value) {}

  Key key;
  const T& value;
};

template <typename T>
constexpr Kv<T> kv(Key key, const T& value) {
  return {key, value};
}

// Writes fields one after the other in the form that the queue carries (detail/encoding.h). A call's fields
// together are bounded: what comes after kMaxRecordBytes, and objects nested deeper than kMaxDepth, is left
// out and the line says so.
class FieldWriter {
 public:
  static constexpr size_t kMaxRecordBytes =
      4 << 20;                          // four strings of the greatest length; keeps a burst in memory
  static constexpr int kMaxDepth = 32;  // real logs stay below 13; a cyclic log_fields must end

  explicit FieldWriter(std::string& out) : out_(out), start_(out.size()) {}
  FieldWriter(const FieldWriter&) = delete;
  FieldWriter& operator=(const FieldWriter&) = delete;

  template <typename T>
  void field(Key key, const T& value);
  void field(Key key, std::initializer_list<Field> object);

  // An object or an array written piece by piece: begin, its fields (elements have the empty key), end.
  size_t begin_object(Key key) { return begin(key, detail::Kind::kObject); }
  size_t begin_array(Key key) { return begin(key, detail::Kind::kArray); }
  void end(size_t begun);

  bool clipped() const { return clipped_; }

 private:
  size_t begin(Key key, detail::Kind kind);
  void scalar(Key key, const detail::Scalar& value);
  void list(Key key, const Field* fields, size_t count);

  std::string& out_;
  size_t start_;
  int depth_ = 0;
  int skipped_depth_ = 0;  // begun beyond kMaxDepth: nothing is written until they end
  bool clipped_ = false;
};

// --- implementation ---

template <detail::OtherThan<Value> T>
Value::Value(const T& value) {
  if constexpr (detail::Plain<T>) {
    scalar_ = detail::to_scalar(value);
  } else {
    form_ = Form::kOther;
    other_ = &value;
    write_ = [](FieldWriter& out, Key key, const void* at) { out.field(key, *static_cast<const T*>(at)); };
  }
}

inline Value::Value(std::initializer_list<Field> object) : form_(Form::kObject), field_count_(object.size()) {
  fields_ = object.begin();  // lives until the end of the call expression, as every borrowed value does
}

template <typename T>
void FieldWriter::field(Key key, const T& value) {
  if constexpr (std::is_same_v<T, Value>) {
    if (value.form_ == Value::Form::kScalar) return scalar(key, value.scalar_);
    if (value.form_ == Value::Form::kObject) return list(key, value.fields_, value.field_count_);
    value.write_(*this, key, value.other_);
  } else if constexpr (detail::HasLogFields<T>) {
    const size_t begun = begin_object(key);
    log_fields(*this, value);
    end(begun);
  } else if constexpr (detail::HasLogValue<T>) {
    field(key, log_value(value));
  } else if constexpr (detail::ScalarLike<T>) {
    scalar(key, detail::to_scalar(value));
  } else if constexpr (detail::OptionalLike<T>) {
    if (value.has_value()) {
      field(key, *value);
    } else {
      scalar(key, detail::to_scalar(nullptr));
    }
  } else if constexpr (detail::MapLike<T>) {
    const size_t begun = begin_object(key);
    for (const auto& [name, element] : value) field(Key(name), element);
    end(begun);
  } else if constexpr (detail::RangeLike<T>) {
    const size_t begun = begin_array(key);
    for (const auto& element : value) {
      using Element = std::remove_cvref_t<decltype(element)>;
      field<Element>(Key(), element);  // named, so that vector<bool>'s bit becomes a bool
    }
    end(begun);
  } else {
    static_assert(detail::ScalarLike<T>,
                  "give this type a log_fields(FieldWriter&, const T&) or a log_value(const T&)");
  }
}

inline void FieldWriter::field(Key key, std::initializer_list<Field> object) {
  list(key, object.begin(), object.size());
}

}  // namespace taffrail
