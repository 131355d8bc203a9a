#include "record/batch_builder.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "record/lines_for_tests.h"
#include "record/row_cursor.h"

namespace taffrail::record {
namespace {

RecordBatch Build(const std::vector<std::string>& lines) {
  BatchBuilder builder;
  for (const std::string& line : lines) builder.Append(line, 0);
  return builder.Finish();
}

Kind KindOf(const std::string& value) {
  const RecordBatch batch = Build({"{\"a\":" + value + "}"});
  return batch.columns.at(0).key.kind;
}

TEST(BatchBuilderTest, GivesEveryLineBackByteForByte) {  // REQ D-01
  const std::vector<std::string> lines = {
      R"({"level":"INFO","ctx":{"id":"r1"},"took":15.90,"tx":null,"tags":["a"]})",
      R"({"level":"WARN","ctx":{"id":"r2"},"took":7,"tx":null,"tags":[]})",
      R"({"t": {"$date" : "x"},"s":"I",  "c":"NETWORK" })",
      R"({"a":1,"a":2,"b":{},"c":{"d":{}}})",
      R"({"e":1.19e-7,"f":-0,"g":-0.0,"h":123456789012345678901234567890,"i":0.05,"j":-12.340})",
      R"({"k":9223372036854775807})",
      R"({"k":-9223372036854775808,"l":9223372036854775808,"m":1767600000123456789})",
      R"({"s":"a\"b\\c\nd","t":"\u00e9\/","u":"\u001f\u0000","v":"\u001F"})",
      R"({"id.orig_h":"1.2.3.4","id":{"orig_h":"twice"},"":{"":1}})",
      "not json at all",
      "{\"truncated\":\"li",
      "{\"crlf\":1}\r",
      std::string("nul\0byte", 8),
      "\xff\xfe invalid utf-8",
      "{\"bad\":\"\xc3\x28\"}",
      "[1,2,3]",
      "\"just a string\"",
      "{}",
      " { } ",
      R"({"x":tru})",
      R"({"x":01})",
      R"({"x":[1,,2]})",
      R"({"ключ":"значение — 日本"})",
  };
  EXPECT_EQ(LinesOf(Build(lines)), lines);
}

