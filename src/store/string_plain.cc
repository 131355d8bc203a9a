// plain := chunk of integers: lengths | the bytes of all values.
#include <algorithm>
#include <vector>

#include "store/int_encoding.h"
#include "store/string_encoding.h"

namespace taffrail::store {
namespace {

// As EncodeInts would, without making integers of them first.
void AppendLengths(const std::vector<uint32_t>& ends, ChunkOut& out) {
  uint32_t longest = 0;
  uint32_t shortest = UINT32_MAX;
  uint32_t begin = 0;
  for (const uint32_t end : ends) {
    longest = std::max(longest, end - begin);
    shortest = std::min(shortest, end - begin);
    begin = end;
  }
  if (longest <= shortest || longest > UINT8_MAX) {
    std::vector<int64_t> lengths(ends.size());
    for (size_t i = 0; i < ends.size(); ++i) lengths[i] = ends[i] - (i == 0 ? 0 : ends[i - 1]);
    EncodeInts(lengths, {}, Effort::kFast, out);
    return;
  }
  out.bytes.push_back(static_cast<char>(kIntOffset.id));
  base::PutVarint(out.bytes, base::ZigZag(0));
  out.bytes.push_back(1);
  out.Cut();
  const size_t start = out.bytes.size();
  out.bytes.resize(start + ends.size());
  char* const to = out.bytes.data() + start;
  begin = 0;
  for (size_t i = 0; i < ends.size(); ++i) {
    to[i] = static_cast<char>(ends[i] - begin);
    begin = ends[i];
  }
}

bool Encode(const record::StringData& values, const Dictionary*, const StringContext&, ChunkOut& out) {
  AppendLengths(values.raw_ends(), out);
  out.Cut();
  out.bytes.append(values.raw_bytes());
  out.text_bytes += values.raw_bytes().size();
  out.Cut();
  return true;
}

bool Decode(base::ByteReader& reader, size_t count, const StringContext&, record::StringData& values) {
  std::vector<int64_t> lengths(count);
  if (!DecodeInts(reader, {}, lengths)) return false;
  std::vector<uint32_t>& ends = values.mutable_ends();
  ends.resize(count);
  uint64_t total = 0;
  for (size_t i = 0; i < count; ++i) {
    const auto length = static_cast<uint64_t>(lengths[i]);  // a negative one is far too large
    if (length > reader.remaining() || (total += length) > reader.remaining()) return false;
    ends[i] = static_cast<uint32_t>(total);
  }
  values.mutable_bytes().assign(reader.Bytes(total));
  return reader.ok();
}

bool Pick(base::ByteReader& reader, size_t count, const StringContext&, const Picks& picks,
          record::StringData& values) {
  if (int64_t length = 0; ReadConstant(reader, picks.frame, length)) {
    const auto size = static_cast<uint64_t>(length);  // a negative one is far too large
    if (size > reader.remaining() || size * count > reader.remaining()) return false;
    const std::string_view bytes = reader.Bytes(size * count);
    for (const uint32_t i : picks.index) {
      if (picks.frame != nullptr) picks.frame->Need(bytes.data() + i * size, size);
      values.Append(bytes.substr(i * size, size));
    }
    return true;
  }
  std::vector<int64_t> lengths(count);
  if (!NeedInts(picks.frame, reader, count) || !DecodeInts(reader, {}, lengths)) return false;
  uint64_t total = 0;
  for (const int64_t length : lengths) {
    const auto size = static_cast<uint64_t>(length);  // a negative one is far too large
    if (size > reader.remaining() || (total += size) > reader.remaining()) return false;
  }
  const std::string_view bytes = reader.Bytes(total);
  uint64_t begin = 0;
  size_t at = 0;
  for (const uint32_t i : picks.index) {
    for (; at < i; ++at) begin += static_cast<uint64_t>(lengths[at]);
    const std::string_view value = bytes.substr(begin, static_cast<uint64_t>(lengths[i]));
    if (picks.frame != nullptr) picks.frame->Need(value.data(), value.size());
    values.Append(value);
  }
  return reader.ok();
}

}  // namespace

const StringEncoding kStringPlain = {3, "plain", Encode, Decode, Pick};

}  // namespace taffrail::store
