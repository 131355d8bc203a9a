#include "wire/loki/push.h"

#include <snappy.h>

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "record/row_cursor.h"

namespace taffrail::wire::loki {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kNow = 1'700'000'000'000'000'000;

// What a push holds, one text a record: labels, time, line, attributes.
std::vector<std::string> Records(const DecodedPush& push) {
  std::vector<std::string> records;
  for (const record::RecordBatch& batch : push.batches) {
    record::RowCursor cursor(batch);
    for (size_t row = 0; row < batch.rows(); ++row) {
      cursor.MoveTo(row);
      std::string text;
      for (const auto& [name, value] : batch.streams[batch.stream_of(row)].labels)
        text += name + "=" + value + " ";
      text += std::to_string(batch.timestamp_ns[row]) + " ";
      cursor.AppendLine(text);
      text += " ";
      cursor.AppendAttributes(text);
      records.push_back(text);
    }
  }
  return records;
}

std::vector<std::string> RecordsOfJson(std::string_view body) {
  const auto push = DecodeJson(body, kNow);
  EXPECT_TRUE(push.ok()) << push.status();
  return push.ok() ? Records(*push) : std::vector<std::string>();
}

std::string ErrorOfJson(std::string_view body, const PushLimits& limits = {}) {
  return std::string(DecodeJson(body, kNow, limits).status().message());
}

// REQ I-01
TEST(LokiJson, StreamsEntriesAndMetadata) {
  EXPECT_THAT(
      RecordsOfJson(R"({"streams":[
        {"stream":{"b":"2","a":"1"},"values":[
          ["1700000000000000001","{\"level\":\"INFO\"}"],
          ["1700000000000000002","plain \u00e9 text",{"trace_id":"t1","attempt":"2"}]]},
        {"stream":{"app":"x"},"values":[["3","y",{"n":7,"b":true,"z":null}]]}]})"),
      ElementsAre("a=1 b=2 1700000000000000001 {\"level\":\"INFO\"} ",
                  "a=1 b=2 1700000000000000002 plain \xc3\xa9 text {\"attempt\":\"2\",\"trace_id\":\"t1\"}",
                  "app=x 3 y {\"b\":\"true\",\"n\":\"7\"}"));
}

TEST(LokiJson, MembersMayComeInAnyOrderAndUnknownOnesAreSkipped) {
  EXPECT_THAT(RecordsOfJson(R"({"x":[1,{"y":2}],"streams":[{"values":[["1","late",{},"more"]],"z":0,
                               "stream":{"a":"1"}}]})"),
              ElementsAre("a=1 1 late "));
  EXPECT_THAT(RecordsOfJson(R"({"streams":[{"values":[["1","bare"]]}]})"), ElementsAre("1 bare "));
  EXPECT_THAT(RecordsOfJson(R"({"streams":[]})"), ElementsAre());
}

TEST(LokiJson, TheTimeOfTheEntryWins) {
  EXPECT_THAT(
      RecordsOfJson(
          R"({"streams":[{"stream":{},"values":[["5","{\"timestamp\":\"2020-01-01T00:00:00Z\"}"]]}]})"),
      ElementsAre("5 {\"timestamp\":\"2020-01-01T00:00:00Z\"} "));
}

TEST(LokiJson, OneOddLineCostsNoOther) {
  const std::string body =
      "{\"streams\":[{\"stream\":{},\"values\":[[\"1\",\"before\"],[\"2\",\"\xff\xfe\"],"
      "[\"3\",\"half \\ud800 pair\"],[\"4\",\"ends\\n\"],[\"5\",\"after\"]]}]}";
  const auto push = DecodeJson(body, kNow);
  ASSERT_TRUE(push.ok()) << push.status();
  EXPECT_THAT(Records(*push),
              ElementsAre("1 before ", "2 \xff\xfe ", "3 half \xef\xbf\xbd pair ", "4 ends ", "5 after "));
  EXPECT_EQ(push->stats.lines.lines, 5u);
  EXPECT_EQ(push->stats.lines.invalid_utf8, 1u);
}

