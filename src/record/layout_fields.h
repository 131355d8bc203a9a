// Reads the fields of a log call in the form the queue carries (taffrail/detail/encoding.h), and writes them
// as JSON.
//
// The bytes come from this process's own FieldWriter and are trusted; they are checked by assertions alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "taffrail/detail/encoding.h"

namespace taffrail::record {

struct EncodedField {
  std::string_view key;
  detail::Kind kind = detail::Kind::kNull;
  detail::Unit unit = detail::Unit::kNone;
  bool clipped = false;
  bool is_exception = false;
  std::string_view payload;  // a string's bytes, an object's or array's fields
  uint64_t bits = 0;         // every other kind
};

class FieldCursor {
 public:
  explicit FieldCursor(std::string_view fields) : at_(fields.data()), end_(fields.data() + fields.size()) {}
  bool Next(EncodedField& field);
  const char* at() const { return at_; }

 private:
  const char* at_;
  const char* end_;
};

// What ends a string that was cut at detail::kMaxStringBytes.
inline constexpr std::string_view kClippedMark = "…[clipped]";

// Appends "key":value pairs to an object that is being written: a comma comes first unless `out` ends in '{'.
// Exceptions are left out. A duration's key gets its unit (see taffrail/value.h).
void AppendMembers(std::string_view fields, std::string& out);
void AppendJsonValue(const EncodedField& field, std::string& out);
// A call's values, encoded with the names and kinds of its site.
void EncodeValues(const detail::CallSite& site, const char* values, std::string& out);
// The key as it is written: with a duration's unit.
std::string WrittenKey(const EncodedField& field);
// What the key of a duration gets behind it: nothing when it names a unit itself.
std::string_view DurationEnding(std::string_view key, detail::Unit unit);
// The nanoseconds of one of the units in which a duration of this key is written.
int64_t DurationScale(std::string_view key, detail::Unit unit);
// A duration in units of `scale`: whole where it is. At most 32 bytes; returns the end.
char* PutDuration(int64_t nanos, int64_t scale, char* to);
// A time as a string with its quotes, as many digits as it has. At most 32 bytes; returns the end.
char* PutTime(int64_t time_ns, char* to);

}  // namespace taffrail::record
