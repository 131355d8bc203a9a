// The bytes of a line between call and backend. They are also what a killed process leaves behind in its
// queue files (docs/format/queue.md), so that nothing but `site`, `logger`, `frame` and `bound` is a pointer,
// and each of these is written down when it is made.
//
//   record   RecordHead | bound, with kBound | message, with kMessageCopied | fields            padded to 8
//   message  uint32 size | bytes
//   fields   value*, as the call site's types say; with kFieldsEncoded: uint32 size | field*
//   value    bool: 1 byte; null: none; string: uint32 size | bytes; all others: 8 bytes
//   field    FieldHead | key | payload               an object's or array's payload is field*
#pragma once

#include <cstdint>
#include <cstring>

#include "taffrail/detail/call_site.h"
#include "taffrail/detail/scalar.h"
#include "taffrail/level.h"
#include "taffrail/value.h"

namespace taffrail::detail {

struct Frame;       // the fields of a scope: context/frame.h
struct LoggerNode;  // a named logger: log.h

struct FieldHead {
  static constexpr uint8_t kClipped = 1;    // the string was cut
  static constexpr uint8_t kException = 2;  // belongs to the line's exception, not to its fields
  static constexpr uint8_t kUnitShift = 4;  // Unit, in the upper half

  uint32_t payload_size;
  uint16_t key_size;
  Kind kind;
  uint8_t flags;
};
static_assert(sizeof(FieldHead) == 8);

enum class RecordKind : uint8_t {
  kLine,
  kReleaseFrame,  // the thread left the scope of `frame`: it may go once all earlier records are written
  kSkip,          // nothing until the end of the ring
  kHeap,          // too large for the ring: `large` points to the record, `size` counts this head alone
};

struct RecordHead {
  static constexpr uint8_t kMessageCopied = 1;
  static constexpr uint8_t kFieldsEncoded = 2;
  static constexpr uint8_t kBound = 4;          // fields of a bound logger: a Frame* follows the head
  static constexpr uint8_t kFieldsClipped = 8;  // fields beyond FieldWriter::kMaxRecordBytes were left out
  static constexpr uint8_t kMessageClipped = 16;

  uint32_t size;  // with this head and the padding
  RecordKind kind;
  Level level;
  uint8_t flags;
  uint8_t reserved;
  uint64_t ticks;  // detail::now_ticks()
  union {
    const CallSite* site;
    char* large;
  };
  const LoggerNode* logger;
  Frame* frame;
};
static_assert(sizeof(RecordHead) == 40);

constexpr uint32_t kRecordAlign = 8;
constexpr uint32_t pad_record(uint32_t size) { return (size + kRecordAlign - 1) & ~(kRecordAlign - 1); }

// Sizes of strings among a call's values; the length is in the lower bits.
inline constexpr uint32_t kTextClipped = uint32_t{1} << 31;
inline constexpr uint32_t kTextNull = ~uint32_t{0};  // a null pointer to characters

// --- a call's values: their kinds are the type's, so that most of this is known to the compiler ---

template <typename T>
inline constexpr uint32_t kFixedValueBytes = [] {
  constexpr Kind kKind = field_type_of<T>().kind;
  if (kKind == Kind::kString) return 4U;
  if (kKind == Kind::kBool) return 1U;
  return kKind == Kind::kNull ? 0U : 8U;
}();

// Two moves that may overlap.
template <typename Word>
[[gnu::always_inline]] inline void copy_ends(char* to, const char* from, uint32_t size) {
  Word first;
  Word last;
  std::memcpy(&first, from, sizeof(first));
  std::memcpy(&last, from + size - sizeof(last), sizeof(last));
  std::memcpy(to, &first, sizeof(first));
  std::memcpy(to + size - sizeof(last), &last, sizeof(last));
}

// Ids and paths are short, and calling memcpy costs more than their copy.
[[gnu::always_inline]] inline void copy_text(char* to, const char* from, uint32_t size) {
  struct Sixteen {
    uint64_t words[2];
  };
  if (size - 8 <= 8) [[likely]]
    return copy_ends<uint64_t>(to, from, size);
  if (size - 16 <= 16) return copy_ends<Sixteen>(to, from, size);
  if (size != 0) std::memcpy(to, from, size);
}

inline char* put_text(char* to, const Scalar& text) {
  const uint32_t size = text.kind == Kind::kNull ? kTextNull : text.size | (text.clipped ? kTextClipped : 0);
  std::memcpy(to, &size, sizeof(size));
  to += sizeof(size);
  copy_text(to, text.text, text.size);
  return to + text.size;
}

template <typename T>
char* put_value(char* to, const Scalar& value) {
  constexpr uint32_t kSize = kFixedValueBytes<T>;
  if constexpr (kSize == 4) return put_text(to, value);
  if constexpr (kSize == 8) std::memcpy(to, &value.bits, 8);
  if constexpr (kSize == 1) *to = static_cast<char>(value.bits);
  return to + kSize;
}

// --- a field with its key ---

inline uint32_t field_size(const Key& key, const Scalar& value) {
  return static_cast<uint32_t>(sizeof(FieldHead)) + key.size + value.size;
}

// Writes the field at `to`, which has field_size() bytes; returns its end.
inline char* put_field(char* to, const Key& key, const Scalar& value) {
  const FieldHead head{
      .payload_size = value.size,
      .key_size = key.size,
      .kind = value.kind,
      .flags = static_cast<uint8_t>((value.clipped ? FieldHead::kClipped : 0) |
                                    (static_cast<uint8_t>(value.unit) << FieldHead::kUnitShift))};
  std::memcpy(to, &head, sizeof(head));
  to += sizeof(head);
  if (key.size != 0) std::memcpy(to, key.data, key.size);
  to += key.size;
  if (value.kind == Kind::kString) {
    if (value.size != 0) std::memcpy(to, value.text, value.size);
  } else if (value.size == 8) {
    std::memcpy(to, &value.bits, 8);
  } else if (value.size == 1) {
    *to = static_cast<char>(value.bits);
  }
  return to + value.size;
}

}  // namespace taffrail::detail
