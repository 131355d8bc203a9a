// timestamp := layout | u8 relative | chunk of integers | varint exceptions |
//              exceptions > 0: chunk of integers: their places, ascending; they, as in plain
// layout    := u8 date separator | u8 separator | u8 point | u8 digits | u8 trimmed | string suffix
//                                                                                    time_layout.h
// With relative = 1 the integers are what is added to the record's own timestamp in the layout's unit,
// rounded down: nearly always the same zero, since the record's timestamp was read from such a field.
#include <algorithm>
#include <vector>

#include "store/int_encoding.h"
#include "store/string_encoding.h"
#include "store/time_layout.h"

namespace taffrail::store {
namespace {

// More exceptions than one value in so many, and it is no column of timestamps.
constexpr size_t kValuesPerException = 16;

int64_t FloorDivide(int64_t value, int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

int64_t Minus(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
int64_t Plus(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

struct Parsed {
  std::vector<int64_t> times;       // of an exception: that of the value before
  std::vector<int64_t> exceptions;  // their places
};

bool ParseAll(const record::StringData& values, const TimeLayout& layout, Parsed& parsed) {
  parsed.times.resize(values.size());
  parsed.exceptions.clear();
  int64_t time = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!layout.Parse(values[i], time)) {
      parsed.exceptions.push_back(static_cast<int64_t>(i));
      if (parsed.exceptions.size() * kValuesPerException > values.size()) return false;
    }
    parsed.times[i] = time;
  }
  return true;
}

// With the layout of the first value; or when others have fewer digits, with trailing zeros left away.
bool ParseColumn(const record::StringData& values, TimeLayout& layout, Parsed& parsed) {
  if (!TimeLayout::Infer(values[0], layout)) return false;
  if (ParseAll(values, layout, parsed)) return true;
  for (size_t i = 0; i < values.size() && layout.point == 0; ++i) {
    if (!TimeLayout::Infer(values[i], layout)) return false;
  }
  if (layout.point == 0) return false;
  layout.digits = TimeLayout::kMaxDigits;
  layout.trimmed = true;
  return ParseAll(values, layout, parsed);
}

std::vector<int64_t> Differences(const Parsed& parsed, std::span<const int64_t> row_times, int64_t unit_ns) {
  std::vector<int64_t> differences(parsed.times.size());
  for (size_t i = 0; i < differences.size(); ++i) {
    differences[i] = Minus(parsed.times[i], FloorDivide(row_times[i], unit_ns));
  }
  // An exception's number is free: one that its neighbours have costs nothing.
  for (const int64_t place : parsed.exceptions) {
    const auto i = static_cast<size_t>(place);
    differences[i] = i == 0 ? 0 : differences[i - 1];
  }
  return differences;
}

bool Encode(const record::StringData& values, const Dictionary*, const StringContext& context,
            ChunkOut& out) {
  TimeLayout layout;
  Parsed parsed;
  if (values.size() == 0 || !ParseColumn(values, layout, parsed)) return false;
  bool relative = false;
  if (context.rows.times) {
    const std::span<const int64_t> row_times = context.rows.times();
    std::vector<int64_t> differences = Differences(parsed, row_times, layout.unit_ns());
    relative = IntCostBits(differences, {}) < IntCostBits(parsed.times, {});
    if (relative) parsed.times = std::move(differences);
  }
  layout.AppendTo(out.bytes);
  out.bytes.push_back(relative ? 1 : 0);
  EncodeInts(parsed.times, {}, Effort::kSmall, out);
  base::PutVarint(out.bytes, parsed.exceptions.size());
  if (parsed.exceptions.empty()) return true;
  EncodeInts(parsed.exceptions, {}, Effort::kSmall, out);
  record::StringData exceptions;
  for (const int64_t place : parsed.exceptions) exceptions.Append(values[static_cast<size_t>(place)]);
  return kStringPlain.encode(exceptions, nullptr, {}, out);
}

bool ReadExceptions(base::ByteReader& reader, size_t count, std::vector<int64_t>& places,
                    record::StringData& exceptions) {
  const uint64_t exception_count = reader.Varint();
  if (!reader.ok() || exception_count > count) return false;
  if (exception_count == 0) return true;
  places.resize(exception_count);
  if (!DecodeInts(reader, {}, places)) return false;
  return kStringPlain.decode(reader, exception_count, {}, exceptions);
}

bool Decode(base::ByteReader& reader, size_t count, const StringContext& context,
            record::StringData& values) {
  TimeLayout layout;
  if (!TimeLayout::Read(reader, layout)) return false;
  const bool relative = reader.Fixed<uint8_t>() != 0;
  std::vector<int64_t> times(count);
  std::vector<int64_t> places;
  record::StringData exceptions;
  if (!DecodeInts(reader, {}, times) || !ReadExceptions(reader, count, places, exceptions)) return false;
  std::span<const int64_t> row_times;
  if (relative) {
    if (!context.rows.times) return false;
    row_times = context.rows.times();
    if (row_times.size() != count) return false;
  }
  constexpr size_t kLikelyBytes = 30;
  values.Reserve(count, count * kLikelyBytes);
  TimeWriter writer(layout);
  size_t next = 0;
  for (size_t i = 0; i < count; ++i) {
    if (next < places.size() && static_cast<uint64_t>(places[next]) == i) {
      values.Append(exceptions[next++]);
      continue;
    }
    const int64_t time = relative ? Plus(times[i], FloorDivide(row_times[i], layout.unit_ns())) : times[i];
    if (!writer.Append(time, values.mutable_bytes())) return false;
    values.CloseValue();
  }
  return next == places.size();
}

bool Pick(base::ByteReader& reader, size_t count, const StringContext&, const Picks& picks,
          record::StringData& values) {
  TimeLayout layout;
  if (!TimeLayout::Read(reader, layout)) return false;
  const bool relative = reader.Fixed<uint8_t>() != 0;
  std::vector<int64_t> times(picks.index.size());
  std::vector<int64_t> places;
  record::StringData exceptions;
  if (!PickInts(reader, count, picks, times)) return false;
  base::ByteReader ahead = reader;
  Need(picks.frame, ahead);
  if (ahead.Varint() > 0) Need(picks.frame, ahead, ahead.remaining());  // few columns have any
  if (!ReadExceptions(reader, count, places, exceptions)) return false;
  if (!std::is_sorted(places.begin(), places.end())) return false;
  std::span<const int64_t> row_times;
  if (relative && !times.empty()) {
    if (!picks.times) return false;
    row_times = picks.times();
    if (row_times.size() != times.size()) return false;
  }
  TimeWriter writer(layout);
  for (size_t i = 0; i < times.size(); ++i) {
    const auto found = std::lower_bound(places.begin(), places.end(), int64_t{picks.index[i]});
    if (found != places.end() && *found == int64_t{picks.index[i]}) {
      values.Append(exceptions[static_cast<size_t>(found - places.begin())]);
      continue;
    }
    const int64_t time = relative ? Plus(times[i], FloorDivide(row_times[i], layout.unit_ns())) : times[i];
    if (!writer.Append(time, values.mutable_bytes())) return false;
    values.CloseValue();
  }
  return true;
}

}  // namespace

const StringEncoding kStringTimestamp = {6, "timestamp", Encode, Decode, Pick};

}  // namespace taffrail::store
