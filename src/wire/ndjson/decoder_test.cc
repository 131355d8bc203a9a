#include "wire/ndjson/decoder.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "wire/ndjson/encoder.h"

namespace taffrail::wire::ndjson {
namespace {

constexpr int64_t kNow = 1'700'000'000'000'000'000;  // 2023-11-14T22:13:20Z

// The decoder over `input` in pieces; gives the batches.
std::vector<record::RecordBatch> Decode(Decoder& decoder, std::string_view input, size_t piece_bytes) {
  std::vector<record::RecordBatch> batches;
  for (size_t at = 0; at < input.size(); at += piece_bytes) {
    std::string_view piece = input.substr(at, piece_bytes);
    while (!piece.empty()) {
      decoder.Feed(piece);
      if (decoder.Full()) batches.push_back(decoder.TakeBatch(kNow));
    }
  }
  decoder.End();
  if (decoder.rows() > 0) batches.push_back(decoder.TakeBatch(kNow));
  return batches;
}

std::string Encode(const std::vector<record::RecordBatch>& batches) {
  std::string out;
  for (const record::RecordBatch& batch : batches) EncodeLines(batch, out);
  return out;
}

// REQ I-01 I-03 D-01
TEST(NdjsonDecoder, LinesComeBackByteForByteInEveryChunking) {
  const std::string input = std::string("{\"level\":\"INFO\",\"n\":1.50}\n") +
                            "not json\n"
                            "{\"cut\":\n"
                            "{\"a\":1,\"a\":2}\r\n"
                            "\xff\xfe\n" +
                            std::string("nul\0byte\n", 9) + "{\"big\":123456789012345678901234567890e999}\n" +
                            std::string(1000, '[') + "\n" + "{\"last\":true}\n";
  for (const size_t piece_bytes : {size_t{1}, size_t{3}, size_t{17}, size_t{4096}}) {
    Decoder decoder;
    EXPECT_EQ(Encode(Decode(decoder, input, piece_bytes)), input) << piece_bytes;
    const DecodeStats& stats = decoder.stats();
    EXPECT_EQ(stats.lines.lines, 9u);
    EXPECT_EQ(stats.lines.json, 4u);
    EXPECT_EQ(stats.lines.text, 5u);
    EXPECT_EQ(stats.lines.invalid_utf8, 1u);
    EXPECT_EQ(stats.lines.with_nul, 1u);
    EXPECT_EQ(stats.lines.malformed_json, 1u);
    EXPECT_EQ(decoder.line_number(), 9u);
  }
}

TEST(NdjsonDecoder, BlankLinesAreSkippedAndCounted) {
  Decoder decoder;
  EXPECT_EQ(Encode(Decode(decoder, "a\n\n\r\nb", 2)), "a\nb\n");
  EXPECT_EQ(decoder.stats().blank, 2u);
  EXPECT_EQ(decoder.line_number(), 4u);
}

TEST(NdjsonDecoder, ALineBeyondTheLimitIsClippedAndMarked) {
  Decoder decoder({.max_line_bytes = 32});
  const std::string input = "{\"a\":1}\n{\"b\":\"" + std::string(100, 'x') + "\"}\n{\"c\":3}\n";
  EXPECT_EQ(Encode(Decode(decoder, input, 10)),
            "{\"a\":1}\n{\"b\":\"" + std::string(26, 'x') + "…[clipped 76 bytes]\n{\"c\":3}\n");
  EXPECT_EQ(decoder.stats().lines.clipped, 1u);
  EXPECT_EQ(decoder.stats().lines.json, 2u);
}

TEST(NdjsonDecoder, TimesComeFromTheLineOrTheReceipt) {
  Decoder decoder;
  const auto batches = Decode(decoder,
                              "{\"timestamp\":\"2023-11-14T22:13:19Z\"}\n"
                              "{\"message\":\"no time\"}\n"
                              "{\"timestamp\":\"yesterday\"}\n"
                              "{\"timestamp\":\"2099-01-01T00:00:00Z\"}\n"
                              "text\n",
                              1000);
  ASSERT_EQ(batches.size(), 1u);
  const std::vector<int64_t> expected = {kNow - 1'000'000'000, kNow, kNow, 4'070'908'800'000'000'000, kNow};
  EXPECT_EQ(batches[0].timestamp_ns, expected);
  EXPECT_EQ(decoder.stats().time_missing, 2u);
  EXPECT_EQ(decoder.stats().time_unreadable, 1u);
  EXPECT_EQ(decoder.stats().time_future, 1u);
}

TEST(NdjsonDecoder, TheTimeFieldCanBeNamed) {
  Decoder decoder({.time_field = "when.at"});
  const auto batches = Decode(decoder, "{\"when\":{\"at\":\"2023-11-14T22:13:10Z\"}}\n", 5);
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_EQ(batches[0].timestamp_ns[0], kNow - 10'000'000'000);
}

TEST(NdjsonDecoder, HandsOverBatchesAtTheirSize) {
  Decoder decoder({.batch_bytes = 1000});
  std::string input;
  for (int i = 0; i < 200; ++i) input += "{\"number\":" + std::to_string(i) + ",\"text\":\"some words\"}\n";
  const auto batches = Decode(decoder, input, 333);
  EXPECT_GT(batches.size(), 5u);
  EXPECT_EQ(Encode(batches), input);
}

TEST(NdjsonDecoder, ABrokenOffInputKeepsWholeLinesOnly) {
  Decoder decoder;
  std::string_view input = "{\"a\":1}\n{\"b\"";
  decoder.Feed(input);
  EXPECT_TRUE(decoder.DropOpenLine());
  decoder.End();
  EXPECT_EQ(decoder.rows(), 1u);
  EXPECT_EQ(decoder.line_number(), 1u);
}

}  // namespace
}  // namespace taffrail::wire::ndjson
