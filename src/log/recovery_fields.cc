#include "base/bytes.h"
#include "log/recovery_entry.h"

namespace taffrail::log {
namespace {

// FieldWriter nests no deeper than 32.
constexpr int kDepthMax = 40;

bool Valid(std::string_view fields, int depth) {
  if (depth > kDepthMax) return false;
  base::ByteReader in(fields);
  while (!in.AtEnd()) {
    const auto payload_size = in.Fixed<uint32_t>();
    const auto key_size = in.Fixed<uint16_t>();
    const auto kind = in.Fixed<uint8_t>();
    const auto flags = in.Fixed<uint8_t>();
    in.Bytes(key_size);
    const std::string_view payload = in.Bytes(payload_size);
    if (!in.ok() || (flags >> detail::FieldHead::kUnitShift) > static_cast<int>(detail::Unit::kHours))
      return false;
    bool good = false;
    switch (static_cast<detail::Kind>(kind)) {
      case detail::Kind::kNull:
        good = payload_size == 0;
        break;
      case detail::Kind::kBool:
        good = payload_size == 1;
        break;
      case detail::Kind::kInt:
      case detail::Kind::kUint:
      case detail::Kind::kDouble:
      case detail::Kind::kTime:
      case detail::Kind::kDuration:
        good = payload_size == 8;
        break;
      case detail::Kind::kString:
        good = true;
        break;
      case detail::Kind::kObject:
      case detail::Kind::kArray:
        good = Valid(payload, depth + 1);
        break;
    }
    if (!good) return false;
  }
  return in.ok();
}

}  // namespace

bool ValidFields(std::string_view fields) { return Valid(fields, 0); }

}  // namespace taffrail::log
