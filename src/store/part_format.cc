#include "store/part_format.h"

#include "base/bytes.h"
#include "base/hash.h"

namespace taffrail::store {
namespace {

constexpr std::string_view kHeaderMagic("TFPART\0", 7);
constexpr std::string_view kTrailerMagic("TFPARTE\n", 8);

}  // namespace

std::string PartHeader(uint64_t id) {
  std::string header(kHeaderMagic);
  header.push_back(static_cast<char>(kPartVersion));
  base::PutFixed(header, id);
  return header;
}

uint8_t ParsePartHeader(std::string_view header, uint64_t id) {
  base::ByteReader reader(header);
  if (reader.Bytes(kHeaderMagic.size()) != kHeaderMagic) return 0;
  const auto version = reader.Fixed<uint8_t>();
  const auto written_id = reader.Fixed<uint64_t>();
  const bool known = version >= 1 && version <= kPartVersion;
  return known && written_id == id && reader.ok() && reader.AtEnd() ? version : 0;
}

std::string PartTrailer(uint64_t id, uint64_t footer_offset, uint32_t footer_bytes) {
  std::string trailer;
  base::PutFixed(trailer, footer_offset);
  base::PutFixed(trailer, footer_bytes);
  base::PutFixed<uint64_t>(trailer, base::Hash64(trailer, id));
  trailer.append(kTrailerMagic);
  return trailer;
}

bool ParsePartTrailer(std::string_view trailer, uint64_t id, uint64_t& footer_offset,
                      uint32_t& footer_bytes) {
  base::ByteReader reader(trailer);
  const std::string_view fields = reader.Bytes(sizeof(uint64_t) + sizeof(uint32_t));
  const auto checksum = reader.Fixed<uint64_t>();
  if (reader.Bytes(kTrailerMagic.size()) != kTrailerMagic || !reader.AtEnd()) return false;
  base::ByteReader values(fields);
  footer_offset = values.Fixed<uint64_t>();
  footer_bytes = values.Fixed<uint32_t>();
  return reader.ok() && base::Hash64(fields, id) == checksum;
}

}  // namespace taffrail::store
