// Random plans over random records: the executor, over engines that do much or little themselves and over a
// real store, must give what the reference gives.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "base/mem_env.h"
#include "engine/embedded/embedded_engine.h"
#include "query/exec/batch_engine.h"
#include "query/exec/executor.h"
#include "query/exec/optimize.h"
#include "query/plan/text.h"
#include "query/random_plan.h"
#include "query/reference.h"
#include "query/sample.h"

namespace taffrail::query_test {
namespace {

using query::exec::BatchEngine;
using query::exec::Pushed;

// The answer in the reference's form.
class Answer final : public query::exec::ResultSink {
 public:
  bool OnColumns(const std::vector<std::string>&) override { return true; }
  bool OnRecord(const query::exec::LogRow& row) override {
    rows.push_back(std::to_string(row.timestamp_ns) + " " + std::string(row.line) + " " +
                   std::string(row.attributes));
    return true;
  }
  bool OnRow(const std::vector<expr::Value>& row) override {
    std::string& text = rows.emplace_back();
    for (const expr::Value& value : row) text += CellJson(CellOf(value)) + " ";
    return true;
  }
  std::vector<std::string> rows;

 private:
  static Cell CellOf(const expr::Value& value) {
    const std::string text = expr::ToText(value);
    if (std::holds_alternative<expr::Missing>(value) || std::holds_alternative<expr::Null>(value)) return {};
    if (std::holds_alternative<bool>(value)) return {Cell::Kind::kBool, text};
    if (std::holds_alternative<std::string>(value)) return {Cell::Kind::kText, text};
    if (std::holds_alternative<expr::Json>(value)) return {Cell::Kind::kJson, text};
    return {Cell::Kind::kNumber, text};
  }
};

std::vector<std::string> AnswerOf(const query::plan::Plan& plan, query::exec::Engine& engine) {
  Answer answer;
  query::exec::ExecStats stats;
  const absl::Status status = query::exec::Execute(plan, engine, answer, {}, stats);
  EXPECT_TRUE(status.ok()) << status;
  return answer.rows;
}

// Computed numbers may differ in how their last digits are written: compare numbers by value, all else by
// text.
bool SameWord(const std::string& a, const std::string& b) {
  if (a == b) return true;
  char* a_end = nullptr;
  char* b_end = nullptr;
  const double x = std::strtod(a.c_str(), &a_end);
  const double y = std::strtod(b.c_str(), &b_end);
  const bool numbers = a_end != a.c_str() && *a_end == '\0' && b_end != b.c_str() && *b_end == '\0';
  return numbers && std::abs(x - y) <= 1e-9 * std::max(std::abs(x), std::abs(y));
}

bool SameRow(const std::string& a, const std::string& b) {
  if (a == b) return true;
  std::istringstream a_words(a);
  std::istringstream b_words(b);
  std::string a_word;
  std::string b_word;
  while (std::getline(a_words, a_word, ' ')) {
    if (!std::getline(b_words, b_word, ' ') || !SameWord(a_word, b_word)) return false;
  }
  return !std::getline(b_words, b_word, ' ');
}

void ExpectSame(const std::vector<std::string>& expected, const std::vector<std::string>& actual,
                const std::string& what) {
  ASSERT_EQ(expected.size(), actual.size()) << what << ::testing::PrintToString(expected) << '\n'
                                            << ::testing::PrintToString(actual);
  for (size_t i = 0; i < expected.size(); ++i) {
    ASSERT_TRUE(SameRow(expected[i], actual[i]))
        << what << "row " << i << "\n  " << expected[i] << "\n  " << actual[i];
  }
}

// A store whose rows lie in parts, one a `batches_a_part`, and the last of them in memory.
std::unique_ptr<store::Store> MakeStore(base::MemEnv& env, const std::vector<Sample>& samples,
                                        size_t batches_a_part) {
  store::StoreOptions options;
  options.dir = "/store";
  options.env = &env;
  options.background = false;
  auto store = store::Store::Open(options);
  EXPECT_TRUE(store.ok()) << store.status();
  size_t batches = 0;
  for (record::RecordBatch& batch : BuildBatches(samples, 37)) {
    EXPECT_TRUE((*store)->Append(std::move(batch)).ok());
    if (++batches % batches_a_part == 0) {
      EXPECT_TRUE((*store)->Flush().ok());
    }
  }
  return *std::move(store);
}

// With the numbers that the store would give them.
std::vector<record::RecordBatch> Numbered(std::vector<record::RecordBatch> batches, uint64_t first) {
  for (record::RecordBatch& batch : batches) {
    batch.sequence.resize(batch.rows());
    for (uint64_t& sequence : batch.sequence) sequence = first++;
  }
  return batches;
}

uint64_t FirstSequence() {
  base::MemEnv env;
  return MakeStore(env, {}, 1)->Info().next_sequence;
}

TEST(AgreementTest, OptimizerPassesDoNotChangeTheAnswer) {  // REQ Q-05
  std::mt19937_64 random(17);
  const std::vector<Sample> samples = MakeSamples(random, 60);
  for (int round = 0; round < 200; ++round) {
    const query::plan::Plan plan = RandomPlan(random);
    const std::vector<std::string> expected = RunReference(plan, samples);
    for (const query::exec::Pass& pass : query::exec::Passes()) {
      query::plan::Plan rewritten = plan;
      pass.apply(rewritten);
      ASSERT_EQ(expected, RunReference(rewritten, samples)) << pass.name << "\n"
                                                            << query::plan::ToString(plan);
    }
  }
}

TEST(AgreementTest, ExecutorAndReferenceAgree) {  // REQ
  const uint64_t first = FirstSequence();
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    std::mt19937_64 random(seed);
    const std::vector<Sample> samples = MakeSamples(random, 200);
    BatchEngine lazy(Numbered(BuildBatches(samples, 64), first), Pushed{});
    std::vector<record::RecordBatch> coded_batches;
    for (const record::RecordBatch& batch : Numbered(BuildBatches(samples, 64), first))
      coded_batches.push_back(Coded(random, batch));
    BatchEngine coded(std::move(coded_batches), Pushed{.filter = true});
    BatchEngine eager(Numbered(BuildBatches(samples, 50), first),
                      Pushed{.range = true, .filter = true, .order = true});
    base::MemEnv env;
    const std::unique_ptr<store::Store> store = MakeStore(env, samples, 3);
    engine::embedded::EmbeddedEngine embedded(*store);
    for (int round = 0; round < 250; ++round) {
      const query::plan::Plan plan = RandomPlan(random);
      const std::string text = query::plan::ToString(plan);
      SCOPED_TRACE("seed " + std::to_string(seed) + " round " + std::to_string(round));
      const auto parsed = query::plan::Parse(text);
      ASSERT_TRUE(parsed.ok()) << parsed.status() << text;
      ASSERT_TRUE(query::plan::Equal(plan, *parsed)) << text;
      const std::vector<std::string> expected = RunReference(plan, samples, first);
      ASSERT_NO_FATAL_FAILURE(ExpectSame(expected, AnswerOf(plan, lazy), "lazy engine\n" + text));
      ASSERT_NO_FATAL_FAILURE(ExpectSame(expected, AnswerOf(plan, coded), "dictionaries\n" + text));
      ASSERT_NO_FATAL_FAILURE(ExpectSame(expected, AnswerOf(plan, eager), "eager engine\n" + text));
      ASSERT_NO_FATAL_FAILURE(ExpectSame(expected, AnswerOf(plan, embedded), "store\n" + text));
    }
  }
}

// Parts that many threads read at once, overlapping in time since rows of one time go to several; twice,
// since what depends on who comes first would show.
TEST(AgreementTest, ManyPartsAndThreadsGiveTheSameAnswer) {  // REQ Q-05, D-03
  for (uint64_t seed = 21; seed <= 23; ++seed) {
    std::mt19937_64 random(seed);
    std::vector<Sample> samples = MakeSamples(random, 600);
    base::MemEnv env;
    const std::unique_ptr<store::Store> store = MakeStore(env, samples, 2);
    engine::embedded::EmbeddedEngine embedded(*store);
    ASSERT_GE(store->Info().parts.size(), 8u);
    for (int round = 0; round < 100; ++round) {
      const query::plan::Plan plan = RandomPlan(random);
      const std::string text = query::plan::ToString(plan);
      SCOPED_TRACE("seed " + std::to_string(seed) + " round " + std::to_string(round));
      const std::vector<std::string> expected = RunReference(plan, samples, FirstSequence());
      const std::vector<std::string> once = AnswerOf(plan, embedded);
      ASSERT_NO_FATAL_FAILURE(ExpectSame(expected, once, "store\n" + text));
      ASSERT_EQ(once, AnswerOf(plan, embedded)) << text;
    }
  }
}

}  // namespace
}  // namespace taffrail::query_test
