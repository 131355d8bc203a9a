// What stands ahead of a jq filter never takes a line away of which the filter makes something: held against
// libjq, over lines with every kind of value, repeated keys, keys with dots, texts that look like numbers.
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "expr/matcher.h"
#include "expr/text.h"
#include "query/jq/filter.h"
#include "query/lang/jq/pushdown.h"
#include "query/sample.h"
#include "record/batch_builder.h"
#include "record/json_line.h"

namespace taffrail::query_test {
namespace {

namespace jq = query::jq;

const char* const kPaths[] = {".a",         ".b",        ".status",   ".message",   ".user",         ".level",
                              ".a.b",       ".b.a?",     ".user.a.b", ".[\"a_b\"]", ".a.\"status\"", ".ip",
                              ".[\"a.b\"]", ".a[\"b\"]", ".app"};
const char* const kOperators[] = {"==", "!=", "<", "<=", ">", ">="};
const char* const kLiterals[] = {"\"timeout\"",
                                 "\"\"",
                                 "\"200\"",
                                 "\"ERROR\"",
                                 "\"[\"",
                                 "\"a b\"",
                                 "200",
                                 "200.0",
                                 "0",
                                 "-5",
                                 "1e300",
                                 "9007199254740992",
                                 "0.1",
                                 "15.9",
                                 "true",
                                 "false",
                                 "null",
                                 "\"caf\\u00e9\"",
                                 "\"true\"",
                                 "\"new\\nline\"",
                                 "\"{\"",
                                 "\"~\"",
                                 "\"req_8f4e2b1c\""};
const char* const kPatterns[] = {"\"time\"",     "\"^req_[0-9a-f]+$\"", "\"TIMEOUT\";\"i\"",    "\"o+u?\"",
                                 "\"(a|b)c*\"",  "\"s\";\"i\"",         "\"\\\\d+\\\\.\\\\d\"", "\"gr..e\"",
                                 "\"k\";\"gi\"", "\"err(or)?\""};

std::string Condition(std::mt19937_64& random, int depth) {
  const std::string path = Pick(random, kPaths);
  switch (random() % (depth < 3 ? 12 : 8)) {
    case 0:
      return path;
    case 1:
      return std::string(Pick(random, kLiterals)) + " " + Pick(random, kOperators) + " " + path;
    case 2:
      return "(" + path + " | test(" + Pick(random, kPatterns) + "))";
    case 3: {
      constexpr const char* kFunctions[] = {"contains", "startswith", "endswith"};
      return "(" + path + " | " + Pick(random, kFunctions) + "(\"time\"))";
    }
    case 4:
      return "(" + path + " | IN(" + Pick(random, kLiterals) + ", " + Pick(random, kLiterals) + "))";
    case 5:
      return random() % 2 == 0 ? "has(\"a\")" : "(.a | has(\"b\"))";
    case 6:
    case 7:
      return path + " " + Pick(random, kOperators) + " " + Pick(random, kLiterals);
    case 8:
      return "(" + Condition(random, depth + 1) + " and " + Condition(random, depth + 1) + ")";
    case 9:
      return "(" + Condition(random, depth + 1) + " or " + Condition(random, depth + 1) + ")";
    case 10:
      return "(" + Condition(random, depth + 1) + " | not)";
    default:
      return "(" + Condition(random, depth + 1) + ", " + Condition(random, depth + 1) + ")";
  }
}

// Lines that a generator of clean JSON does not make.
const char* const kOddLines[] = {R"({"a":"x","a":"timeout"})",
                                 R"({"a":200,"a":{"b":"timeout"}})",
                                 R"({"a":{"b":1},"a":{"b":200}})",
                                 R"({"a":{"b":1},"a":null})",
                                 R"({"a.b":"timeout","a":{"b":200}})",
                                 R"({"a":{"b":200},"a.b":"timeout"})",
                                 R"({"\u0061":"timeout"})",
                                 R"({"a":"\u0074imeout"})",
                                 R"({"a":"req_8f4e2b1c","b":["req_8f4e2b1c"]})",
                                 R"({"a":"req_8f4e2b1\u0063","b":"x req_8f4e2b1c"})",
                                 R"({"a":"REQ_8F4E2B1C","b":{"a":"req_8f4e2b1c"}})",
                                 R"({"a":"other","a":"req_8f4e2b1c"})",
                                 R"({"a":{"b":"req_8f4e2b1c"},"a":"req_8f4e2b1c"})",
                                 R"({"a":1e999})",
                                 R"({"a":-1e999})",
                                 R"({"a":1e-999})",
                                 R"({"a":199.99999999999999999999})",
                                 R"({"a":9007199254740993})",
                                 R"({"a":"\ud800"})",
                                 R"({"a":NaN})",
                                 R"({"a":[]})",
                                 R"({"a":{}})",
                                 R"({"a":[200]})",
                                 R"({"level":"INFO","level":"ERROR"})",
                                 R"(null)",
                                 R"(200)",
                                 R"(["a"])",
                                 R"("timeout")",
                                 "{\"a\":\"\xff timeout\"}",
                                 R"({"a":"\u212a"})",
                                 R"({"message":"\u017f"})",
                                 R"({"a":true,"b":false,"status":null})",
                                 R"({ "a" : "timeout" , "b":[{"a":1}]})"};

struct Kept final : jq::Sink {
  std::vector<std::set<size_t>> lines;  // by filter
  absl::StatusOr<bool> OnOutput(size_t line, std::string_view json) override {
    size_t filter = 0;
    bool in_number = false;
    for (const char c : json) {  // [3,17]
      const bool digit = c >= '0' && c <= '9';
      if (digit) filter = filter * 10 + static_cast<size_t>(c - '0');
      if (!digit && in_number) lines[filter].insert(line);
      if (!digit) filter = 0;
      in_number = digit;
    }
    return true;
  }
  void OnFailure(size_t line, std::string_view message) override { ADD_FAILURE() << line << ": " << message; }
};

class JqPushdownTest : public ::testing::TestWithParam<uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, JqPushdownTest, ::testing::Values(1, 2, 3));

TEST_P(JqPushdownTest, NeverTakesAwayWhatJqKeeps) {  // REQ Q-04
  std::mt19937_64 random(GetParam());
  std::vector<std::string> lines(std::begin(kOddLines), std::end(kOddLines));
  std::vector<std::string> attributes(lines.size());
  for (const Sample& sample : MakeSamples(random, 600)) {
    lines.push_back(sample.line);
    attributes.push_back(sample.attributes);
  }
  record::BatchBuilder builder;
  builder.SetStream({{"a", "timeout"}, {"status", "200"}});
  for (size_t i = 0; i < lines.size(); ++i) builder.Append(lines[i], static_cast<int64_t>(i), attributes[i]);
  const record::RecordBatch batch = builder.Finish();

  // One process for all: each line's output is the list of the filters that let it through.
  constexpr size_t kFilters = 400;
  std::vector<std::string> filters;
  std::string program = "[";
  for (size_t i = 0; i < kFilters; ++i) {
    filters.push_back("select(" + Condition(random, 0) + ")");
    program += (i > 0 ? ", ((" : "((") + filters.back() + " | " + std::to_string(i) + ")?)";
  }
  const jq::Filter::Check check = [] { return absl::OkStatus(); };
  jq::Limits limits;
  limits.line_cpu_ms = 60'000;  // to compile, under a sanitizer
  const auto filter = jq::Filter::Start(program + "]", limits, check);
  ASSERT_TRUE(filter.ok()) << filter.status();
  std::vector<jq::Line> input;
  for (const std::string& line : lines) {
    const bool is_object = line.starts_with('{');
    input.push_back({.text = line, .is_json = !is_object || record::IsJsonLine(line)});
  }
  Kept kept;
  kept.lines.resize(kFilters);
  const auto ran = (*filter)->Run(input, kept, check);
  ASSERT_TRUE(ran.ok()) << ran.status();

  size_t excluding = 0;
  for (size_t i = 0; i < kFilters; ++i) {
    const expr::ExprPtr condition = query::lang::jq::ConditionAheadOf(filters[i]);
    const auto matcher = expr::Matcher::Compile(condition);
    ASSERT_TRUE(matcher.ok()) << matcher.status();
    expr::Selection selection;
    (*matcher)->Evaluate(batch, selection);
    excluding += selection.size() < lines.size() / 2 ? 1 : 0;
    const std::set<size_t> passed(selection.begin(), selection.end());
    for (const size_t line : kept.lines[i]) {
      EXPECT_TRUE(passed.contains(line)) << filters[i] << "\n"
                                         << expr::ToString(*condition) << "\n"
                                         << lines[line];
    }
  }
  EXPECT_GT(excluding, kFilters / 4) << "conditions that exclude nothing prove nothing";
}

}  // namespace
}  // namespace taffrail::query_test
