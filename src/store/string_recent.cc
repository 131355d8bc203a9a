// recent := varint fresh values | the fresh values, as in plain | a plane of lags. A lag k > 0 says "as k
// values before"; 0 takes the next fresh value.
//
// The cheap dictionary of the write-ahead log, for columns that come without one. Three of four strings were
// there a few lines ago, and finding that takes a fraction of what compressing them again would.
#include <array>
#include <vector>

#include "base/quick_key.h"
#include "store/string_encoding.h"

namespace taffrail::store {
namespace {

constexpr size_t kMaxLag = 255;
// More fresh values than seven of eight do not pay for the lags.
constexpr size_t kLook = 256;

class Finder {
 public:
  explicit Finder(const record::StringData& values)
      : bytes_(values.raw_bytes()), ends_(values.raw_ends().data()) {}

  // Of value i, the values in order: one more than the last place where its text was, or 0.
  uint32_t Last(uint32_t i) {
    const uint32_t begin = BeginOf(i);
    const uint32_t size = ends_[i] - begin;
    uint32_t& slot = slots_[base::QuickKey(std::string_view(bytes_).substr(begin, size)) >> (64 - kSlotBits)];
    const uint32_t place = slot;
    slot = i + 1;
    if (place == 0) return 0;
    const uint32_t other = BeginOf(place - 1);
    if (ends_[place - 1] - other != size) return 0;
    return base::SameBytes(bytes_.data() + other, bytes_.data() + begin, size) ? place : 0;
  }

 private:
  static constexpr unsigned kSlotBits = 10;

  uint32_t BeginOf(uint32_t i) const { return i == 0 ? 0 : ends_[i - 1]; }

  const std::string& bytes_;
  const uint32_t* const ends_;
  std::array<uint32_t, size_t{1} << kSlotBits> slots_{};  // places plus one
};

bool Encode(const record::StringData& values, const Dictionary*, const StringContext&, ChunkOut& out) {
  const size_t count = values.size();
  Finder finder(values);
  std::string lags(count, '\0');
  size_t fresh = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t place = finder.Last(i);
    const uint32_t lag = i + 1 - place;
    if (place != 0 && lag <= kMaxLag) {
      lags[i] = static_cast<char>(lag);
    } else {
      ++fresh;
    }
    if (i + 1 == kLook && fresh > kLook / 8 * 7) return false;
  }
  if (fresh > count / 8 * 7) return false;
  record::StringData rest;
  rest.Reserve(fresh, 0);
  for (size_t i = 0; i < count; ++i) {
    if (lags[i] == 0) rest.Append(values[i]);
  }
  base::PutVarint(out.bytes, fresh);
  kStringPlain.encode(rest, nullptr, {}, out);
  out.bytes += lags;
  return true;
}

bool Decode(base::ByteReader& reader, size_t count, const StringContext&, record::StringData& values) {
  const uint64_t fresh_count = reader.Varint();
  if (!reader.ok() || fresh_count > count) return false;
  record::StringData fresh;
  if (!kStringPlain.decode(reader, fresh_count, {}, fresh)) return false;
  const std::string_view lags = reader.Bytes(count);
  if (!reader.ok()) return false;
  std::vector<uint32_t> sources(count);  // of every value: which fresh one it is
  size_t next = 0;
  size_t total = 0;
  for (size_t i = 0; i < count; ++i) {
    const auto lag = static_cast<uint8_t>(lags[i]);
    if (lag > i || (lag == 0 && next == fresh_count)) return false;
    sources[i] = lag == 0 ? static_cast<uint32_t>(next++) : sources[i - lag];
    total += fresh[sources[i]].size();
    if (total > kMaxColumnBytes) return false;
  }
  values.Reserve(count, total);
  for (const uint32_t source : sources) values.Append(fresh[source]);
  return next == fresh_count;
}

}  // namespace

const StringEncoding kStringRecent = {7, "recent", Encode, Decode, nullptr};

}  // namespace taffrail::store