TEST(BatchBuilderTest, SortsValuesIntoKinds) {
  EXPECT_EQ(KindOf(R"("x")"), Kind::kString);
  EXPECT_EQ(KindOf(R"("x\n\"")"), Kind::kString);
  EXPECT_EQ(KindOf(R"("\u0001")"), Kind::kString);
  EXPECT_EQ(KindOf(R"("\u000a")"), Kind::kEscaped);  // our writer says \n
  EXPECT_EQ(KindOf(R"("\u00e9")"), Kind::kEscaped);
  EXPECT_EQ(KindOf(R"("\/")"), Kind::kEscaped);
  EXPECT_EQ(KindOf("-12"), Kind::kInteger);
  EXPECT_EQ(KindOf("1767600000123456789"), Kind::kInteger);
  EXPECT_EQ(KindOf("9223372036854775808"), Kind::kNumber);
  EXPECT_EQ(KindOf("-0"), Kind::kNumber);
  EXPECT_EQ(KindOf("0.10"), Kind::kDecimal);
  EXPECT_EQ(KindOf("1e5"), Kind::kNumber);
  EXPECT_EQ(KindOf("true"), Kind::kBool);
  EXPECT_EQ(KindOf("[1]"), Kind::kJson);
}

TEST(BatchBuilderTest, ReportsTheFormat) {
  BatchBuilder builder;
  EXPECT_EQ(builder.Append("{\"a\":1}", 0), LineFormat::kJson);
  EXPECT_EQ(builder.Append("{\"a\":1", 0), LineFormat::kText);
  EXPECT_EQ(builder.Append("{\"a\":1}x", 0), LineFormat::kText);
  EXPECT_EQ(builder.Append("{\"a\":\"\xff\"}", 0), LineFormat::kInvalidUtf8);
  EXPECT_EQ(builder.Append("{\"a\":\"\x01\"}", 0), LineFormat::kText);
}

TEST(BatchBuilderTest, SharesShapesAndColumns) {
  const RecordBatch batch = Build({R"({"a":1,"b":"x"})", R"({"a":2,"b":"y"})", R"({"a":"3","b":"z"})"});
  EXPECT_EQ(batch.shape, (std::vector<uint32_t>{0, 0, 1}));
  ASSERT_EQ(batch.shapes.size(), 2u);
  EXPECT_EQ(batch.shapes[0].skeleton, "{\"a\":\x03,\"b\":\x01}");
  const int b = batch.FindColumn(Origin::kLine, "b", Kind::kString);
  ASSERT_GE(b, 0);
  EXPECT_EQ(batch.columns[static_cast<size_t>(b)].strings.size(), 3u);
}

TEST(BatchBuilderTest, FirstOfARepeatedKeyIsTheField) {
  const RecordBatch batch = Build({R"({"a":1,"a":"two"})"});
  ASSERT_EQ(batch.columns.size(), 1u);
  EXPECT_EQ(batch.columns[0].integers, std::vector<int64_t>{1});
  EXPECT_TRUE(batch.shapes[0].constants.empty());
}

TEST(BatchBuilderTest, NullsAndEmptyObjectsAreConstants) {
  const RecordBatch batch = Build({R"({"a":null,"b":{"c":{}}})"});
  ASSERT_EQ(batch.shapes[0].constants.size(), 2u);
  EXPECT_EQ(batch.shapes[0].constants[0].path, "a");
  EXPECT_EQ(batch.shapes[0].constants[1].path, "b.c");
  EXPECT_EQ(batch.shapes[0].constants[1].json, "{}");
}

TEST(BatchBuilderTest, DeepNestingIsKeptWholeAndTooDeepIsText) {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "{\"a\":";
  deep += "1";
  deep.append(100, '}');
  const std::string deeper = std::string(2000, '[') + std::string(2000, ']');
  const std::vector<std::string> lines = {deep, "{\"a\":" + deeper + "}"};
  BatchBuilder builder;
  EXPECT_EQ(builder.Append(lines[0], 0), LineFormat::kJson);
  EXPECT_EQ(builder.Append(lines[1], 0), LineFormat::kText);
  const RecordBatch batch = builder.Finish();
  EXPECT_EQ(LinesOf(batch), lines);
  EXPECT_EQ(batch.columns[0].key.kind, Kind::kJson);
}

TEST(BatchBuilderTest, WideLinesKeepTheirFieldsBeyondTheLimitAsConstants) {
  std::string line = "{";
  for (size_t i = 0; i < kMaxLineHoles + 10; ++i) {
    line += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":" + std::to_string(i);
  }
  line += "}";
  const RecordBatch batch = Build({line});
  EXPECT_EQ(LinesOf(batch).at(0), line);
  EXPECT_EQ(batch.columns.size(), kMaxLineHoles);
  ASSERT_EQ(batch.shapes[0].constants.size(), 10u);
  EXPECT_EQ(batch.shapes[0].constants[0].path, "k1024");
  EXPECT_EQ(batch.shapes[0].constants[0].json, "1024");
}

TEST(BatchBuilderTest, EverNewKeysFillABatch) {
  BatchBuilder builder;
  size_t n = 0;
  for (; !builder.Full(); ++n) builder.Append("{\"k" + std::to_string(n) + "\":1}", 0);
  EXPECT_EQ(n, kMaxBatchColumns);
}

TEST(BatchBuilderTest, AttributesAndStreamsStandBesideTheLine) {
  BatchBuilder builder;
  builder.Append("plain", 1);
  builder.SetStream({{"app", "x"}});
  builder.Append(R"({"a":1})", 2, R"({"trace_id":"t1"})");
  builder.Append(R"({"a":2})", 3, R"({"trace_id":"t2"})");
  const RecordBatch batch = builder.Finish();
  EXPECT_EQ(LinesOf(batch), (std::vector<std::string>{"plain", R"({"a":1})", R"({"a":2})"}));
  EXPECT_EQ(batch.stream, (std::vector<uint32_t>{0, 1, 1}));
  EXPECT_EQ(batch.streams[1].labels, (Labels{{"app", "x"}}));
  RowCursor cursor(batch);
  std::string attributes;
  cursor.MoveTo(0);
  cursor.AppendAttributes(attributes);
  EXPECT_EQ(attributes, "");
  cursor.MoveTo(2);
  cursor.AppendAttributes(attributes);
  EXPECT_EQ(attributes, R"({"trace_id":"t2"})");
  EXPECT_GE(batch.FindColumn(Origin::kAttribute, "trace_id", Kind::kString), 0);
}

TEST(BatchBuilderTest, RemembersShapesAcrossBatches) {
  BatchBuilder builder;
  for (int round = 0; round < 3; ++round) {
    const std::vector<std::string> lines = {R"({"a":1,"b":"x"})", "text", R"({"b":"y"})"};
    for (const std::string& line : lines) builder.Append(line, 0);
    EXPECT_EQ(LinesOf(builder.Finish()), lines);
  }
}

TEST(BatchBuilderTest, KeepsTextsThatRepeatOnce) {
  std::vector<std::string> lines;
  for (int i = 0; i < 5000; ++i) {
    const std::string n = std::to_string(i);
    lines.push_back(R"({"few":"w)" + std::to_string(i % 7) + R"(","near":"request-of-some-)" +
                    std::to_string(i / 5) + R"(","own":"line-)" + n + R"(","turns":")" +
                    (i < 100 ? "same" : n) + R"(","e":"a\tb","u":"\u00e9"})");
  }
  const RecordBatch batch = Build(lines);
  EXPECT_EQ(LinesOf(batch), lines);
  const auto column = [&](std::string_view path, Kind kind = Kind::kString) -> const Column& {
    return batch.columns.at(static_cast<size_t>(batch.FindColumn(Origin::kLine, path, kind)));
  };
  EXPECT_EQ(column("few").strings.size(), 7U);
  EXPECT_EQ(column("near").strings.size(), 1000U);
  EXPECT_EQ(column("e").strings.size(), 1U);
  EXPECT_EQ(column("u", Kind::kEscaped).strings.size(), 1U);
  EXPECT_FALSE(column("own").coded());
  EXPECT_FALSE(column("turns").coded());  // many more texts than repeats, in the end
  Column plain = column("near");
  MakePlain(plain);
  EXPECT_FALSE(plain.coded());
  ASSERT_EQ(plain.size(), 5000U);
  for (size_t i = 0; i < plain.size(); ++i) EXPECT_EQ(plain.text(i), column("near").text(i));
}

