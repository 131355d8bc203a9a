#include "record/intake.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "fmt/format.h"
#include "record/json_scan.h"

namespace taffrail::record {
namespace {

bool IsUtf8Continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

size_t ClippedSize(std::string_view line, size_t limit_bytes) {
  if (line.size() <= limit_bytes) return line.size();
  // A character has at most three continuation bytes; with more of them this is not UTF-8 and may be cut
  // anywhere.
  size_t size = limit_bytes;
  for (int back = 0; back < 3 && size > 0 && IsUtf8Continuation(line[size]); ++back) --size;
  return size > 0 && IsUtf8Continuation(line[size]) ? limit_bytes : size;
}

void AppendClipMark(uint64_t clipped_bytes, std::string& out) {
  fmt::format_to(std::back_inserter(out), "…[clipped {} bytes]", clipped_bytes);
}

bool IsJsonObject(std::string_view line) {
  const char* const end = line.data() + line.size();
  const char* at = SkipSpace(line.data(), end);
  if (at == end || *at != '{') return false;
  at = SkipValue(at, end, 1);
  return at != nullptr && SkipSpace(at, end) == end && simdjson::validate_utf8(line.data(), line.size());
}

void LineStats::Count(LineFormat format, std::string_view line) {
  ++lines;
  if (format == LineFormat::kJson) {
    ++json;
    return;
  }
  ++text;
  if (format == LineFormat::kInvalidUtf8) ++invalid_utf8;
  if (line.empty()) return;
  if (std::memchr(line.data(), 0, line.size()) != nullptr) ++with_nul;
  const size_t first = line.find_first_not_of(" \t\r");
  if (first != std::string_view::npos && line[first] == '{') ++malformed_json;
}

LineStats& LineStats::operator+=(const LineStats& other) {
  lines += other.lines;
  json += other.json;
  text += other.text;
  invalid_utf8 += other.invalid_utf8;
  with_nul += other.with_nul;
  malformed_json += other.malformed_json;
  clipped += other.clipped;
  return *this;
}

uint64_t CountFuture(const RecordBatch& batch, int64_t receive_time_ns) {
  const int64_t latest_ns = receive_time_ns > INT64_MAX - kFutureNs ? INT64_MAX : receive_time_ns + kFutureNs;
  return static_cast<uint64_t>(std::count_if(batch.timestamp_ns.begin(), batch.timestamp_ns.end(),
                                             [&](int64_t time_ns) { return time_ns > latest_ns; }));
}

}  // namespace taffrail::record
