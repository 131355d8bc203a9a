// Integer and string encodings: every one gives back what it got, and the choice is the cheap one.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <random>

#include "store/int_encoding.h"
#include "store/int_planes.h"
#include "store/string_encoding.h"
#include "store/template_scan.h"
#include "store/time_layout.h"

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
  std::vector<int64_t> repeating;  // threads of requests, interleaved
  std::vector<int64_t> few;
  std::vector<int64_t> ticks;
  for (int64_t i = 0; i < 3000; ++i) {
    repeating.push_back(static_cast<int64_t>(random() % 5) + i / 40 * 1'000'003);
    few.push_back(static_cast<int64_t>(random() % 7) * kMax / 7);
    ticks.push_back(i * 1'000'000'007 + static_cast<int64_t>(random() % 3));
  }
  std::vector<int64_t> many;  // and rising, over several groups of a delta
  for (int64_t i = 0; i < 20'000; ++i) many.push_back(i * 1000 + static_cast<int64_t>(random() % 70'000));
  columns.push_back(many);
  columns.insert(columns.end(), {repeating, few, ticks, {kMin, kMax, kMin, kMax, 0, kMin}});
  return columns;
}

// Every third value from the second on, the last one twice.
std::vector<uint32_t> SomeOf(size_t count) {
  std::vector<uint32_t> index;
  for (uint32_t i = 1; i < count; i += 3) index.push_back(i);
  if (count > 0) index.insert(index.end(), 2, static_cast<uint32_t>(count - 1));
  return index;
}

// A few of them: encodings read those in another way than many.
std::vector<uint32_t> FewOf(size_t count) {
  std::vector<uint32_t> index;
  for (size_t i = 0; i < 7 && count > 0; ++i) index.push_back(static_cast<uint32_t>(i * (count - 1) / 6));
  return index;
}

// Where each picked value stands when all are ordered by shape.
std::vector<uint32_t> ShapeOrder(const std::vector<uint32_t>& shapes, const std::vector<uint32_t>& index) {
  std::vector<uint32_t> order(shapes.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return shapes[a] < shapes[b]; });
  std::vector<uint32_t> place(shapes.size());
  for (uint32_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  std::vector<uint32_t> picked;
  for (const uint32_t i : index) picked.push_back(place[i]);
  return picked;
}

void ExpectPicks(const IntEncoding& encoding, const std::string& chunk, const std::vector<int64_t>& values,
                 const std::vector<uint32_t>& shapes) {
  for (const std::vector<uint32_t>& index :
       {SomeOf(values.size()), FewOf(values.size()), std::vector<uint32_t>()}) {
    const std::vector<uint32_t> order = ShapeOrder(shapes, index);
    const Picks picks{
        .index = index, .times = {}, .shape_order = [&order] { return std::span<const uint32_t>(order); }};
    std::vector<int64_t> picked(index.size());
    base::ByteReader reader(chunk);
    ASSERT_TRUE(encoding.pick(reader, values.size(), picks, picked));
    EXPECT_TRUE(reader.AtEnd());
    for (size_t i = 0; i < index.size(); ++i) EXPECT_EQ(picked[i], values[index[i]]) << index[i];
  }
}

void ExpectPicks(const std::string& chunk, const StringContext& context, const record::StringData& values) {
  std::span<const int64_t> times;
  if (context.rows.times) times = context.rows.times();
  for (const std::vector<uint32_t>& index :
       {SomeOf(values.size()), FewOf(values.size()), std::vector<uint32_t>()}) {
    std::vector<int64_t> of_picks;
    for (const uint32_t i : index) of_picks.push_back(times.empty() ? 0 : times[i]);
    const Picks picks{.index = index,
                      .times = [&of_picks] { return std::span<const int64_t>(of_picks); },
                      .shape_order = {}};
    record::StringData picked;
    base::ByteReader reader(chunk);
    ASSERT_TRUE(PickStrings(reader, values.size(), context, picks, picked));
    EXPECT_TRUE(reader.AtEnd());
    ASSERT_EQ(picked.size(), index.size());
    for (size_t i = 0; i < index.size(); ++i) EXPECT_EQ(picked[i], values[index[i]]) << index[i];
  }
}

