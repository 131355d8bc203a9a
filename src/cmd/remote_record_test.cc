#include "cmd/remote_record.h"

#include <gtest/gtest.h>

#include "server/record_json.h"

namespace taffrail::cmd {
namespace {

TEST(RemoteRecord, ReadsWhatTheServerWrites) {  // REQ P-01
  const record::Labels labels = {{"app", "api \"1\""}, {"env", "prod"}};
  for (const std::string_view line :
       {R"({"a": {"b":[1,2.50]},"c":"é\u00e9"})", "plain text", "quote \" and \\ and \x01", "{}"}) {
    query::exec::LogRow row;
    row.timestamp_ns = 1'761'834'225'123'456'789;
    row.sequence = 17;
    row.labels = &labels;
    row.line = line;
    row.attributes = R"({"trace_id":"t1"})";
    std::string json;
    server::AppendRecordJson(row, json);
    RemoteRecordReader reader;
    const auto read = reader.Record(json);
    ASSERT_TRUE(read.ok()) << read.status() << json;
    EXPECT_EQ(read->timestamp_ns, row.timestamp_ns);
    EXPECT_EQ(read->sequence, 17u);
    EXPECT_EQ(*read->labels, labels);
    EXPECT_EQ(read->line, line);
    EXPECT_EQ(read->attributes, row.attributes);
  }
}

TEST(RemoteRecord, ReadsRowsOfTables) {
  RemoteRecordReader reader;
  std::vector<std::string> columns;
  std::vector<expr::Value> values;
  ASSERT_TRUE(reader.TableRow(R"({"path":"/a","count":12,"p95":1.50,"none":null})", columns, values).ok());
  EXPECT_EQ(columns, (std::vector<std::string>{"path", "count", "p95", "none"}));
  ASSERT_EQ(values.size(), 4u);
  EXPECT_EQ(expr::ToText(values[0]), "/a");
  EXPECT_EQ(expr::ToText(values[1]), "12");
  EXPECT_EQ(expr::ToText(values[2]), "1.50");
  EXPECT_EQ(expr::ToText(values[3]), "");
}

TEST(RemoteRecord, RefusesAnythingElse) {
  RemoteRecordReader reader;
  for (const std::string_view json : {"", "[]", "{}", "<html>", R"({"timestamp":"soon","record":{}})",
                                      R"({"record":1)", R"({"timestamp":"2025-01-01T00:00:00Z"})"}) {
    EXPECT_FALSE(reader.Record(json).ok()) << json;
  }
}

}  // namespace
}  // namespace taffrail::cmd