TEST(LokiJson, LongLinesAreClippedAndFutureCounted) {
  PushLimits limits;
  limits.max_line_bytes = 10;
  const auto push = DecodeJson(
      R"({"streams":[{"stream":{},"values":[["1","0123456789abc"],["1800000000000000000","next"]]}]})", kNow,
      limits);
  ASSERT_TRUE(push.ok()) << push.status();
  EXPECT_THAT(Records(*push), ElementsAre("1 0123456789…[clipped 3 bytes] ", "1800000000000000000 next "));
  EXPECT_EQ(push->stats.lines.clipped, 1u);
  EXPECT_EQ(push->stats.time_future, 1u);
}

TEST(LokiJson, ErrorsNameStreamAndEntry) {
  EXPECT_EQ(ErrorOfJson("nonsense"), "push: expected an object at byte 0 of the body");
  EXPECT_EQ(ErrorOfJson("{}"), "the body has no member \"streams\"");
  EXPECT_EQ(ErrorOfJson(R"({"streams":[{"stream":{},"values":[["1","a"],[2,"b"]]}]})"),
            "streams[0].values[1]: expected a timestamp in a string at byte 46 of the body");
  EXPECT_THAT(ErrorOfJson(R"({"streams":[{"stream":{},"values":[]},{"stream":{},"values":[["x","b"]]}]})"),
              HasSubstr("streams[1].values[0]: expected Unix time in nanoseconds, as a string"));
  EXPECT_THAT(ErrorOfJson(R"({"streams":[{"stream":{},"values":[["99999999999999999999","b"]]}]})"),
              HasSubstr("expected Unix time"));
  EXPECT_THAT(ErrorOfJson(R"({"streams":[{"stream":{},"values":[["1"]]}]})"),
              HasSubstr("a timestamp and a line"));
  EXPECT_THAT(ErrorOfJson(R"({"streams":[{"stream":[1]}]})"),
              HasSubstr("streams[0]: expected an object of labels"));
  EXPECT_THAT(ErrorOfJson(R"({"streams":[{"stream":{},"values":[["1","cut)"), HasSubstr("expected a line"));
  EXPECT_THAT(ErrorOfJson(R"({"streams":[]} x)"), HasSubstr("expected the end of the body"));
}

TEST(LokiJson, LabelLimits) {
  PushLimits limits;
  limits.max_labels = 1;
  limits.max_label_value_bytes = 3;
  EXPECT_THAT(ErrorOfJson(R"({"streams":[{"stream":{"a":"1","b":"2"}}]})", limits),
              HasSubstr("streams[0]: 2 labels, more than the 1 allowed"));
  EXPECT_THAT(ErrorOfJson(R"({"streams":[{"stream":{"a":"1234"}}]})", limits),
              HasSubstr("streams[0]: label a: a value of 4 bytes, more than the 3 allowed"));
  EXPECT_THAT(ErrorOfJson(R"({"streams":[{"stream":{"":"1"}}]})", limits),
              HasSubstr("a label without a name"));
  limits.max_body_bytes = 5;
  EXPECT_EQ(DecodeJson("{\"streams\":[]}", kNow, limits).status().code(),
            absl::StatusCode::kResourceExhausted);
}

// Several batches, several streams, every kind of line.
record::RecordBatch Sample() {
  record::BatchBuilder builder;
  builder.SetStream({{"app", "api"}, {"env", "a \"quoted\" one\n"}});
  builder.Append("{\"a\":1}", kNow + 1);
  builder.Append("plain", kNow + 2, "{\"trace_id\":\"t\\\"1\",\"z\":\"\"}");
  builder.SetStream({{"app", "worker"}});
  builder.Append("", -1);
  builder.SetStream({{"app", "api"}, {"env", "a \"quoted\" one\n"}});
  builder.Append("tab\there", 0);
  return builder.Finish();
}

TEST(LokiRoundTrip, Json) {
  const record::RecordBatch batch = Sample();
  const auto push = DecodeJson(EncodeJson(batch), kNow);
  ASSERT_TRUE(push.ok()) << push.status();
  EXPECT_THAT(
      Records(*push),
      ElementsAre(
          "app=api env=a \"quoted\" one\n 1700000000000000001 {\"a\":1} ",
          "app=api env=a \"quoted\" one\n 1700000000000000002 plain {\"trace_id\":\"t\\\"1\",\"z\":\"\"}",
          "app=api env=a \"quoted\" one\n 0 tab\there ", "app=worker -1  "));
}

TEST(LokiRoundTrip, ProtobufGivesTheSameAsJson) {
  const record::RecordBatch batch = Sample();
  const auto push = DecodeProtobuf(EncodeProtobuf(batch), kNow);
  ASSERT_TRUE(push.ok()) << push.status();
  EXPECT_EQ(Records(*push), Records(*DecodeJson(EncodeJson(batch), kNow)));
}

TEST(LokiRoundTrip, ProtobufKeepsInvalidUtf8) {
  record::BatchBuilder builder;
  builder.Append("\xff\xfe", 7);
  const auto push = DecodeProtobuf(EncodeProtobuf(builder.Finish()), kNow);
  ASSERT_TRUE(push.ok()) << push.status();
  EXPECT_THAT(Records(*push), ElementsAre("7 \xff\xfe "));
}

TEST(LokiRoundTrip, LargePushesBecomeSeveralBatches) {
  record::BatchBuilder builder;
  builder.SetStream({{"app", "api"}});
  for (int i = 0; i < 1000; ++i) builder.Append("{\"n\":" + std::to_string(i) + "}", i);
  const record::RecordBatch batch = builder.Finish();
  PushLimits limits;
  limits.batch_bytes = 1000;
  const auto push = DecodeProtobuf(EncodeProtobuf(batch), kNow, limits);
  ASSERT_TRUE(push.ok()) << push.status();
  EXPECT_GT(push->batches.size(), 5u);
  EXPECT_EQ(Records(*push).size(), 1000u);
  EXPECT_EQ(Records(*push)[999], "app=api 999 {\"n\":999} ");
}

TEST(LokiJson, ManySmallStreamsAreManyBatches) {
  std::string body = "{\"streams\":[";
  for (int i = 0; i < 20'000; ++i) {
    if (i > 0) body += ',';
    body += "{\"stream\":{\"id\":\"" + std::to_string(i) + "\"},\"values\":[[\"1\",\"\"]]}";
  }
  body += "]}";
  PushLimits limits;
  limits.batch_bytes = 10'000;
  const auto push = DecodeJson(body, kNow, limits);
  ASSERT_TRUE(push.ok()) << push.status();
  EXPECT_EQ(push->stats.lines.lines, 20'000u);
  EXPECT_GT(push->batches.size(), 10u);
  EXPECT_EQ(Records(*push)[19'999], "id=19999 1  ");
}

std::string Snappy(std::string_view message) {
  std::string out;
  snappy::Compress(message.data(), message.size(), &out);
  return out;
}

std::string ErrorOfProtobuf(std::string_view message) {
  return std::string(DecodeProtobuf(Snappy(message), kNow).status().message());
}

TEST(LokiProtobuf, ErrorsNameStreamAndEntry) {
  EXPECT_EQ(DecodeProtobuf("no snappy", kNow).status().message(), "the body is not a snappy block");
  EXPECT_EQ(DecodeProtobuf("\xff\xff\x03hi", kNow).status().message(), "the body is not a snappy block");
  EXPECT_EQ(ErrorOfProtobuf("\x0a\x05"), "damaged protobuf");
  EXPECT_EQ(ErrorOfProtobuf(std::string("\x0a\x00\x0a\x03\x0a\x01x", 7)),
            "streams[1]: labels: expected '{' at offset 0");
  // streams[0].entries[0].timestamp.nanos = 2^31 - 1
  EXPECT_EQ(ErrorOfProtobuf("\x0a\x0a\x12\x08\x0a\x06\x10\xff\xff\xff\xff\x07"),
            "streams[0]: entries[0]: the timestamp 0 s 2147483647 ns is out of range");
}

TEST(LokiProtobuf, AnEntryWithoutTimeGetsTheReceipt) {
  const auto push = DecodeProtobuf(Snappy("\x0a\x05\x12\x03\x12\x01x"), kNow);
  ASSERT_TRUE(push.ok()) << push.status();
  EXPECT_THAT(Records(*push), ElementsAre("1700000000000000000 x "));
  EXPECT_EQ(push->stats.time_missing, 1u);
}

TEST(LokiProtobuf, APromiseBeyondTheLimitIsRefusedUnread) {
  PushLimits limits;
  limits.max_body_bytes = 1000;
  EXPECT_EQ(DecodeProtobuf(Snappy(std::string(2000, 'x')), kNow, limits).status().code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace taffrail::wire::loki