TEST(RowCursorTest, SkipsForward) {
  std::vector<std::string> lines;
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    const std::string n = std::to_string(i);
    switch (random() % 4) {
      case 0:
        lines.push_back("{\"a\":" + n + "}");
        break;
      case 1:
        lines.push_back("{\"a\":\"" + n + "\",\"b\":" + n + "}");
        break;
      case 2:
        lines.push_back("text " + n);
        break;
      default:
        lines.push_back("{\"b\":" + n + ".50,\"a\":" + n + "}");
    }
  }
  const RecordBatch batch = Build(lines);
  RowCursor cursor(batch);
  for (size_t row = 0; row < lines.size(); row += 1 + random() % 50) {
    cursor.MoveTo(row);
    std::string line;
    cursor.AppendLine(line);
    EXPECT_EQ(line, lines[row]);
  }
}

TEST(AppendUnescapedTest, UndoesEveryEscape) {
  std::string out;
  AppendUnescaped(R"(a\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00\ud800x)", out);
  EXPECT_EQ(out, "a\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbdx");
}

TEST(ParseSkeletonTest, RefusesWhatIsNoSkeleton) {
  Shape shape;
  std::vector<ColumnKey> keys;
  for (const std::string_view bad :
       {"", "x", "{", "{\"a\":\x01", "{\"a\":\x09}", "\x01", "{\"a\":\x01,\"a\":\x01}", "{\"a\":\x01}\x1e",
        "{\"a\":\x01}\x1e[]", "{\x01:1}"}) {
    EXPECT_FALSE(ParseSkeleton(bad, shape, keys)) << bad;
  }
}

}  // namespace
}  // namespace taffrail::record
