// REQ S-08, L-11: a sink that fails never blocks and never loses.
#include "sink/durable_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <simdjson.h>
#include <atomic>
#include <csignal>
#include <random>
#include <set>

#include "absl/time/clock.h"
#include "base/mem_env.h"
#include "sink/files_for_tests.h"
#include "taffrail/sink_file.h"

namespace taffrail::sink {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Outcome = Delivery::Outcome;

// Does as it is told, and keeps what it took.
class Fake : public Sink {
 public:
  bool write(const Batch& batch) override { return deliver(batch).outcome == Outcome::kDone; }
  Delivery deliver(const Batch& batch) override {
    absl::MutexLock lock(&mutex_);
    ++attempts_;
    if (down_) return {.outcome = Outcome::kRetry, .reason = "down"};
    for (const Entry& entry : batch.entries) {
      if (entry.line.find("poison") != std::string_view::npos)
        return {.outcome = Outcome::kRefused, .reason = "poisoned \"line\""};
    }
    for (const Entry& entry : batch.entries) lines_.emplace_back(entry.line);
    return {};
  }
  void reopen() override { ++reopened_; }
  int reopened() const { return reopened_; }
  void SetDown(bool down) {
    absl::MutexLock lock(&mutex_);
    down_ = down;
  }
  std::vector<std::string> lines() {
    absl::MutexLock lock(&mutex_);
    return lines_;
  }
  int attempts() {
    absl::MutexLock lock(&mutex_);
    return attempts_;
  }

 private:
  absl::Mutex mutex_;
  bool down_ = false;
  int attempts_ = 0;
  std::atomic<int> reopened_ = 0;
  std::vector<std::string> lines_;
};

class CourierTest : public testing::Test {
 protected:
  Courier Make(CourierOptions options = {}) {
    return {fake_, std::move(options),
            [this](const Entry& entry, std::string_view) {
              if (!dead_letters_work_) return false;
              refused_.emplace_back(entry.line);
              return true;
            },
            [this](absl::Duration wait) {
              waits_.push_back(absl::ToInt64Milliseconds(wait));
              return on_wait_ == nullptr || on_wait_();
            }};
  }

