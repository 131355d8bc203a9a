// Any bytes, in any chunking, come back as they were: lines out of the decoder joined by newlines equal the
// input without its blank lines, with over-long lines clipped exactly as a naive split would clip them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "wire/ndjson/decoder.h"
#include "wire/ndjson/encoder.h"

namespace {

using taffrail::wire::ndjson::Decoder;
using taffrail::wire::ndjson::EncodeLines;

constexpr size_t kLimit = 64;

void Check(bool condition) {
  if (!condition) std::abort();
}

// What should come out, written the slow and obvious way.
std::string Expected(std::string_view input) {
  std::string out;
  while (!input.empty()) {
    const size_t newline = input.find('\n');
    const std::string_view line = input.substr(0, newline);
    input.remove_prefix(newline == std::string_view::npos ? input.size() : newline + 1);
    if (line.empty() || line == "\r") continue;
    const size_t size = taffrail::record::ClippedSize(line, kLimit);
    out.append(line.substr(0, size));
    if (size < line.size()) taffrail::record::AppendClipMark(line.size() - size, out);
    out.push_back('\n');
  }
  return out;
}

std::string Decoded(std::string_view input, size_t piece_bytes) {
  Decoder decoder({.time_field = {}, .max_line_bytes = kLimit, .batch_bytes = 200});
  std::string out;
  while (!input.empty()) {
    std::string_view piece = input.substr(0, piece_bytes);
    input.remove_prefix(piece.size());
    while (!piece.empty()) {
      decoder.Feed(piece);
      if (decoder.Full()) EncodeLines(decoder.TakeBatch(0), out);
    }
  }
  decoder.End();
  EncodeLines(decoder.TakeBatch(0), out);
  const auto& stats = decoder.stats();
  Check(stats.lines.lines == stats.lines.json + stats.lines.text);
  Check(decoder.line_number() == stats.lines.lines + stats.blank);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t piece_bytes = size_t{data[0]} + 1;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string expected = Expected(input);
  Check(Decoded(input, input.size() + 1) == expected);
  Check(Decoded(input, piece_bytes) == expected);
  return 0;
}
