#include "net/body_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/codec_for_tests.h"
#include "net/problem.h"

namespace taffrail::net {
namespace {

using ::testing::HasSubstr;

std::string Sample() {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "line " + std::to_string(i * 7919 % 20'011) + " of the sample\n";
  return text;
}

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(BodyDecoder, UndoesEveryEncoding) {  // REQ I-04
  const std::string text = Sample();
  EXPECT_EQ(DecodeBody("gzip", Gzip(text), {}).value(), text);
  EXPECT_EQ(DecodeBody("X-GZIP", Gzip(text), {}).value(), text);
  EXPECT_EQ(DecodeBody("deflate", Deflate(text, 15), {}).value(), text);
  EXPECT_EQ(DecodeBody("deflate", Deflate(text, -15), {}).value(), text);
  EXPECT_EQ(DecodeBody("zstd", Zstd(text), {}).value(), text);
  EXPECT_EQ(DecodeBody("", text, {}).value(), text);
  EXPECT_EQ(DecodeBody("gzip", Gzip(""), {}).value(), "");
  EXPECT_EQ(DecodeBody("zstd", Zstd(""), {}).value(), "");
}

TEST(BodyDecoder, TakesMembersInARow) {
  EXPECT_EQ(DecodeBody("gzip", Gzip("one ") + Gzip("") + Gzip("two"), {}).value(), "one two");
  EXPECT_EQ(DecodeBody("zstd", Zstd("one ") + Zstd("") + Zstd("two"), {}).value(), "one two");
}

TEST(BodyDecoder, TakesAnyChunkingOfInputAndOutput) {
  const std::string text = Sample().substr(0, 5000);
  for (const auto& [name, encoded] :
       {std::pair("gzip", Gzip(text) + Gzip(text)), std::pair("zstd", Zstd(text) + Zstd(text)),
        std::pair("deflate", Deflate(text + text, -15))}) {
    auto decoder = BodyDecoder::Create(name, {}).value();
    std::string out;
    for (const char c : encoded) {
      std::string_view input(&c, 1);
      size_t before = 0;
      do {
        before = out.size();
        ASSERT_TRUE(decoder->Decode(input, out, 3).ok());
        ASSERT_LE(out.size() - before, 3U);
      } while (!input.empty() || out.size() != before);
    }
    EXPECT_TRUE(decoder->Finish().ok());
    EXPECT_EQ(out, text + text) << name;
  }
}

TEST(BodyDecoder, EveryTruncationIsNamed) {
  for (const auto& [name, encoded] :
       {std::pair("gzip", Gzip("hello, hello")), std::pair("deflate", Deflate("hello, hello", 15)),
        std::pair("zstd", Zstd("hello, hello"))}) {
    for (size_t size = 0; size < encoded.size(); ++size) {
      const auto result = DecodeBody(name, std::string_view(encoded).substr(0, size), {});
      ASSERT_EQ(result.status().code(), absl::StatusCode::kDataLoss) << name << " " << size;
      EXPECT_THAT(Message(result.status()), HasSubstr("stops short"));
      EXPECT_EQ(HttpStatusOf(result.status()), 400);
    }
  }
}

TEST(BodyDecoder, RefusesGarbage) {
  for (const char* name : {"gzip", "deflate", "zstd"}) {
    const auto result = DecodeBody(name, "this is plain text, not encoded at all", {});
    EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_THAT(Message(result.status()), HasSubstr(name));
  }
  for (const auto& [name, encoded] :
       {std::pair("gzip", Gzip("x") + "garbage"), std::pair("deflate", Deflate("x", 15) + "garbage"),
        std::pair("zstd", Zstd("x") + "garbage")}) {
    EXPECT_EQ(DecodeBody(name, encoded, {}).status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
  std::string flipped = Gzip(Sample());
  flipped[flipped.size() - 6] ^= 1;  // the CRC
  EXPECT_EQ(DecodeBody("gzip", flipped, {}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(BodyDecoder, RefusesBombs) {  // REQ I-04
  const std::string zeros(64 << 20, '\0');
  const auto by_ratio = DecodeBody("zstd", Zstd(zeros), {});  // about 30 000 to 1
  EXPECT_EQ(by_ratio.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(Message(by_ratio.status()), HasSubstr("bomb"));
  EXPECT_EQ(HttpStatusOf(by_ratio.status()), 413);
  const auto by_size = DecodeBody("gzip", Gzip(zeros), {.max_decoded_bytes = 1 << 20});
  EXPECT_EQ(by_size.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(
      DecodeBody("gzip", Gzip(zeros), {.max_decoded_bytes = zeros.size()}).ok());  // deflate's best is legal
}

TEST(BodyDecoder, RefusesUnknownEncodings) {
  for (const char* name : {"br", "gzip, gzip", "compress"}) {
    const auto decoder = BodyDecoder::Create(name, {});
    ASSERT_FALSE(decoder.ok());
    EXPECT_EQ(HttpStatusOf(decoder.status()), 415);
  }
}

}  // namespace
}  // namespace taffrail::net
