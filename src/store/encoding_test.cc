// Integer and string encodings: every one gives back what it got, and the choice is the cheap one.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <limits>
#include <random>

#include "store/int_encoding.h"
#include "store/string_encoding.h"

namespace taffrail::store {
namespace {

std::vector<std::vector<int64_t>> IntColumns() {
  std::mt19937_64 random(1);
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  std::vector<std::vector<int64_t>> columns = {{},       {0}, {kMin}, {kMax, kMin}, {kMin, kMax, -1, 0, 1},
                                               {5, 5, 5}};
  for (const unsigned bits : {1U, 7U, 8U, 9U, 31U, 33U, 63U}) {
    std::vector<int64_t> column(1000);
    for (int64_t& value : column) value = static_cast<int64_t>(random() >> (64 - bits)) - 17;
    columns.push_back(column);
    int64_t sum = 0;
    for (int64_t& value : column)
      value = sum = static_cast<int64_t>(static_cast<uint64_t>(sum) + (random() >> (64 - bits)));
    columns.push_back(column);
  }
  return columns;
}

TEST(IntEncoding, EveryEncodingThatAcceptsAColumnGivesItBack) {
  for (const IntEncoding& encoding : IntEncodings()) {
    for (const std::vector<int64_t>& values : IntColumns()) {
      SCOPED_TRACE(fmt::format("{} {} values", encoding.name, values.size()));
      const IntStats stats = StatsOf(values);
      if (encoding.cost_bits(values, stats) == SIZE_MAX) continue;
      std::string bytes;
      encoding.encode(values, stats, bytes);
      std::vector<int64_t> back(values.size(), 42);
      base::ByteReader reader(bytes);
      ASSERT_TRUE(encoding.decode(reader, back));
      EXPECT_TRUE(reader.AtEnd());
      EXPECT_EQ(back, values);
      for (size_t size = 0; size < bytes.size(); ++size) {  // cut short: refused or all there
        base::ByteReader cut(std::string_view(bytes).substr(0, size));
        EXPECT_FALSE(encoding.decode(cut, back) && back != values);
      }
    }
  }
}

TEST(IntEncoding, IdsAreUnique) {
  for (const IntEncoding& a : IntEncodings()) {
    EXPECT_EQ(std::count_if(IntEncodings().begin(), IntEncodings().end(),
                            [&](const IntEncoding& b) { return a.id == b.id; }),
              1);
  }
}

TEST(IntEncoding, ConstantsAndStepsTakeAFewBytes) {
  std::vector<int64_t> values(10'000, 1'700'000'000'000'000'000);
  std::string bytes;
  EncodeInts(values, bytes);
  EXPECT_LT(bytes.size(), 12U);
  for (size_t i = 0; i < values.size(); ++i) values[i] += static_cast<int64_t>(i) * 1000;
  bytes.clear();
  EncodeInts(values, bytes);
  EXPECT_LT(bytes.size(), 20U);
}

record::StringData Strings(const std::vector<std::string>& values) {
  record::StringData data;
  for (const std::string& value : values) data.Append(value);
  return data;
}

std::vector<record::StringData> StringColumns() {
  std::vector<record::StringData> columns;
  columns.push_back(Strings({}));
  columns.push_back(Strings({""}));
  columns.push_back(Strings({"a", "a", "a"}));
  columns.push_back(Strings({"", "", std::string(100'000, 'x'), "\0\x1e\xff"}));
  record::StringData few;
  record::StringData many;
  for (int i = 0; i < 20'000; ++i) {
    few.Append(fmt::format("user-{}", i % 300));
    many.Append(fmt::format("req_{:08x}", i * 2654435761U));
  }
  columns.push_back(few);
  columns.push_back(many);
  return columns;
}

TEST(StringEncoding, EveryEncodingThatAcceptsAColumnGivesItBack) {
  for (const record::StringData& values : StringColumns()) {
    Dictionary built;
    const Dictionary* dictionary = Dictionary::Build(values, built) ? &built : nullptr;
    for (const StringEncoding& encoding : StringEncodings()) {
      SCOPED_TRACE(fmt::format("{} {} values", encoding.name, values.size()));
      if (!encoding.suits(values, dictionary)) continue;
      std::string bytes;
      encoding.encode(values, dictionary, bytes);
      record::StringData back;
      base::ByteReader reader(bytes);
      ASSERT_TRUE(encoding.decode(reader, values.size(), back));
      EXPECT_TRUE(reader.AtEnd());
      EXPECT_EQ(back.raw_bytes(), values.raw_bytes());
      EXPECT_EQ(back.raw_ends(), values.raw_ends());
    }
  }
}

TEST(StringEncoding, DictionariesAreForValuesThatRepeat) {
  const std::vector<record::StringData> columns = StringColumns();
  Dictionary dictionary;
  EXPECT_TRUE(Dictionary::Build(columns[4], dictionary));
  EXPECT_EQ(dictionary.entries.size(), 300U);
  EXPECT_FALSE(Dictionary::Build(columns[5], dictionary));
}

TEST(StringEncoding, ABombIsRefused) {
  std::string bytes;
  bytes.push_back(static_cast<char>(kStringConstant.id));
  base::PutString(bytes, std::string(1 << 20, 'x'));
  record::StringData out;
  base::ByteReader reader(bytes);
  EXPECT_FALSE(DecodeStrings(reader, 65536, out));  // 64 GiB
}

}  // namespace
}  // namespace taffrail::store
