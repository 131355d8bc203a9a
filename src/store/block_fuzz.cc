// Hostile blocks: whatever the bytes, decoding ends with a batch that can be read or with DataLoss. What
// decodes and is encoded again decodes to the same lines.
//
// Checksums would keep a fuzzer outside; so the input is also taken as the raw directory and as a raw chunk.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "record/row_cursor.h"
#include "store/block_directory.h"
#include "store/block_reader.h"
#include "store/block_writer.h"
#include "store/frame.h"
#include "store/int_encoding.h"
#include "store/string_encoding.h"

namespace taffrail::store {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

std::string Lines(const record::RecordBatch& batch) {
  std::string text;
  record::RowCursor cursor(batch);
  for (size_t row = 0; row < batch.rows(); ++row) {
    cursor.MoveTo(row);
    cursor.AppendLine(text);
    text.push_back('\n');
    cursor.AppendAttributes(text);
    text.push_back('\n');
  }
  return text;
}

void ReadBlock(std::string_view bytes) {
  static const std::string kName = "fuzz";
  absl::StatusOr<BlockReader> reader = BlockReader::Open(BlockBytes(bytes, kName), 0);
  if (!reader.ok() || !reader->LoadAll().ok()) return;
  const std::string lines = Lines(reader->batch());
  std::string again;
  BlockSummary summary;
  IdHashes words;
  EncodeBlock(reader->batch(), {}, again, summary, &words);
  absl::StatusOr<BlockReader> second = BlockReader::Open(BlockBytes(again, kName), summary.directory_bytes);
  Require(second.ok() && second->LoadAll().ok());
  Require(Lines(second->batch()) == lines);
}

StringContext WithTimes(const std::vector<int64_t>& times) {
  return {.rows = {.times = [&times] { return std::span<const int64_t>(times); }}};
}

record::StringData SplitLines(std::string_view text) {
  record::StringData lines;
  while (lines.size() < record::kMaxBatchRows) {
    const size_t end = text.find('\n');
    lines.Append(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

void RoundTrip(const record::StringData& values, std::vector<int64_t> times) {
  times.resize(values.size());
  Dictionary built;
  const Dictionary* dictionary = Dictionary::Build(values, built) ? &built : nullptr;
  ChunkOut out;
  EncodeStrings(values, dictionary, WithTimes(times), Effort::kSmall, out);
  base::ByteReader reader(out.bytes);
  record::StringData again;
  Require(DecodeStrings(reader, values.size(), WithTimes(times), again) && reader.AtEnd());
  Require(again.raw_bytes() == values.raw_bytes() && again.raw_ends() == values.raw_ends());
  // Every encoding on its own, also where another is smaller.
  for (const StringEncoding* encoding : StringEncodings()) {
    ChunkOut alone;
    if (values.size() == 0 || encoding->encode == nullptr ||
        !encoding->encode(values, dictionary, WithTimes(times), alone)) {
      continue;
    }
    base::ByteReader alone_reader(alone.bytes);
    record::StringData back;
    Require(encoding->decode(alone_reader, values.size(), WithTimes(times), back) && alone_reader.AtEnd());
    Require(back.raw_bytes() == values.raw_bytes() && back.raw_ends() == values.raw_ends());
  }
}

}  // namespace
}  // namespace taffrail::store

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail::store;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  ReadBlock(input);
  // As directory, with the rest of the input as the only frame's payload.
  const size_t half = size / 2;
  std::string block;
  AppendFrame(input.substr(0, half), 1, block);
  AppendFrame(input.substr(half), 1, block);
  ReadBlock(block);
  BlockDirectory directory;
  if (BlockDirectory::Parse(input, directory)) {
    std::string bytes;
    directory.AppendTo(bytes);
    BlockDirectory again;
    Require(BlockDirectory::Parse(bytes, again) && again.rows == directory.rows);
  }
  // As chunks.
  const size_t count = size == 0 ? 0 : data[0] * size_t{16};
  taffrail::base::ByteReader ints(input);
  std::vector<int64_t> values(count);
  if (DecodeInts(ints, {}, values)) {
    for (const Effort effort : {Effort::kFast, Effort::kSmall}) {
      ChunkOut out;
      EncodeInts(values, {}, effort, out);
      taffrail::base::ByteReader reader(out.bytes);
      std::vector<int64_t> again(count);
      Require(DecodeInts(reader, {}, again) && again == values);
    }
  }
  taffrail::base::ByteReader strings(input);
  taffrail::record::StringData texts;
  if (DecodeStrings(strings, count, WithTimes(values), texts)) {
    Require(texts.size() == count);
    RoundTrip(texts, values);
  }
  // As the values: what is on every line, cut at each newline.
  RoundTrip(SplitLines(input), values);
  return 0;
}
