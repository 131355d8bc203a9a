#include "base/compression.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <random>
#include <thread>

namespace taffrail::base {
namespace {

constexpr uint64_t kLimit = 64 << 20;

std::string Compressed(std::string_view data, int level = 3) {
  std::string out;
  EXPECT_TRUE(ZstdCompress(data, level, out).ok());
  return out;
}

// A frame without its content size in the header, as `zstd < pipe` writes.
std::string Streamed(std::string_view data) {
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 0);
  std::string out(ZSTD_compressBound(data.size()), '\0');
  out.resize(ZSTD_compress2(context.get(), out.data(), out.size(), data.data(), data.size()));
  return out;
}

std::string Noise(size_t size_bytes) {
  std::mt19937_64 rng(size_bytes);
  std::string data(size_bytes, '\0');
  for (char& c : data) c = static_cast<char>(rng());
  return data;
}

TEST(CompressionTest, RoundTripsAtEveryLevelAndAppends) {
  for (const int level : {-5, 1, 3, 19}) {
    for (const std::string& data :
         {std::string(), std::string("x"), std::string(1 << 20, 'a'), Noise(300'000)}) {
      std::string packed = "head", back = "HEAD";
      ASSERT_TRUE(ZstdCompress(data, level, packed).ok());
      ASSERT_TRUE(ZstdDecompress(std::string_view(packed).substr(4), kLimit, back).ok());
      EXPECT_EQ(back, "HEAD" + data);
    }
  }
}

TEST(CompressionTest, ReadsStreamedAndConcatenatedFrames) {
  const std::string a = Noise(200'000), b(1 << 20, 'b');
  std::string back;
  ASSERT_TRUE(ZstdDecompress(Streamed(a), kLimit, back).ok());
  EXPECT_EQ(back, a);
  back.clear();
  ASSERT_TRUE(ZstdDecompress(Compressed(a) + Streamed(b) + Compressed(""), kLimit, back).ok());
  EXPECT_EQ(back, a + b);
}

TEST(CompressionTest, RefusesWhatGrowsBeyondTheLimit) {
  const std::string zeros(1 << 20, '\0');
  for (const std::string& bomb : {Compressed(zeros), Streamed(zeros), Compressed("x") + Compressed(zeros)}) {
    std::string out = "kept";
    EXPECT_TRUE(absl::IsInvalidArgument(ZstdDecompress(bomb, zeros.size() - 1, out)));
    EXPECT_EQ(out, "kept");
  }
  std::string out;
  EXPECT_TRUE(ZstdDecompress(Compressed(zeros), zeros.size(), out).ok());
  EXPECT_TRUE(ZstdDecompress(Streamed(zeros), zeros.size(), out).ok());
}

TEST(CompressionTest, EveryCutIsDataLoss) {
  for (const std::string& whole : {Compressed(Noise(500)), Streamed(Noise(500))}) {
    for (size_t size = 0; size < whole.size(); ++size) {
      std::string out;
      EXPECT_TRUE(absl::IsDataLoss(ZstdDecompress(std::string_view(whole).substr(0, size), kLimit, out)))
          << size;
      EXPECT_TRUE(out.empty());
    }
  }
}

TEST(CompressionTest, AnErrorDoesNotSpoilTheNextCall) {
  std::string out;
  EXPECT_FALSE(ZstdDecompress(Streamed(Noise(5000)).substr(0, 3000), kLimit, out).ok());
  ASSERT_TRUE(ZstdDecompress(Streamed("fine"), kLimit, out).ok());
  EXPECT_EQ(out, "fine");
}

TEST(CompressionTest, ThreadsDoNotShareContexts) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([i] {
      const std::string data = Noise(10'000 + i);
      for (int round = 0; round < 20; ++round) {
        std::string back;
        ASSERT_TRUE(ZstdDecompress(Compressed(data), kLimit, back).ok());
        ASSERT_EQ(back, data);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace taffrail::base
