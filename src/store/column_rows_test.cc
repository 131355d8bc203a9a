// What encodings are told of rows, what they remember of columns, and how long lines are without writing
// them.
#include "store/column_rows.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "record/batch_builder.h"
#include "record/row_cursor.h"
#include "store/encoding_memory.h"
#include "store/line_bytes.h"

namespace taffrail::store {
namespace {

// Columns that every row has, that every second has, and that a few have.
record::RecordBatch MixedBatch() {
  record::BatchBuilder builder;
  for (int i = 0; i < 2000; ++i) {
    std::string line = fmt::format(R"({{"all":{})", i);
    if (i % 2 == 1) line += R"(,"half":"x\"y")";
    if (i % 97 == 3) line += fmt::format(R"(,"few":{})", i * -0.25);
    if (i % 97 == 5) line += fmt::format(R"(,"more":[1],"few":{}.{:03})", i, i);
    builder.Append(line + "}", int64_t{i} * 1000);
  }
  return builder.Finish();
}

TEST(ColumnRows, AreThoseWhoseShapeHasTheColumn) {
  const record::RecordBatch batch = MixedBatch();
  ColumnRows rows(batch);
  for (int round = 0; round < 2; ++round) {
    for (size_t c = 0; c < batch.columns.size(); ++c) {
      std::vector<int64_t> times;
      std::vector<uint32_t> shapes;
      for (size_t row = 0; row < batch.rows(); ++row) {
        const auto& holes = batch.shapes[batch.shape[row]].holes;
        if (std::none_of(holes.begin(), holes.end(), [c](const auto& hole) { return hole.column == c; }))
          continue;
        times.push_back(batch.timestamp_ns[row]);
        shapes.push_back(batch.shape[row]);
      }
      const auto found_times = rows.Times(c);
      EXPECT_EQ(std::vector<int64_t>(found_times.begin(), found_times.end()), times)
          << batch.columns[c].key.path;
      const auto found_shapes = rows.Shapes(c);
      EXPECT_EQ(std::vector<uint32_t>(found_shapes.begin(), found_shapes.end()), shapes);
      std::sort(shapes.begin(), shapes.end());
      EXPECT_EQ(rows.OneShape(c), shapes.front() == shapes.back());
    }
  }
}

TEST(LineBytes, AreThoseOfTheLinesWrittenOut) {
  record::BatchBuilder builder;
  for (const std::string number :
       {"0", "-1", "9", "10", "-10", "99", "100", "9223372036854775807", "-9223372036854775807", "0.5",
        "-0.05", "10.00", "123.456", "0.000001", "-99.9", "1e9", "true", "false"}) {
    builder.Append(fmt::format(R"({{"n":{},"s":"a\n\u0001\"é"}})", number), 0);
  }
  builder.Append("no JSON", 0);
  for (const record::RecordBatch& batch : {builder.Finish(), MixedBatch()}) {
    record::RowCursor cursor(batch);
    std::string text;
    for (size_t row = 0; row < batch.rows(); ++row) {
      cursor.MoveTo(row);
      cursor.AppendLine(text);
      text.push_back('\n');
    }
    EXPECT_EQ(LineBytes(batch), text.size());
  }
}

TEST(EncodingMemory, ForgetsWhatDoesNotSuitAnyMore) {
  EncodingMemory memory;
  const auto column = [](auto make) {
    record::Column result;
    result.key.path = "id";
    for (int i = 0; i < 5000; ++i) result.strings.Append(make(i));
    return result;
  };
  const auto check = [&memory](const record::Column& values) {
    Dictionary built;
    const Dictionary* dictionary = Dictionary::Build(values.strings, built) ? &built : nullptr;
    ChunkOut out;
    memory.EncodeStrings(values, dictionary, {}, out);
    base::ByteReader reader(out.bytes);
    record::StringData back;
    ASSERT_TRUE(DecodeStrings(reader, values.size(), {}, back) && reader.AtEnd());
    EXPECT_EQ(back.raw_bytes(), values.strings.raw_bytes());
  };
  const record::Column times =
      column([](int i) { return fmt::format("2026-01-05T08:{:02}:{:02}Z", i / 60 % 60, i % 60); });
  const record::Column ids = column([](int i) { return fmt::format("job_{}", i * 7919); });
  const record::Column names = column([](int i) { return fmt::format("name {}", i % 100); });
  for (int i = 0; i < 12; ++i) {
    check(times);
    if (i % 3 == 1) check(ids);
    if (i % 4 == 1) check(names);
  }
  // Dictionaries, of entries of another kind each time.
  const record::Column minutes = column([](int i) { return fmt::format("2026-01-05T08:{:02}:00Z", i % 60); });
  for (int i = 0; i < 12; ++i) {
    check(i % 4 < 2 ? names : minutes);
  }
}

}  // namespace
}  // namespace taffrail::store
