#include "server/answer_writer.h"

#include <string>

#include "gtest/gtest.h"

namespace taffrail::server {
namespace {

using query::exec::LogRow;

const record::Labels kLabels = {{"app", "a\"b"}};

std::string Records(AnswerFormat format) {
  std::string out;
  AnswerWriter writer(format, 1, [&](std::string& text) {
    out += text;
    text.clear();
    return true;
  });
  EXPECT_TRUE(writer.OnColumns({}));
  EXPECT_TRUE(
      writer.OnRecord({.timestamp_ns = 0, .sequence = 7, .labels = &kLabels, .line = "{\"n\":1.50}\r"}));
  EXPECT_TRUE(writer.OnRecord(
      {.timestamp_ns = 1, .labels = &kLabels, .line = "a,\"b\"\xff", .attributes = "{\"k\":\"v\"}"}));
  EXPECT_EQ(writer.rows(), 2u);
  return out + writer.Finish();
}

std::string Table(AnswerFormat format) {
  AnswerWriter writer(format, SIZE_MAX, nullptr);
  EXPECT_TRUE(writer.OnColumns({"path", "n"}));
  EXPECT_TRUE(writer.OnRow({expr::Value(std::string("/a,b")), expr::Value(int64_t{3})}));
  EXPECT_TRUE(writer.OnRow({expr::Value(expr::Missing()), expr::Value(true)}));
  return writer.Finish();
}

TEST(AnswerWriter, RecordsInEachFormat) {
  const std::string first =
      R"({"timestamp":"1970-01-01T00:00:00.000000000Z","sequence":7,"stream":{"app":"a\"b"},)"
      R"("record":{"n":1.50} })";
  const std::string second =
      "{\"timestamp\":\"1970-01-01T00:00:00.000000001Z\",\"stream\":{\"app\":\"a\\\"b\"},"
      "\"attributes\":{\"k\":\"v\"},\"record\":\"a,\\\"b\\\"\xef\xbf\xbd\"}";
  EXPECT_EQ(Records(AnswerFormat::kNdjson), first + "\n" + second + "\n");
  EXPECT_EQ(Records(AnswerFormat::kJson), "{\"records\":[" + first + ",\n" + second + "]}\n");
  EXPECT_EQ(Records(AnswerFormat::kRaw), "{\"n\":1.50}\r\na,\"b\"\xff\n");
  EXPECT_EQ(Records(AnswerFormat::kCsv),
            "timestamp,line\r\n"
            "1970-01-01T00:00:00.000000000Z,\"{\"\"n\"\":1.50}\r\"\r\n"
            "1970-01-01T00:00:00.000000001Z,\"a,\"\"b\"\"\xff\"\r\n");
}

TEST(AnswerWriter, TablesInEachFormat) {
  EXPECT_EQ(Table(AnswerFormat::kNdjson), "{\"path\":\"/a,b\",\"n\":3}\n{\"path\":null,\"n\":true}\n");
  EXPECT_EQ(Table(AnswerFormat::kRaw), Table(AnswerFormat::kNdjson));
  EXPECT_EQ(Table(AnswerFormat::kJson),
            "{\"columns\":[\"path\",\"n\"],\"rows\":[[\"/a,b\",3],\n[null,true]]}\n");
  EXPECT_EQ(Table(AnswerFormat::kCsv), "path,n\r\n\"/a,b\",3\r\n,true\r\n");
}

TEST(AnswerWriter, StopsWhenNoMoreIsWanted) {
  AnswerWriter writer(AnswerFormat::kRaw, 1, [](std::string&) { return false; });
  EXPECT_TRUE(writer.OnColumns({}));
  EXPECT_FALSE(writer.OnRecord({.labels = &kLabels, .line = "x"}));
}

}  // namespace
}  // namespace taffrail::server
