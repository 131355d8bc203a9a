// The bytes of a line between call and backend. Never stored: pointers in it are those of this process.
//
//   record   RecordHead | message, when copied | field*           padded to 8
//   field    FieldHead | key, when copied | payload               an object's or array's payload is field*
#pragma once

#include <cstdint>
#include <cstring>

#include "taffrail/detail/scalar.h"
#include "taffrail/level.h"
#include "taffrail/source_location.h"
#include "taffrail/value.h"

namespace taffrail::detail {

struct Frame;       // the fields of a scope: detail/frame.h
struct LoggerNode;  // a named logger: log.h

struct FieldHead {
  static constexpr uint8_t kKeyCopied = 1;  // the key's bytes follow, and key is meaningless
  static constexpr uint8_t kClipped = 2;    // the string was cut
  static constexpr uint8_t kException = 4;  // belongs to the line's exception, not to its fields
  static constexpr uint8_t kUnitShift = 4;  // Unit, in the upper half

  const char* key;
  uint32_t payload_size;
  uint16_t key_size;
  Kind kind;
  uint8_t flags;
};
static_assert(sizeof(FieldHead) == 16);

enum class RecordKind : uint8_t {
  kLine,
  kReleaseFrame,  // the thread left the scope of `frame`: it may go once all earlier records are written
  kSkip,          // nothing until the end of the ring
  kHeap,          // too large for the ring: `message` points to the record, `size` counts this head alone
};

struct RecordHead {
  static constexpr uint8_t kMessageCopied = 1;  // the message's bytes follow the head
  static constexpr uint8_t kFieldsClipped = 2;  // fields beyond FieldWriter::kMaxRecordBytes were left out
  static constexpr uint8_t kMessageClipped = 4;

  uint32_t size;  // with this head and the padding
  RecordKind kind;
  Level level;
  uint8_t flags;
  uint8_t reserved;
  uint64_t ticks;  // detail::now_ticks()
  const LoggerNode* logger;
  Frame* frame;
  const char* message;
  uint32_t message_size;
  uint32_t fields_size;
  SourceLocation where;
};

constexpr uint32_t kRecordAlign = 8;
constexpr uint32_t pad_record(uint32_t size) { return (size + kRecordAlign - 1) & ~(kRecordAlign - 1); }

inline uint32_t field_size(const Key& key, const Scalar& value) {
  return static_cast<uint32_t>(sizeof(FieldHead)) + (key.is_literal ? 0 : key.size) + value.size;
}

// Writes the field at `to`, which has field_size() bytes; returns its end.
inline char* put_field(char* to, const Key& key, const Scalar& value) {
  const FieldHead head{
      .key = key.data,
      .payload_size = value.size,
      .key_size = key.size,
      .kind = value.kind,
      .flags = static_cast<uint8_t>((key.is_literal ? 0 : FieldHead::kKeyCopied) |
                                    (value.clipped ? FieldHead::kClipped : 0) |
                                    (static_cast<uint8_t>(value.unit) << FieldHead::kUnitShift))};
  std::memcpy(to, &head, sizeof(head));
  to += sizeof(head);
  if (!key.is_literal) {
    std::memcpy(to, key.data, key.size);
    to += key.size;
  }
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