TEST(IntEncoding, EveryEncodingThatAcceptsAColumnGivesItBack) {
  for (const IntEncoding* encoding : IntEncodings()) {
    size_t accepted = 0;
    for (const std::vector<int64_t>& values : IntColumns()) {
      SCOPED_TRACE(fmt::format("{} {} values", encoding->name, values.size()));
      const IntStats stats = StatsOf(values);
      std::vector<uint32_t> shapes(values.size());
      for (size_t i = 0; i < shapes.size(); ++i) shapes[i] = static_cast<uint32_t>(values[i]) % 5;
      const RowContext rows{.shapes = [&shapes] { return std::span<const uint32_t>(shapes); }};
      if (encoding->cost_bits(values, stats, rows) == kNoCost) continue;
      ++accepted;
      ChunkOut out;
      encoding->encode(values, stats, rows, out);
      std::vector<int64_t> back(values.size(), 42);
      base::ByteReader reader(out.bytes);
      ASSERT_TRUE(encoding->decode(reader, rows, back));
      EXPECT_TRUE(reader.AtEnd());
      EXPECT_EQ(back, values);
      ExpectPicks(*encoding, out.bytes, values, shapes);
      const size_t step = 1 + out.bytes.size() / 200;
      for (size_t size = 0; size < out.bytes.size(); size += step) {  // cut short: refused or all there
        base::ByteReader cut(std::string_view(out.bytes).substr(0, size));
        EXPECT_FALSE(encoding->decode(cut, rows, back) && back != values);
      }
    }
    EXPECT_GT(accepted, 0U) << encoding->name;
  }
}

std::string IntEncodingChosen(const std::vector<int64_t>& values) {
  ChunkOut out;
  EncodeInts(values, {}, Effort::kSmall, out);
  return FindIntEncoding(static_cast<uint8_t>(out.bytes[0]))->name;
}

