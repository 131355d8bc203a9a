#include "ingest/file_reader.h"

#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <fstream>
#include <string>
#include <thread>

#include "base/compression.h"
#include "base/mem_env.h"
#include "gtest/gtest.h"

namespace taffrail::ingest {
namespace {

void Write(base::Env& env, const std::string& path, std::string_view bytes) {
  auto file = env.Create(path);
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE((*file)->Append(bytes).ok());
}

std::string Gzip(const std::string& text) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Zstd(const std::string& text) {
  std::string out;
  EXPECT_TRUE(base::ZstdCompress(text, 3, out).ok());
  return out;
}

struct Content {
  std::string text;
  absl::Status status;
};

Content ReadAll(base::Env& env, const std::string& path) {
  Content content;
  auto reader = FileReader::Open(env, path);
  EXPECT_TRUE(reader.ok()) << reader.status();
  std::string chunk;
  while (true) {
    const absl::StatusOr<bool> more = (*reader)->Next(chunk);
    content.status = more.status();
    if (!more.ok() || !*more) break;
    content.text += chunk;
    EXPECT_LE((*reader)->bytes_read(), (*reader)->bytes_total());
  }
  if (content.status.ok()) {
    EXPECT_EQ((*reader)->bytes_read(), (*reader)->bytes_total());
  }
  return content;
}

std::string Lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i)
    text += "{\"n\":" + std::to_string(i * 7919) + ",\"text\":\"some words\"}\n";
  return text;
}

TEST(FileReader, TellsTheFormatByItsFirstBytes) {
  base::MemEnv env;
  const std::string text = Lines(30'000);  // several reads
  Write(env, "/plain", text);
  Write(env, "/odd-name.zst", Gzip(text));
  Write(env, "/log.1", Zstd(text));
  Write(env, "/members", Gzip("first\n") + Gzip("second\n"));
  EXPECT_EQ(ReadAll(env, "/plain").text, text);
  EXPECT_EQ(ReadAll(env, "/odd-name.zst").text, text);
  EXPECT_EQ(ReadAll(env, "/log.1").text, text);
  EXPECT_EQ(ReadAll(env, "/members").text, "first\nsecond\n");
}

TEST(FileReader, EmptyAndShortFiles) {
  base::MemEnv env;
  Write(env, "/empty", "");
  Write(env, "/short", "ab");
  EXPECT_EQ(ReadAll(env, "/empty").text, "");
  EXPECT_TRUE(ReadAll(env, "/empty").status.ok());
  EXPECT_EQ(ReadAll(env, "/short").text, "ab");
}

TEST(FileReader, GivesWhatWasReadableBeforeTheDamage) {
  base::MemEnv env;
  const std::string text = Lines(30'000);
  const std::string gzip = Gzip(text);
  Write(env, "/cut", gzip.substr(0, gzip.size() / 2));
  const Content cut = ReadAll(env, "/cut");
  EXPECT_EQ(cut.status.code(), absl::StatusCode::kDataLoss) << cut.status;
  EXPECT_NE(cut.status.message().find("/cut"), std::string::npos);
  EXPECT_GT(cut.text.size(), text.size() / 3);
  EXPECT_TRUE(text.starts_with(cut.text));
}

// As `zstd --long` does: the frame asks its reader for a window of 128 MiB.
std::string ZstdLong(const std::string& text) {
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 27);
  std::string out(ZSTD_compressBound(text.size()), '\0');
  ZSTD_inBuffer input{text.data(), text.size(), 0};
  ZSTD_outBuffer output{out.data(), out.size(), 0};
  EXPECT_FALSE(
      ZSTD_isError(ZSTD_compressStream2(context, &output, &input, ZSTD_e_flush)));  // size not yet known
  EXPECT_EQ(ZSTD_compressStream2(context, &output, &input, ZSTD_e_end), 0u);
  ZSTD_freeCCtx(context);
  out.resize(output.pos);
  return out;
}

TEST(FileReader, ReadsLongWindows) {
  base::MemEnv env;
  Write(env, "/long.zst", ZstdLong("one\ntwo\n"));
  const Content content = ReadAll(env, "/long.zst");
  EXPECT_TRUE(content.status.ok()) << content.status;
  EXPECT_EQ(content.text, "one\ntwo\n");
}

TEST(FileReader, ReadsPipes) {
  const std::string path = testing::TempDir() + "/taffrail_pipe_" + std::to_string(getpid());
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const std::string text(1 << 20, 'x');
  std::thread writer([&] {
    std::ofstream pipe(path, std::ios::binary);
    pipe << Gzip(text);
  });
  auto reader = FileReader::Open(base::Env::Posix(), path);
  ASSERT_TRUE(reader.ok()) << reader.status();
  std::string got;
  std::string chunk;
  while (true) {
    const absl::StatusOr<bool> more = (*reader)->Next(chunk);
    ASSERT_TRUE(more.ok()) << more.status();
    if (!*more) break;
    got += chunk;
  }
  writer.join();
  unlink(path.c_str());
  EXPECT_EQ(got, text);
}

TEST(FileReader, AMissingFileIsNamed) {
  base::MemEnv env;
  const auto reader = FileReader::Open(env, "/nowhere.log");
  EXPECT_EQ(reader.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(reader.status().message().find("/nowhere.log"), std::string::npos);
}

}  // namespace
}  // namespace taffrail::ingest
