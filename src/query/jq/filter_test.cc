#include "query/jq/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>
#include <string>
#include <utility>

#include "query/jq/messages.h"
#include "query/jq/spare_filters.h"

namespace taffrail::query::jq {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Filter::Check kNoCheck = [] { return absl::OkStatus(); };

class Collected final : public Sink {
 public:
  explicit Collected(size_t most = SIZE_MAX) : most_(most) {}
  absl::StatusOr<bool> OnOutput(size_t line, std::string_view json) override {
    said.push_back(std::to_string(line) + " " + std::string(json));
    return said.size() < most_;
  }
  void OnFailure(size_t line, std::string_view message) override {
    said.push_back(std::to_string(line) + " failed: " + std::string(message));
  }
  std::vector<std::string> said;

 private:
  size_t most_;
};

absl::StatusOr<std::vector<std::string>> Through(std::string_view program, const std::vector<Line>& lines,
                                                 const Limits& limits = {}) {
  TAFFRAIL_ASSIGN_OR_RETURN(auto filter, Filter::Start(program, limits, kNoCheck));
  Collected collected;
  TAFFRAIL_RETURN_IF_ERROR(filter->Run(lines, collected, kNoCheck).status());
  return collected.said;
}

std::string ErrorOf(std::string_view program, std::string_view line = "{}", const Limits& limits = {}) {
  const auto said = Through(program, {{.text = line}}, limits);
  return said.ok() ? "no error" : std::string(said.status().message());
}

TEST(JqFilterTest, Outputs) {  // REQ Q-04
  EXPECT_THAT(*Through(".a, .b", {{R"({"a":1,"b":[true,null]})"}, {R"({"a":"ü\u0041"})"}}),
              ElementsAre("0 1", "0 [true,null]", "1 \"üA\"", "1 null"));
  EXPECT_THAT(*Through(".", {{.text = "plain {", .is_json = false}, {.text = "[1"}, {.text = ""}}),
              ElementsAre("0 \"plain {\"", "1 \"[1\"", "2 \"\""));
  EXPECT_THAT(*Through("empty", {{"{}"}}), ElementsAre());
}

TEST(JqFilterTest, Failures) {  // REQ Q-04
  EXPECT_THAT(*Through(".a, error(\"no\")", {{R"({"a":1})"}, {"7"}}),
              ElementsAre("0 1", "0 failed: no", "1 failed: Cannot index number with string \"a\""));
  EXPECT_THAT(*Through("error({\"a\":1})", {{"{}"}}), ElementsAre("0 failed: {\"a\":1}"));
  EXPECT_THAT(*Through("input", {{"{}"}}), ElementsAre(HasSubstr("failed")));
  EXPECT_THAT(*Through("1, halt, 2", {{"{}"}, {"{}"}}), ElementsAre("0 1"));
}

TEST(JqFilterTest, WrongPrograms) {  // REQ Q-04
  EXPECT_THAT(ErrorOf(".a | fo(1)"), HasSubstr("jq: fo/1 is not defined, at line 1, column 6"));
  EXPECT_THAT(ErrorOf(".a |\n .fo | fo"), HasSubstr("at line 2, column 8"));
  EXPECT_THAT(ErrorOf(".a | $x"), HasSubstr("at line 1, column 6"));
  EXPECT_THAT(ErrorOf(".a\n}"), HasSubstr("jq: syntax error, unexpected"));
  EXPECT_THAT(ErrorOf(".a\n}"), HasSubstr(", in line 2"));
  EXPECT_THAT(ErrorOf(std::string(20'000, '(')), HasSubstr("jq: "));
}

// None of these ends by itself, or within the memory.
TEST(JqFilterTest, EndlessPrograms) {  // REQ Q-04, Q-07
  Limits limits;
  limits.line_cpu_ms = 200;
  limits.memory_bytes = uint64_t{64} << 20;
  EXPECT_THAT(ErrorOf("def f: f; f", "{}", limits), HasSubstr("more than 200 ms"));
  EXPECT_THAT(ErrorOf("[limit(3; repeat(1))] | until(false; .)", "{}", limits), HasSubstr("200 ms"));
  limits.line_cpu_ms = 60'000;
  if (kMemoryIsLimited) {
    EXPECT_THAT(ErrorOf("[range(1e12)]", "{}", limits), HasSubstr("more than 64 MiB of memory"));
    EXPECT_THAT(ErrorOf("def f: 1 + f; f", "{}", limits), HasSubstr("jq: "));
  }
  limits.line_outputs = 1000;
  EXPECT_THAT(ErrorOf("range(1e12)", "{}", limits), HasSubstr("more than 1000 outputs"));
  EXPECT_THAT(ErrorOf("repeat(.)", "{}", limits), HasSubstr("limit(n; …)"));
}

TEST(JqFilterTest, EndsWhenEnoughIsKnown) {  // REQ Q-07
  const auto filter = Filter::Start("repeat(.a)", {}, kNoCheck);
  ASSERT_TRUE(filter.ok()) << filter.status();
  Collected collected(3);
  const auto more = (*filter)->Run({{R"({"a":null})"}}, collected, kNoCheck);
  ASSERT_TRUE(more.ok()) << more.status();
  EXPECT_FALSE(*more);
  EXPECT_EQ(collected.said.size(), 3u);
}

TEST(JqFilterTest, CancelsAndLeavesNoProcess) {  // REQ Q-07
  pid_t worker = 0;
  {
    auto filter = Filter::Start("def f: f; f", {}, kNoCheck);
    ASSERT_TRUE(filter.ok()) << filter.status();
    worker = (*filter)->worker();
    EXPECT_EQ(kill(worker, 0), 0);
    Collected collected;
    int asked = 0;
    const auto more = (*filter)->Run({{"{}"}}, collected, [&asked] {
      return ++asked < 3 ? absl::OkStatus() : absl::CancelledError("gone");
    });
    EXPECT_EQ(more.status().message(), "gone");
  }
  EXPECT_EQ(kill(worker, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST(JqFilterTest, ASpareOneServesTheNextQueryOfItsProgram) {  // REQ Q-07
  SpareFilters spares;
  pid_t first = 0;
  {
    auto filter = spares.Take(".a", kNoCheck);
    ASSERT_TRUE(filter.ok()) << filter.status();
    first = (*filter)->worker();
    Collected collected;
    ASSERT_TRUE((*filter)->Run({{R"({"a":1})"}}, collected, kNoCheck).ok());
    spares.Give(".a", *std::move(filter));
  }
  auto other = spares.Take(".b", kNoCheck);
  ASSERT_TRUE(other.ok());
  EXPECT_NE((*other)->worker(), first);
  auto again = spares.Take(".a", kNoCheck);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ((*again)->worker(), first);
  Collected collected;
  ASSERT_TRUE((*again)->Run({{R"({"a":2})"}, {R"({"a":3})"}}, collected, kNoCheck).ok());
  EXPECT_THAT(collected.said, ElementsAre("0 2", "1 3"));
  // Two at once are two; and one that has died meanwhile is none.
  auto second = spares.Take(".a", kNoCheck);
  ASSERT_TRUE(second.ok());
  EXPECT_NE((*second)->worker(), first);
  spares.Give(".a", *std::move(again));
  kill(first, SIGKILL);
  siginfo_t ended;
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(first), &ended, WEXITED | WNOWAIT), 0);
  auto fresh = spares.Take(".a", kNoCheck);
  ASSERT_TRUE(fresh.ok()) << fresh.status();
  EXPECT_NE((*fresh)->worker(), first);
}

TEST(JqFilterTest, FewAreKept) {
  SpareFilters spares;
  std::vector<pid_t> workers;
  for (const char* program : {".a", ".b", ".c", ".d", ".e"}) {
    auto filter = spares.Take(program, kNoCheck);
    ASSERT_TRUE(filter.ok());
    workers.push_back((*filter)->worker());
    spares.Give(program, *std::move(filter));
  }
  EXPECT_EQ(kill(workers[0], 0), -1);
  EXPECT_EQ(kill(workers[4], 0), 0);
}

// What a filter must not get at, whoever may send one.
TEST(JqFilterTest, SeesNothingOfTheMachine) {  // REQ Q-04
  EXPECT_THAT(*Through("env, $ENV", {{"{}"}}), ElementsAre("0 {\"TZ\":\"UTC0\"}", "0 {\"TZ\":\"UTC0\"}"));
  EXPECT_THAT(ErrorOf(R"(import "hosts" as $h {search: "/etc"}; $h)"), HasSubstr("jq: "));
  EXPECT_THAT(ErrorOf(R"(include "a"; .)"), HasSubstr("jq: "));
  EXPECT_THAT(*Through("\"2025-10-30T14:00:00Z\" | fromdate | localtime | mktime", {{"{}"}}),
              ElementsAre("0 1761832800"));
}

TEST(JqFilterTest, LongLinesAndManyBatches) {
  auto filter = Filter::Start(".n", {}, kNoCheck);
  ASSERT_TRUE(filter.ok()) << filter.status();
  const std::string line = R"({"n":7,"long":")" + std::string(1 << 20, 'x') + "\"}";
  Collected collected;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE((*filter)->Run({{line}, {line}}, collected, kNoCheck).ok());
  }
  EXPECT_EQ(collected.said.size(), 6u);
  EXPECT_EQ(collected.said[5], "1 7");
}

}  // namespace
}  // namespace taffrail::query::jq
