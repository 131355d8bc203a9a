// A push in protobuf: five messages of seven fields (push.h), read where they stand. Protobuf's own library
// would copy every line once more, and needs generated code as large as this whole folder.
#include <snappy.h>

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "fmt/format.h"
#include "wire/loki/batch_writer.h"
#include "wire/loki/label_text.h"
#include "wire/loki/push.h"

namespace taffrail::wire::loki {
namespace {

using base::ByteReader;

enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

// One field of a message: of a varint the value, of a byte string the bytes; others are passed over.
struct Field {
  uint32_t number = 0;
  uint32_t type = 0;
  uint64_t value = 0;
  std::string_view bytes;

  bool Is(uint32_t wanted_number, WireType wanted_type) const {
    return number == wanted_number && type == wanted_type;
  }
};

// Calls visit(field) for each field; it returns a Status. Groups, long deprecated, count as damage.
template <typename Visit>
absl::Status EachField(std::string_view message, Visit visit) {
  ByteReader in(message);
  while (!in.AtEnd()) {
    Field field;
    const uint64_t tag = in.Varint();
    field.number = static_cast<uint32_t>(tag >> 3);
    field.type = static_cast<uint32_t>(tag & 7);
    if (tag > UINT32_MAX || field.number == 0) in.Fail();
    switch (field.type) {
      case kVarint:
        field.value = in.Varint();
        break;
      case kFixed64:
        in.Bytes(8);
        break;
      case kBytes:
        field.bytes = in.String();
        break;
      case kFixed32:
        in.Bytes(4);
        break;
      default:
        in.Fail();
    }
    if (!in.ok()) return absl::InvalidArgumentError("damaged protobuf");
    TAFFRAIL_RETURN_IF_ERROR(visit(field));
  }
  return absl::OkStatus();
}

struct Time {
  bool present = false;
  int64_t seconds = 0;
  int32_t nanos = 0;
};

absl::Status ReadTime(std::string_view message, Time& time) {
  time.present = true;
  return EachField(message, [&](const Field& field) {
    if (field.Is(1, kVarint)) time.seconds = static_cast<int64_t>(field.value);
    if (field.Is(2, kVarint)) time.nanos = static_cast<int32_t>(field.value);
    return absl::OkStatus();
  });
}

absl::StatusOr<int64_t> ToNanoseconds(const Time& time) {
  constexpr int64_t kSecond = 1'000'000'000;
  int64_t timestamp_ns = 0;
  if (time.nanos < 0 || time.nanos >= kSecond ||
      __builtin_mul_overflow(time.seconds, kSecond, &timestamp_ns) ||
      __builtin_add_overflow(timestamp_ns, time.nanos, &timestamp_ns)) {
    return absl::InvalidArgumentError(
        fmt::format("the timestamp {} s {} ns is out of range", time.seconds, time.nanos));
  }
  return timestamp_ns;
}

absl::Status ReadPair(std::string_view message, record::Labels& pairs) {
  auto& pair = pairs.emplace_back();
  return EachField(message, [&](const Field& field) {
    if (field.Is(1, kBytes)) pair.first = field.bytes;
    if (field.Is(2, kBytes)) pair.second = field.bytes;
    return absl::OkStatus();
  });
}

class PushReader {
 public:
  PushReader(const PushLimits& limits, int64_t receive_time_ns) : writer_(limits, receive_time_ns) {}

  absl::StatusOr<DecodedPush> Run(std::string_view message) {
    size_t index = 0;
    TAFFRAIL_RETURN_IF_ERROR(EachField(message, [&](const Field& field) {
      if (!field.Is(1, kBytes)) return absl::OkStatus();
      return At(fmt::format("streams[{}]", index++), Stream(field.bytes));
    }));
    return writer_.Finish();
  }

 private:
  static absl::Status At(const std::string& place, const absl::Status& status) {
    if (status.ok()) return status;
    return absl::Status(status.code(), fmt::format("{}: {}", place, std::string(status.message())));
  }

  absl::Status Stream(std::string_view message) {
    // Fields may come in any order, and of a repeated single field the last counts: labels first, in a pass
    // of its own.
    std::string_view labels_text = "{}";
    TAFFRAIL_RETURN_IF_ERROR(EachField(message, [&](const Field& field) {
      if (field.Is(1, kBytes)) labels_text = field.bytes;
      return absl::OkStatus();
    }));
    TAFFRAIL_ASSIGN_OR_RETURN(record::Labels labels, ParseLabels(labels_text));
    TAFFRAIL_RETURN_IF_ERROR(writer_.StartStream(std::move(labels)));
    size_t index = 0;
    return EachField(message, [&](const Field& field) {
      if (!field.Is(2, kBytes)) return absl::OkStatus();
      absl::Status status = Entry(field.bytes);
      if (!status.ok()) return At(fmt::format("entries[{}]", index), status);
      ++index;
      return status;
    });
  }

  absl::Status Entry(std::string_view message) {
    Time time;
    std::string_view line;
    metadata_.clear();
    TAFFRAIL_RETURN_IF_ERROR(EachField(message, [&](const Field& field) {
      if (field.Is(1, kBytes)) return ReadTime(field.bytes, time);
      if (field.Is(2, kBytes)) line = field.bytes;
      if (field.Is(3, kBytes)) return ReadPair(field.bytes, metadata_);
      return absl::OkStatus();
    }));
    if (!time.present) {
      writer_.AddEntryWithoutTime(line, metadata_);
      return absl::OkStatus();
    }
    TAFFRAIL_ASSIGN_OR_RETURN(const int64_t timestamp_ns, ToNanoseconds(time));
    writer_.AddEntry(timestamp_ns, line, metadata_);
    return absl::OkStatus();
  }

  BatchWriter writer_;
  record::Labels metadata_;
};

}  // namespace

absl::StatusOr<DecodedPush> DecodeProtobuf(std::string_view compressed, int64_t receive_time_ns,
                                           const PushLimits& limits) {
  size_t size = 0;
  if (!snappy::GetUncompressedLength(compressed.data(), compressed.size(), &size)) {
    return absl::InvalidArgumentError("the body is not a snappy block");
  }
  if (size > limits.max_body_bytes) {
    return absl::ResourceExhaustedError(fmt::format(
        "a push of {} bytes decompressed, more than the {} allowed", size, limits.max_body_bytes));
  }
  // Snappy's longest copy is 64 bytes in three; a header that promises more is a lie, told to make us
  // allocate.
  if (size / 32 > compressed.size()) return absl::InvalidArgumentError("the body is not a snappy block");
  std::string message;
  if (!snappy::Uncompress(compressed.data(), compressed.size(), &message)) {
    return absl::InvalidArgumentError("the body is not a snappy block");
  }
  return PushReader(limits, receive_time_ns).Run(message);
}

}  // namespace taffrail::wire::loki
