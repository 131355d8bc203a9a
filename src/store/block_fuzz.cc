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

const std::string kName = "fuzz";

// Whether every third row, read by itself, is what it is among all.
bool PickedLines(std::string_view bytes, const record::RecordBatch& all) {
  expr::Selection rows;
  for (uint32_t row = 0; row < all.rows(); row += 3) rows.push_back(row);
  absl::StatusOr<BlockReader> reader = BlockReader::Open(BlockBytes(bytes, kName), 0, false);
  if (!reader.ok()) return false;
  const auto picked = reader->Pick(
      rows, [](const record::Column&) { return true; }, true);
  if (!picked.ok()) return false;
  std::string lines;
  record::RowCursor cursor(all);
  for (const uint32_t row : rows) {
    cursor.MoveTo(row);
    cursor.AppendLine(lines);
    lines.push_back('\n');
    cursor.AppendAttributes(lines);
    lines.push_back('\n');
  }
  return Lines(*picked) == lines;
}

void ReadBlock(std::string_view bytes) {
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
  Require(PickedLines(bytes, reader->batch()) && PickedLines(again, second->batch()));
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

// Every third value, read by itself.
void RequirePicks(std::string_view chunk, const record::StringData& values,
                  const std::vector<int64_t>& times) {
  std::vector<uint32_t> index;
  std::vector<int64_t> of_picks;
  for (uint32_t i = 0; i < values.size(); i += 3) {
    index.push_back(i);
    of_picks.push_back(times[i]);
  }
  const Picks picks{
      .index = index, .times = [&of_picks] { return std::span<const int64_t>(of_picks); }, .shape_order = {}};
  base::ByteReader reader(chunk);
  record::StringData picked;
  Require(PickStrings(reader, values.size(), WithTimes(times), picks, picked) && reader.AtEnd());
  Require(picked.size() == index.size());
  for (size_t i = 0; i < index.size(); ++i) Require(picked[i] == values[index[i]]);
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
  RequirePicks(out.bytes, values, times);
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
    RequirePicks(input.substr(0, input.size() - strings.remaining()), texts, values);
    RoundTrip(texts, values);
  }
  // As the values: what is on every line, cut at each newline.
  RoundTrip(SplitLines(input), values);
  return 0;
}