  Fake fake_;
  bool dead_letters_work_ = true;
  std::vector<std::string> refused_;
  std::vector<int64_t> waits_;
  std::function<bool()> on_wait_;
};

TEST_F(CourierTest, OneBadLineTakesNoOtherAlong) {
  std::vector<std::string> lines;
  for (int i = 0; i < 1'000; ++i) lines.push_back(i == 700 ? "poison" : std::to_string(i));
  Courier courier = Make();
  EXPECT_EQ(courier.Deliver(Lines(lines).batch()), 1'000U);
  EXPECT_THAT(refused_, ElementsAre("poison"));
  std::erase(lines, "poison");
  EXPECT_EQ(fake_.lines(), lines);
  EXPECT_LE(fake_.attempts(), 2 * 10 + 1);
  EXPECT_EQ(courier.counts().delivered, 999U);
  EXPECT_EQ(courier.counts().refused, 1U);
}

TEST_F(CourierTest, AnyLinesMayBeBad) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> lines, good, bad;
    const size_t size = random() % 40 + 1;
    for (size_t i = 0; i < size; ++i) {
      const bool poison = random() % (round % 5 + 1) == 0;
      lines.push_back((poison ? "poison" : "good") + std::to_string(i));
      (poison ? bad : good).push_back(lines.back());
    }
    Fake fake;
    refused_.clear();
    Courier courier(
        fake, {},
        [this](const Entry& entry, std::string_view) {
          refused_.emplace_back(entry.line);
          return true;
        },
        [](absl::Duration) { return false; });
    ASSERT_EQ(courier.Deliver(Lines(lines).batch()), size);
    ASSERT_EQ(fake.lines(), good);
    ASSERT_EQ(refused_, bad);
    ASSERT_LE(static_cast<size_t>(fake.attempts()), 2 * size);
  }
}

TEST_F(CourierTest, AfterSeveralFailuresTheCircuitOpensAndOneLineProbes) {
  fake_.SetDown(true);
  on_wait_ = [this] {
    if (waits_.size() == 6) fake_.SetDown(false);
    return true;
  };
  Courier courier = Make({.backoff_initial_ms = 1, .backoff_max_ms = 2, .breaker_failures = 4});
  EXPECT_EQ(courier.Deliver(Lines({"a", "b", "c", "d"}).batch()), 4U);
  ASSERT_EQ(waits_.size(), 6U);
  for (size_t i = 0; i < 6; ++i) EXPECT_EQ(waits_[i] >= 5'000, i >= 3) << i;
  EXPECT_THAT(fake_.lines(), ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(fake_.attempts(), 6 + 2);  // the probe, and the rest
  EXPECT_FALSE(courier.counts().circuit_open);
}

TEST_F(CourierTest, ALineThatCannotBeKeptAsADeadLetterIsNotLost) {
  dead_letters_work_ = false;
  on_wait_ = [this] { return dead_letters_work_ = true; };
  Courier courier = Make();
  EXPECT_EQ(courier.Deliver(Lines({"poison"}).batch()), 1U);
  EXPECT_THAT(refused_, ElementsAre("poison"));
  EXPECT_EQ(waits_.size(), 1U);
}

TEST_F(CourierTest, GivesUpWhenTheProgramEnds) {
  on_wait_ = [] { return false; };
  fake_.SetDown(true);
  EXPECT_EQ(Make().Deliver(Lines({"a", "b"}).batch()), 0U);
}

class DurableSinkTest : public testing::Test {
 protected:
  DurableSinkTest() {
    config_.spool_dir = dir_ / "spool";
    config_.backoff_initial_ms = 1;
    config_.backoff_max_ms = 5;
    config_.breaker_open_ms = 5;
  }
  TempDir dir_;
  DurableConfig config_;
  std::shared_ptr<Fake> fake_ = std::make_shared<Fake>();
};

TEST_F(DurableSinkTest, DeliversInOrder) {
  const auto sink = durable_sink(fake_, config_);
  std::vector<std::string> lines;
  for (int i = 0; i < 2'000; ++i) {
    lines.push_back(std::to_string(i));
    EXPECT_TRUE(WriteLine(*sink, lines.back()));
  }
  EXPECT_TRUE(sink->flush(10'000));
  EXPECT_EQ(fake_->lines(), lines);
  EXPECT_EQ(sink->stats().lines_taken, 2'000U);
  EXPECT_EQ(sink->stats().lines_delivered, 2'000U);
}

TEST_F(DurableSinkTest, NeverWaitsForASinkThatIsDown) {
  fake_->SetDown(true);
  const auto sink = durable_sink(fake_, config_);
  const absl::Time begin = absl::Now();
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(WriteLine(*sink, std::to_string(i)));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(5));
  EXPECT_FALSE(sink->flush(50));
  fake_->SetDown(false);
  EXPECT_TRUE(sink->flush(10'000));
  EXPECT_EQ(fake_->lines().size(), 1'000U);
  EXPECT_GT(sink->stats().retries, 0U);
}

TEST_F(DurableSinkTest, TheNextProcessDeliversWhatThisOneCouldNot) {
  fake_->SetDown(true);
  {
    const auto sink = durable_sink(fake_, config_);
    EXPECT_TRUE(WriteLine(*sink, "one"));
    EXPECT_TRUE(WriteLine(*sink, "two"));
  }
  fake_->SetDown(false);
  const auto sink = durable_sink(fake_, config_);
  EXPECT_TRUE(WriteLine(*sink, "three"));
  EXPECT_TRUE(sink->flush(10'000));
  EXPECT_THAT(fake_->lines(), ElementsAre("one", "two", "three"));
}

#ifndef __SANITIZE_THREAD__  // which knows nothing of forked children
// Really killed, while lines are taken and delivered at full speed: what was acknowledged arrives.
TEST_F(DurableSinkTest, SurvivesKill9) {
  std::set<int> seen;
  for (int round = 0; round < 5; ++round) {
    int acknowledged[2];
    ASSERT_EQ(pipe(acknowledged), 0);
    const pid_t child = fork();
    if (child == 0) {
      const auto sink = durable_sink(file_sink(dir_ / "out.log"), config_);
      for (int i = round * 1'000'000;; ++i) {
        if (!WriteLine(*sink, std::to_string(i))) _exit(1);
        if (::write(acknowledged[1], &i, sizeof(i)) != sizeof(i)) _exit(1);
      }
    }
    close(acknowledged[1]);
    int last = -1, count = 0;
    for (int i = 0; read(acknowledged[0], &i, sizeof(i)) == sizeof(i); last = i) {
      if (++count == 2'000) kill(child, SIGKILL);
    }
    close(acknowledged[0]);
    waitpid(child, nullptr, 0);
    for (int i = round * 1'000'000; i <= last; ++i) seen.insert(i);
  }
  const auto sink = durable_sink(file_sink(dir_ / "out.log"), config_);
  EXPECT_TRUE(sink->flush(20'000));
  std::istringstream text(Contents(dir_ / "out.log"));
  std::set<int> arrived;
  for (std::string line; std::getline(text, line);) arrived.insert(line.empty() ? -1 : std::stoi(line));
  std::vector<int> missing;
  std::ranges::set_difference(seen, arrived, std::back_inserter(missing));
  EXPECT_THAT(missing, IsEmpty());
}
#endif

TEST_F(DurableSinkTest, DeadLettersSayWhy) {
  config_.dead_letter_file = dir_ / "dead.log";
  const auto sink = durable_sink(fake_, config_);
  EXPECT_TRUE(sink->write(Lines({"good", "{\"poison\":true}", "better"}, Level::kError).batch()));
  EXPECT_TRUE(sink->flush(10'000));
  EXPECT_THAT(fake_->lines(), ElementsAre("good", "better"));
  EXPECT_EQ(sink->stats().lines_refused, 1U);
  simdjson::dom::parser parser;
  const auto letter = parser.parse(Contents(dir_ / "dead.log"));
  EXPECT_EQ(std::string_view(letter["reason"]), "poisoned \"line\"");
  EXPECT_EQ(std::string_view(letter["line"]), "{\"poison\":true}");
  EXPECT_EQ(std::string_view(letter["level"]), "ERROR");
  EXPECT_EQ(std::string_view(letter["logger"]), "t");
  EXPECT_EQ(std::string_view(letter["timestamp"]), "2025-10-30T14:23:45.123000000Z");
}

TEST_F(DurableSinkTest, WithoutASpoolLinesWaitInMemoryAndTheRestIsCounted) {
  WriteFile(dir_ / "file", "");
  config_.spool_dir = dir_ / "file/spool";
  config_.dead_letter_file = dir_ / "dead.log";
  config_.memory_bytes = 100;
  fake_->SetDown(true);
  testing::internal::CaptureStderr();
  {
    const auto sink = durable_sink(fake_, config_);
    size_t taken = 0;
    for (int i = 0; i < 100; ++i) taken += WriteLine(*sink, "123456789");
    // Ten in memory, and the one that is being delivered has left it.
    EXPECT_GE(taken, 10U);
    EXPECT_LE(taken, 11U);
    EXPECT_EQ(sink->stats().lines_dropped, 100 - taken);
    fake_->SetDown(false);
    EXPECT_TRUE(sink->flush(10'000));
    EXPECT_EQ(fake_->lines().size(), taken);
  }
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("cannot write the spool"));
}

TEST_F(DurableSinkTest, AFullDiskIsBridgedByMemory) {
  base::MemEnv env;
  config_.spool_dir = "/spool";
  config_.dead_letter_file = dir_ / "dead.log";
  fake_->SetDown(true);
  SpoolingSink sink(fake_, config_, "fake", env);
  std::vector<std::string> lines;
  for (int i = 0; i < 300; ++i) {
    lines.push_back("line " + std::to_string(i));
    if (i == 100) env.SetCapacity(0);
    if (i == 200) env.SetCapacity(1 << 30);
    EXPECT_TRUE(WriteLine(sink, lines.back()));
  }
  fake_->SetDown(false);
  EXPECT_TRUE(sink.flush(10'000));
  EXPECT_EQ(fake_->lines(), lines);
  EXPECT_EQ(sink.stats().lines_dropped, 0U);
}

TEST_F(DurableSinkTest, ReopensTheSinkBehindItWithoutALine) {
  const auto sink = durable_sink(fake_, config_);
  sink->reopen();
  const absl::Time deadline = absl::Now() + absl::Seconds(10);
  while (fake_->reopened() == 0 && absl::Now() < deadline) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_EQ(fake_->reopened(), 1);
  EXPECT_TRUE(WriteLine(*sink, "a line"));
  EXPECT_TRUE(sink->flush(10'000));
  EXPECT_EQ(fake_->reopened(), 1);
}

TEST_F(DurableSinkTest, TakesLinesFromSeveralThreadsWhileFlushing) {
  const auto sink = durable_sink(fake_, config_);
  absl::Mutex mutex;  // a backend never writes twice at once
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 300; ++i) {
        absl::MutexLock lock(&mutex);
        EXPECT_TRUE(WriteLine(*sink, "line"));
      }
      EXPECT_TRUE(sink->flush(10'000));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(fake_->lines().size(), 1'200U);
}

}  // namespace
}  // namespace taffrail::sink
