#include "store/framed_log.h"

#include <gtest/gtest.h>

#include "base/mem_env.h"

namespace taffrail::store {
namespace {

using Outcome = FramedLogReader::Outcome;

std::string ThreeRecords(uint64_t id) {
  base::MemEnv env;
  auto writer = FramedLogWriter::Create(env, "/log", id);
  EXPECT_TRUE(writer.ok());
  for (const std::string payload : {"first", "", "third, a longer one"}) {
    EXPECT_TRUE((*writer)->Append(7, [&](std::string& out) { out += payload; }).ok());
  }
  const std::string data = *base::ReadFile(env, "/log", 1 << 20);
  EXPECT_EQ((*writer)->durable_size(), data.size());
  return data;
}

size_t RecordEnd(size_t index) {  // of ThreeRecords
  const size_t payloads[] = {5, 5, 24};
  return kLogHeaderBytes + (index + 1) * kLogRecordHeaderBytes + payloads[index];
}

TEST(FramedLog, ReadsBackWhatWasWritten) {
  const std::string data = ThreeRecords(3);
  FramedLogReader reader(data, 3);
  EXPECT_TRUE(reader.HeaderOk());
  LogRecord record;
  for (const std::string_view payload : {"first", "", "third, a longer one"}) {
    ASSERT_EQ(reader.Next(record), Outcome::kRecord);
    EXPECT_EQ(record.type, 7);
    EXPECT_EQ(record.payload, payload);
  }
  EXPECT_EQ(reader.Next(record), Outcome::kEnd);
  EXPECT_EQ(reader.offset(), data.size());
}

TEST(FramedLog, EveryCutIsATornTail) {
  const std::string data = ThreeRecords(3);
  for (size_t size = kLogHeaderBytes; size < data.size(); ++size) {
    FramedLogReader reader(std::string_view(data).substr(0, size), 3);
    LogRecord record;
    size_t whole = 0;
    Outcome outcome = Outcome::kRecord;
    while ((outcome = reader.Next(record)) == Outcome::kRecord) ++whole;
    const bool at_border = size == kLogHeaderBytes || size == RecordEnd(0) || size == RecordEnd(1);
    EXPECT_EQ(outcome, at_border ? Outcome::kEnd : Outcome::kTorn) << size;
    EXPECT_EQ(whole, size >= RecordEnd(1) ? 2U : size >= RecordEnd(0) ? 1U : 0U) << size;
  }
}

TEST(FramedLog, EveryFlippedBitBeforeTheLastRecordIsDamageAndCanBeSkipped) {
  const std::string data = ThreeRecords(3);
  for (size_t at = kLogHeaderBytes; at < data.size(); ++at) {
    std::string damaged = data;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    FramedLogReader reader(damaged, 3);
    LogRecord record;
    Outcome outcome = Outcome::kRecord;
    size_t whole = 0;
    while ((outcome = reader.Next(record)) == Outcome::kRecord) ++whole;
    if (at >= RecordEnd(1)) {  // the last: like a torn tail
      EXPECT_EQ(outcome, Outcome::kTorn) << at;
      EXPECT_EQ(whole, 2U);
      continue;
    }
    ASSERT_EQ(outcome, Outcome::kDamaged) << at;
    reader.SkipDamage();
    while ((outcome = reader.Next(record)) == Outcome::kRecord) ++whole;
    EXPECT_EQ(outcome, Outcome::kEnd) << at;
    EXPECT_EQ(whole, 2U) << at;
  }
}

TEST(FramedLog, ARecordOfAnotherFileIsNoRecord) {
  const std::string data = ThreeRecords(3);
  FramedLogReader reader(data, 4);
  LogRecord record;
  EXPECT_FALSE(reader.HeaderOk());
  EXPECT_EQ(reader.Next(record), Outcome::kTorn);
}

}  // namespace
}  // namespace taffrail::store