TEST(IntEncoding, TheCheapOneIsChosen) {
  std::mt19937_64 random(7);
  std::vector<int64_t> random_values;
  std::vector<int64_t> counter;
  std::vector<int64_t> timer;
  std::vector<int64_t> ports;
  std::vector<int64_t> requests;
  for (int64_t i = 0; i < 5000; ++i) {
    random_values.push_back(static_cast<int64_t>(random()));
    counter.push_back(i * 1'000'000 + static_cast<int64_t>(random() % 100));
    timer.push_back(i * i * 1000);
    ports.push_back(std::array<int64_t, 3>{80, 443, 50'051}[random() % 3]);
    requests.push_back(static_cast<int64_t>((i / 12 + static_cast<int64_t>(random() % 3)) * 7'919'000'123));
  }
  EXPECT_EQ(IntEncodingChosen({4, 4, 4}), "constant");
  EXPECT_EQ(IntEncodingChosen(random_values), "offset");
  EXPECT_EQ(IntEncodingChosen(counter), "delta");
  EXPECT_EQ(IntEncodingChosen(timer), "delta2");
  EXPECT_EQ(IntEncodingChosen(ports), "dictionary");
  EXPECT_EQ(IntEncodingChosen(requests), "recent");
}

TEST(Encodings, IdsAreUnique) {
  for (const IntEncoding* encoding : IntEncodings()) {
    EXPECT_EQ(FindIntEncoding(encoding->id), encoding);
  }
  for (const StringEncoding* encoding : StringEncodings()) {
    EXPECT_EQ(FindStringEncoding(encoding->id), encoding);
  }
  EXPECT_EQ(FindIntEncoding(0), nullptr);
  EXPECT_EQ(FindStringEncoding(0), nullptr);
}

TEST(IntEncoding, ConstantsAndStepsTakeAFewBytes) {
  for (const Effort effort : {Effort::kFast, Effort::kSmall}) {
    std::vector<int64_t> values(10'000, 1'700'000'000'000'000'000);
    ChunkOut constant;
    EncodeInts(values, {}, effort, constant);
    EXPECT_LT(constant.bytes.size(), 12U);
    for (size_t i = 0; i < values.size(); ++i) values[i] += static_cast<int64_t>(i) * 1000;
    ChunkOut steps;
    EncodeInts(values, {}, effort, steps);
    EXPECT_LT(steps.bytes.size(), 24U);
  }
}

TEST(IntEncoding, NestingEndsAtOnce) {
  std::string bytes(1000, static_cast<char>(kIntRecent.id));
  for (size_t i = 1; i < bytes.size(); i += 2) bytes[i] = 3;
  base::ByteReader reader(bytes);
  std::vector<int64_t> values(100);
  EXPECT_FALSE(DecodeInts(reader, {}, values));
}

record::StringData Strings(const std::vector<std::string>& values) {
  record::StringData data;
  for (const std::string& value : values) data.Append(value);
  return data;
}

template <typename Make>
record::StringData Many(size_t count, Make make) {
  record::StringData data;
  for (size_t i = 0; i < count; ++i) data.Append(make(static_cast<uint64_t>(i)));
  return data;
}

uint64_t Mix(uint64_t i) {  // splitmix64
  i += 0x9e3779b97f4a7c15;
  i = (i ^ (i >> 30)) * 0xbf58476d1ce4e5b9;
  i = (i ^ (i >> 27)) * 0x94d049bb133111eb;
  return i ^ (i >> 31);
}

std::vector<record::StringData> StringColumns() {
  std::vector<record::StringData> columns;
  columns.push_back(Strings({}));
  columns.push_back(Strings({""}));
  columns.push_back(Strings({"a", "a", "a"}));
  columns.push_back(Strings({"", "", std::string(100'000, 'x'), std::string("\0\x1e\xff", 3)}));
  columns.push_back(Many(20'000, [](uint64_t i) { return fmt::format("user-{}", i % 300); }));
  columns.push_back(Many(20'000, [](uint64_t i) { return fmt::format("req_{:08x}", i * 2654435761U); }));
  // Ids of every kind, with what does not fit among them.
  columns.push_back(Many(3000, [](uint64_t i) -> std::string {
    if (i % 97 == 0) return "";
    if (i % 89 == 0) return "GET \x01 /tasks/12";
    if (i % 83 == 0) return std::string("\xff\xfe 12 \0 ab12", 12);
    return fmt::format("GET /tasks/{} from 10.0.{}.{} as {:08X} in {}.{:03}", Mix(i) % 100'000, i % 7,
                       Mix(i) % 256, static_cast<uint32_t>(Mix(i)), i % 9, Mix(i) % 1000);
  }));
  columns.push_back(Many(2000, [](uint64_t i) {
    return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", static_cast<uint32_t>(Mix(i)), Mix(i) >> 48,
                       Mix(i + 7) & 0xfff, Mix(i + 9) >> 48, Mix(i + 3) >> 16);
  }));
  columns.push_back(Many(700, [](uint64_t i) {
    return fmt::format("{}{}", i % 3 == 0 ? "00" : "", Mix(i) >> (i % 60));  // up to 20 digits, padded or not
  }));
  columns.push_back(Many(500, [](uint64_t i) { return std::string(i % 100, 'f') + "0123456789abcdef"; }));
  columns.push_back(Many(500, [](uint64_t i) { return std::string(i % 70, '1') + std::string(i % 5, '.'); }));
  // Times, nearly all.
  columns.push_back(Many(1000, [](uint64_t i) -> std::string {
    if (i % 100 == 50) return "-";
    if (i % 100 == 70) return "2026-02-30T00:00:00.000Z";  // no such day
    return fmt::format("2026-01-05T08:{:02}:{:02}.{:03}Z", i / 60 % 60, i % 60, Mix(i) % 1000);
  }));
  columns.push_back(Many(1000, [](uint64_t i) { return fmt::format("2026/01/05 08:{:02}:00", i % 60); }));
  columns.push_back(Many(100, [](uint64_t i) {
    return fmt::format("9999-12-31 23:59:59{} +0000 UTC", i % 2 == 0 ? ",5" : "");
  }));
  return columns;
}

TEST(StringEncoding, EveryEncodingThatAcceptsAColumnGivesItBack) {
  for (const StringEncoding* encoding : StringEncodings()) {
    size_t accepted = 0;
    for (const record::StringData& values : StringColumns()) {
      Dictionary built;
      const Dictionary* dictionary = Dictionary::Build(values, built) ? &built : nullptr;
      SCOPED_TRACE(fmt::format("{} {} values", encoding->name, values.size()));
      ChunkOut out;
      if (encoding->encode == nullptr || !encoding->encode(values, dictionary, {}, out)) continue;
      ++accepted;
      record::StringData back;
      base::ByteReader reader(out.bytes);
      ASSERT_TRUE(encoding->decode(reader, values.size(), {}, back));
      EXPECT_TRUE(reader.AtEnd());
      EXPECT_EQ(back.raw_bytes(), values.raw_bytes());
      EXPECT_EQ(back.raw_ends(), values.raw_ends());
      out.bytes.insert(out.bytes.begin(), static_cast<char>(encoding->id));
      ExpectPicks(out.bytes, {}, values);
      out.bytes.erase(out.bytes.begin());
      const size_t step = 1 + out.bytes.size() / 100;
      for (size_t size = 0; size < out.bytes.size(); size += step) {  // cut short: refused or all there
        base::ByteReader cut(std::string_view(out.bytes).substr(0, size));
        record::StringData some;
        EXPECT_FALSE(encoding->decode(cut, values.size(), {}, some) &&
                     some.raw_bytes() != values.raw_bytes());
      }
    }
    EXPECT_EQ(accepted > 0, encoding->encode != nullptr) << encoding->name;
  }
}

std::string EncodedBytes(const record::StringData& values, const StringContext& context = {}) {
  Dictionary built;
  const Dictionary* dictionary = Dictionary::Build(values, built) ? &built : nullptr;
  ChunkOut out;
  EncodeStrings(values, dictionary, context, Effort::kSmall, out);
  record::StringData back;
  base::ByteReader reader(out.bytes);
  EXPECT_TRUE(DecodeStrings(reader, values.size(), context, back) && reader.AtEnd());
  ExpectPicks(out.bytes, context, values);
  EXPECT_EQ(back.raw_bytes(), values.raw_bytes());
  EXPECT_EQ(back.raw_ends(), values.raw_ends());
  return out.bytes;
}

TEST(StringEncoding, WhateverIsChosenGivesTheColumnBack) {
  for (const record::StringData& values : StringColumns()) EncodedBytes(values);
}

TEST(StringEncoding, AnIdTakesWhatItsRandomnessNeeds) {
  const std::string hex = EncodedBytes(Many(4096, [](uint64_t i) { return fmt::format("{:032x}", Mix(i)); }));
  EXPECT_LT(hex.size(), 4096 * 8 + 100U);
  const std::string path = EncodedBytes(
      Many(4096, [](uint64_t i) { return fmt::format("GET /tasks/{}?page=2", Mix(i) % 65536); }));
  EXPECT_LT(path.size(), 4096 * 2 + 100U);
}

TEST(StringEncoding, ATimeThatTheRecordHasAlreadyTakesNothing) {
  std::vector<int64_t> times;
  const record::StringData values = Many(5000, [&times](uint64_t i) {
    times.push_back((1'767'600'000'000 + static_cast<int64_t>(Mix(i) % 10'000'000)) * 1'000'000);
    std::string text;
    const TimeLayout layout{.point = '.', .digits = 3, .suffix = "Z"};
    EXPECT_TRUE(layout.Append(times.back() / 1'000'000, text));
    return text;
  });
  const StringContext context{.rows = {.times = [&times] { return std::span<const int64_t>(times); }}};
  EXPECT_LT(EncodedBytes(values, context).size(), 30U);
}

TEST(StringEncoding, DictionariesAreForValuesThatRepeat) {
  const std::vector<record::StringData> columns = StringColumns();
  Dictionary dictionary;
  EXPECT_TRUE(Dictionary::Build(columns[4], dictionary));
  EXPECT_EQ(dictionary.texts.size(), 300U);
  EXPECT_FALSE(Dictionary::Build(columns[5], dictionary));
}

// The column with each text as often as `every` says, and not once.
record::Column CodedColumn(const record::StringData& values, size_t every) {
  record::Column column;
  column.key.kind = record::Kind::kString;
  std::map<std::string_view, uint32_t> known;
  for (size_t i = 0; i < values.size(); ++i) {
    if (i % every == 0) known.clear();
    const auto [entry, added] = known.try_emplace(values[i], static_cast<uint32_t>(column.strings.size()));
    if (added) column.strings.Append(values[i]);
    column.codes.push_back(entry->second);
  }
  return column;
}

TEST(StringEncoding, ACodedColumnIsWrittenAsItsValues) {
  for (const record::StringData& values : StringColumns()) {
    for (const size_t every : {1, 100, 100'000}) {
      const record::Column column = CodedColumn(values, every);
      SCOPED_TRACE(fmt::format("{} values, {} texts", values.size(), column.strings.size()));
      Dictionary of_values;
      Dictionary of_codes;
      const bool repeats = Dictionary::Build(values, of_values);
      ASSERT_EQ(Dictionary::Build(column, of_codes), repeats);
      if (repeats) {
        EXPECT_EQ(of_codes.texts.raw_bytes(), of_values.texts.raw_bytes());
        EXPECT_EQ(of_codes.texts.raw_ends(), of_values.texts.raw_ends());
        EXPECT_EQ(of_codes.first, of_values.first);
        EXPECT_EQ(of_codes.codes, of_values.codes);
      }
      if (!column.coded()) continue;
      const record::StringData plain = record::PlainTexts(column);
      EXPECT_EQ(plain.raw_bytes(), values.raw_bytes());
      EXPECT_EQ(plain.raw_ends(), values.raw_ends());
      ChunkOut out;
      ASSERT_TRUE(EncodeCoded(column, out));
      record::StringData back;
      base::ByteReader reader(out.bytes);
      ASSERT_TRUE(DecodeStrings(reader, values.size(), {}, back) && reader.AtEnd());
      EXPECT_EQ(back.raw_bytes(), values.raw_bytes());
      EXPECT_EQ(back.raw_ends(), values.raw_ends());
      record::StringData texts;
      std::vector<uint32_t> codes;
      base::ByteReader again(out.bytes);
      ASSERT_TRUE(DecodeDictionary(again, values.size(), {}, texts, codes) && again.AtEnd());
      EXPECT_EQ(texts.raw_bytes(), column.strings.raw_bytes());
      EXPECT_EQ(codes, column.codes);
    }
  }
}

TEST(StringEncoding, ACodedColumnOfFewerValuesThanTextsIsNotWritten) {
  record::Column column;
  column.key.kind = record::Kind::kString;
  for (const char* text : {"one", "two", "three"}) column.strings.Append(text);
  column.codes = {2, 0};
  ChunkOut out;
  EXPECT_FALSE(EncodeCoded(column, out));
  EXPECT_TRUE(out.bytes.empty());
}

TEST(StringEncoding, ADictionaryCanBeReadWithoutItsValues) {
  const record::StringData values = StringColumns()[4];
  const std::string bytes = EncodedBytes(values);
  base::ByteReader reader(bytes);
  record::StringData entries;
  std::vector<uint32_t> codes;
  ASSERT_TRUE(DecodeDictionary(reader, values.size(), {}, entries, codes));
  EXPECT_TRUE(reader.AtEnd());
  EXPECT_EQ(entries.size(), 300U);
  ASSERT_EQ(codes.size(), values.size());
  for (size_t i = 0; i < codes.size(); ++i) ASSERT_EQ(entries[codes[i]], values[i]);
  const std::string ids = EncodedBytes(StringColumns()[5]);
  base::ByteReader other(ids);
  EXPECT_FALSE(DecodeDictionary(other, values.size(), {}, entries, codes));
  EXPECT_EQ(other.remaining(), ids.size());
}

TEST(StringEncoding, TheDictionaryOfVersion1IsRead) {
  ChunkOut out;
  out.bytes.push_back(2);
  base::PutVarint(out.bytes, 2);
  base::PutString(out.bytes, "INFO");
  base::PutString(out.bytes, "ERROR");
  EncodeInts(std::vector<int64_t>{0, 1, 0}, {}, Effort::kFast, out);
  base::ByteReader reader(out.bytes);
  record::StringData values;
  ASSERT_TRUE(DecodeStrings(reader, 3, {}, values) && reader.AtEnd());
  EXPECT_EQ(values.raw_bytes(), "INFOERRORINFO");
}

TEST(StringEncoding, ABombIsRefused) {
  std::string bytes;
  bytes.push_back(static_cast<char>(kStringConstant.id));
  base::PutString(bytes, std::string(1 << 20, 'x'));
  record::StringData out;
  base::ByteReader reader(bytes);
  EXPECT_FALSE(DecodeStrings(reader, 65536, {}, out));  // 64 GiB
}

TEST(TimeLayout, WhatItReadsItWritesAgain) {
  for (const std::string text :
       {"2026-01-05T08:00:00.008Z", "2026/01/05 23:59:59", "1969-12-31t00:00:00,123456789+00:00",
        "0001-01-01 00:00:00.0", "9999-12-31 23:59:59.999999 +0000 UTC", "2024-02-29T00:00:00Z"}) {
    TimeLayout layout;
    int64_t value = 0;
    std::string back;
    ASSERT_TRUE(TimeLayout::Infer(text, layout) && layout.Parse(text, value)) << text;
    ASSERT_TRUE(layout.Append(value, back));
    EXPECT_EQ(back, text);
  }
  TimeLayout layout;
  for (const std::string text :
       {"", "2026-01-05", "2026-13-05T08:00:00", "2023-02-29T08:00:00", "2026-01-05T24:00:00",
        "2026-01-05T23:59:60Z", "2026-01-05T08:00:00.1234567890", "2026-01-05X08:00:00",
        "2026-01-05T08:00:00Zand much more text", "9999-12-31T23:59:59.123456789Z", "2026-1-05T08:00:00Z"}) {
    EXPECT_FALSE(TimeLayout::Infer(text, layout)) << text;
  }
}

TEST(TimeLayout, OneWriterWritesWhatManyWould) {
  std::mt19937_64 random(3);
  for (const uint8_t digits : {0, 3, 9}) {
    const TimeLayout layout{.point = digits == 0 ? char{0} : '.', .digits = digits, .suffix = "Z"};
    TimeWriter writer(layout);
    std::vector<int64_t> values = {
        0, -1, 1, INT64_MIN, INT64_MIN + 1, INT64_MAX, INT64_MAX - 1, -1'000'000'000};
    for (int64_t i = 0; i < 2000; ++i) {
      const auto step = static_cast<int64_t>(random() % 3'000'000'000) - 1'500'000'000;
      values.push_back(random() % 50 == 0 ? static_cast<int64_t>(random()) : step);
    }
    for (const int64_t value : values) {
      std::string one, many;
      EXPECT_EQ(writer.Append(value, many), layout.Append(value, one)) << value;
      EXPECT_EQ(many, one) << value;
      int64_t back = 0;
      if (one.empty() || digits == 9) continue;  // of nine digits fewer years are read than written
      EXPECT_TRUE(layout.Parse(one, back) && back == value) << one;
    }
  }
}

TEST(TimeLayout, TrailingZerosMayBeLeftAway) {
  const TimeLayout layout{.point = '.', .digits = 9, .trimmed = true, .suffix = "Z"};
  for (const std::string text :
       {"2026-01-05T08:00:00Z", "2026-01-05T08:00:00.5Z", "2026-01-05T08:00:00.000000001Z"}) {
    int64_t value = 0;
    std::string back;
    ASSERT_TRUE(layout.Parse(text, value) && layout.Append(value, back)) << text;
    EXPECT_EQ(back, text);
  }
  int64_t value = 0;
  for (const std::string text :
       {"2026-01-05T08:00:00.Z", "2026-01-05T08:00:00.50Z", "2026-01-05T08:00:00,5Z"}) {
    EXPECT_FALSE(layout.Parse(text, value)) << text;
  }
  std::string out;
  EXPECT_FALSE((TimeLayout{.digits = 0}.Append(INT64_MAX, out)));
  EXPECT_FALSE((TimeLayout{.digits = 0}.Append(INT64_MIN, out)));
}

std::string TemplateOf(std::string_view value) {
  std::string text;
  std::vector<HoleSpan> holes;
  if (!ScanTemplate(value, text, holes)) return "refused";
  std::replace(text.begin(), text.end(), kHoleMark, '*');
  return text;
}

TEST(TemplateScan, NumbersAndIdsAreHoles) {
  EXPECT_EQ(TemplateOf("GET /api/v1/tasks/14180"), "GET /api/v*/tasks/*");
  EXPECT_EQ(TemplateOf("usr_0ddc68fe"), "usr_*");
  EXPECT_EQ(TemplateOf("beef or bad, ADDED not Added"), "* or bad, * not Added");
  EXPECT_EQ(TemplateOf("05T08:00Z"), "*T*:*Z");
  EXPECT_EQ(TemplateOf("CHhAvVGS1DHFjwGm9"), "*");
  EXPECT_EQ(TemplateOf(""), "");
  EXPECT_EQ(TemplateOf("\x01"), "refused");
  std::string many;
  for (size_t i = 0; i < kMaxHoles; ++i) many += "1,";
  EXPECT_NE(TemplateOf(many), "refused");
  EXPECT_EQ(TemplateOf(many + "1"), "refused");
  EXPECT_EQ(TemplateOf(std::string(kMaxTemplateBytes + 1, 'x')), "refused");
}

}  // namespace
}  // namespace taffrail::store
