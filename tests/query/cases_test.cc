// Runs the files in cases/: data, queries in each language, and the answers to expect. A file is made of
// paragraphs.
//
//   data                                 the records: one a line, a second apart from 2025-10-30T14:00:00Z
//   on; stream app=api env=prod              from here on, the labels of the stream; "stream" alone: none
//   attributes {"trace":"t1"}            of the next record
//   {"level":"ERROR","n":1}              record 1
//
//   search level:ERROR                   a query; "#" begins a comment line
//   rows 1                               the records of the answer, by number, in order of time
//
//   logql {app="api"} | json | n > 1     or: the text that the error must contain
//   error …
//
//   plan source                          more lines of the query follow
//   aggregate "n" = count()
//   answer                               the rows of a table, cells as JSON
//   2
//
//   logql {} | logfmt                    the values of labels in each entry, "line" for its line; "-": none
//   show level line
//   info|level=info n=1
//
//   insights @insights/01.insights       the query of that file in vectors/, as its user wrote it
//   elastic {"query":{"term":{"n":1}}}   hits by number, as above; or of the whole answer to a search the
//   aggs {"n":{"value":1.0}}             aggregations, or the hits (their _id left out), as JSON
//   hits [{"_index":"api-error-2025.10.30","_score":1.0,"_source":{…}}]
//   qs level:ERROR                       the same of a query string
//   jq select(.n == 1) | .level          the filter's outputs
//   answer
//   "ERROR"
//
//   metric 0 10 5 rate({app="api"}[5s])  first and last point and step, in seconds after the first record
//   series                               the labels and the value at each point; "-": none
//   {app="api"} 0.2 1 -
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "elastic/answer.h"
#include "expr/text_scanner.h"
#include "query/exec/batch_engine.h"
#include "query/exec/entry.h"
#include "query/exec/executor.h"
#include "query/exec/optimize.h"
#include "query/exec/series.h"
#include "query/lang/elastic/index.h"
#include "query/lang/elastic/query_string.h"
#include "query/lang/elastic/search.h"
#include "query/lang/language.h"
#include "query/lang/logql/logql.h"
#include "query/plan/text.h"
#include "record/batch_builder.h"
#include "record/json_line.h"

namespace taffrail::query {
namespace {

constexpr int64_t kFirstNs = 1'761'832'800'000'000'000;  // 2025-10-30T14:00:00Z
constexpr int64_t kSecondNs = 1'000'000'000;

using Lines = std::vector<std::string>;

struct Paragraph {
  int line_number = 0;
  Lines lines;
};

std::vector<Paragraph> ReadParagraphs(const std::filesystem::path& path) {
  std::vector<Paragraph> paragraphs(1);
  std::ifstream file(path);
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (line.starts_with('#')) continue;
    if (line.empty()) {
      paragraphs.emplace_back();
      continue;
    }
    if (paragraphs.back().lines.empty()) paragraphs.back().line_number = number;
    paragraphs.back().lines.push_back(line);
  }
  std::erase_if(paragraphs, [](const Paragraph& paragraph) { return paragraph.lines.empty(); });
  return paragraphs;
}

record::Labels ParseLabels(const std::string& text) {
  record::Labels labels;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const size_t equal = word.find('=');
    labels.emplace_back(word.substr(0, equal), word.substr(equal + 1));
  }
  return labels;
}

record::RecordBatch BuildData(const Lines& lines) {
  record::BatchBuilder builder;
  std::string attributes;
  int64_t time_ns = kFirstNs;
  for (size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].starts_with("stream")) {
      builder.SetStream(ParseLabels(lines[i].substr(6)));
    } else if (lines[i].starts_with("attributes ")) {
      attributes = lines[i].substr(11);
    } else {
      builder.Append(lines[i], time_ns, attributes);
      attributes.clear();
      time_ns += kSecondNs;
    }
  }
  record::RecordBatch batch = builder.Finish();
  for (uint64_t row = 0; row < batch.rows(); ++row) batch.sequence.push_back(row + 1);
  return batch;
}

std::string NumberText(double value) {
  std::string text;
  expr::AppendNumber(std::round(value * 1e9) / 1e9, text);
  return text;
}

// Records by number, tables as lines of JSON, entries by chosen labels, series by point.
class Answer final : public exec::ResultSink {
 public:
  Lines shown;  // labels to show of entries
  bool OnColumns(const std::vector<std::string>&) override { return true; }
  bool OnRecord(const exec::LogRow& row) override {
    rows += (rows.empty() ? "" : " ") + std::to_string(row.sequence);
    if (row.entry == nullptr) return true;
    std::string& line = table.emplace_back();
    const exec::LabelSet labels = exec::LabelsOf(*row.entry);
    for (size_t i = 0; i < shown.size(); ++i) {
      if (i > 0) line += '|';
      if (shown[i] == "line") {
        line += row.line;
        continue;
      }
      const auto found = std::find_if(labels.begin(), labels.end(),
                                      [&](const auto& label) { return label.first == shown[i]; });
      line += found == labels.end() ? "-" : found->second;
    }
    return true;
  }
  bool OnMatrix(const exec::Matrix& matrix) override {
    if (!wants_series) return false;
    for (const exec::Series& series : matrix.series) {
      std::string& line = table.emplace_back("{");
      for (const auto& [name, value] : series.labels) {
        line += (line.size() > 1 ? ", " : "") + name + "=\"" + value + "\"";
      }
      line += "}";
      for (size_t point = 0; point < matrix.grid.points(); ++point) {
        line += " " + (series.present[point] ? NumberText(series.values[point]) : "-");
      }
    }
    return true;
  }
  bool OnRow(const std::vector<expr::Value>& row) override {
    std::string& line = table.emplace_back();
    for (const expr::Value& value : row) expr::AppendJson(value, line += line.empty() ? "" : " ");
    return true;
  }
  std::string rows;
  Lines table;
  bool wants_series = false;
};

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// "FROM TO STEP QUERY"
absl::StatusOr<plan::Plan> ParseMetric(const std::string& text) {
  std::istringstream words(text);
  double from = 0;
  double to = 0;
  double step = 1;
  words >> from >> to >> step;
  std::string query;
  std::getline(words, query, '\0');
  const auto at = [](double seconds) { return kFirstNs + static_cast<int64_t>(seconds * 1e9); };
  const plan::Grid grid{at(from), at(to), static_cast<int64_t>(step * 1e9)};
  auto parsed = lang::logql::ParseQuery(query, {.now_ns = kFirstNs, .grid = grid});
  if (!parsed.ok()) return parsed.status();
  return parsed->plan;
}

absl::StatusOr<plan::Plan> ParseQuery(const std::string& language, const std::string& written) {
  const bool is_file = written.starts_with("@" + language + "/");
  const std::string text =
      is_file ? ReadFile(TAFFRAIL_SOURCE_DIR "/tests/query/vectors/" + written.substr(1)) : written;
  if (language == "plan") return plan::Parse(text);
  if (language == "metric") return ParseMetric(text);
  if (language == "elastic") return lang::elastic::Parse(text, kFirstNs + 3600 * kSecondNs);
  if (language == "qs" || language == "sqs") {
    plan::Plan result;
    TAFFRAIL_ASSIGN_OR_RETURN(result.source.filter,
                              lang::elastic::ParseQueryString(text, {.now_ns = kFirstNs + 3600 * kSecondNs,
                                                                     .is_simple = language == "sqs"}));
    return result;
  }
  if (language == "index") {
    plan::Plan result;
    TAFFRAIL_ASSIGN_OR_RETURN(const auto selection, lang::elastic::SelectIndices(text));
    result.source.filter = selection.filter;
    return result;
  }
  return lang::Parse(language, text, kFirstNs + 3600 * kSecondNs);
}

// Splits a paragraph into language, query, "rows" or "answer" or "error", and the rest.
struct Case {
  std::string language;
  std::string query;
  std::string verdict;
  std::string operand;
  Lines table;
};

Case ReadCase(const Lines& lines) {
  Case result;
  const size_t space = lines[0].find(' ');
  result.language = lines[0].substr(0, space);
  result.query = space == std::string::npos ? "" : lines[0].substr(space + 1);
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::string word = lines[i].substr(0, lines[i].find(' '));
    if (!result.verdict.empty()) {
      result.table.push_back(lines[i]);
    } else if (word == "rows" || word == "answer" || word == "error" || word == "show" || word == "series" ||
               word == "aggs" || word == "hits") {
      result.verdict = word;
      result.operand = lines[i].size() > word.size() ? lines[i].substr(word.size() + 1) : "";
    } else {
      result.query += "\n" + lines[i];
    }
  }
  return result;
}

absl::StatusOr<plan::Plan> PlanOf(const Case& test) {
  if (test.verdict != "show" || test.language != "logql") return ParseQuery(test.language, test.query);
  auto parsed = lang::logql::ParseQuery(test.query, {.now_ns = kFirstNs, .grid = {0, 0, 1}, .entries = true});
  if (!parsed.ok()) return parsed.status();
  return parsed->plan;
}

void ExpectAnswer(const Case& test, const Answer& answer, const absl::Status& status) {
  if (test.verdict == "error") {
    EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr(test.operand));
    return;
  }
  ASSERT_TRUE(status.ok()) << status;
  if (test.verdict == "rows") {
    EXPECT_EQ(answer.rows, test.operand);
  } else {
    EXPECT_EQ(answer.table, test.table);
  }
}

// The answer to a search as a whole: its aggregations, or its hits without their ids.
void RunElastic(const Case& test, const record::RecordBatch& batch) {
  const auto search = lang::elastic::ParseSearch(test.query, kFirstNs + 3600 * kSecondNs);
  if (!search.ok()) return ExpectAnswer(test, {}, search.status());
  exec::BatchEngine engine({batch});
  const elastic::RunPlan run = [&engine](const plan::Plan& plan, exec::ResultSink& sink) {
    exec::ExecStats stats;
    return exec::Execute(plan, engine, sink, {}, stats);
  };
  const auto answer = elastic::Answer(*search, {}, run, [] { return 0; });
  if (test.verdict == "error") return ExpectAnswer(test, {}, answer.status());
  ASSERT_TRUE(answer.ok()) << answer.status();
  const auto json = lang::elastic::ParseJson(*answer);
  ASSERT_TRUE(json.ok()) << json.status() << *answer;
  std::string found;
  if (test.verdict == "aggs") {
    ASSERT_NE(json->Find("aggregations"), nullptr);
    lang::elastic::AppendJson(*json->Find("aggregations"), found);
  } else {
    lang::elastic::Json hits = *json->Find("hits")->Find("hits");
    for (auto& [unused, hit] : hits.members) {
      std::erase_if(hit.members, [](const auto& member) { return member.first == "_id"; });
    }
    lang::elastic::AppendJson(hits, found);
  }
  EXPECT_EQ(found, test.operand);
}

// What stands ahead of a jq filter takes nothing from its answer.
void ExpectSameWithoutCondition(const Case& test, plan::Plan plan, const record::RecordBatch& batch) {
  plan.source.filter = expr::True();
  exec::BatchEngine engine({batch});
  Answer answer;
  answer.shown = {"line"};
  exec::ExecStats stats;
  ExpectAnswer(test, answer, exec::Execute(plan, engine, answer, {}, stats));
}

void RunCase(const Case& test, const record::RecordBatch& batch) {
  ASSERT_FALSE(test.verdict.empty()) << "a case ends in rows, answer, show, series, aggs, hits or error";
  if (test.verdict == "aggs" || test.verdict == "hits") return RunElastic(test, batch);
  const auto plan = PlanOf(test);
  if (test.verdict == "error" && test.language == "elastic") return RunElastic(test, batch);
  if (!plan.ok() && test.verdict == "error") return ExpectAnswer(test, {}, plan.status());
  ASSERT_TRUE(plan.ok()) << plan.status();
  // What prints reads back; and what is run is the same with each pass of the optimizer left out.
  const auto printed = plan::Parse(plan::ToString(*plan));
  ASSERT_TRUE(printed.ok()) << printed.status() << plan::ToString(*plan);
  EXPECT_TRUE(plan::Equal(*plan, *printed)) << plan::ToString(*plan) << plan::ToString(*printed);
  std::vector<std::vector<std::string>> without = {{}};
  for (const exec::Pass& pass : exec::Passes()) without.push_back({std::string(pass.name)});
  for (const std::vector<std::string>& passes : without) {
    SCOPED_TRACE(passes.empty() ? "all passes" : "without " + passes[0]);
    exec::BatchEngine engine({batch});
    Answer answer;
    std::istringstream words(test.operand);
    for (std::string word; test.verdict == "show" && words >> word;) answer.shown.push_back(word);
    answer.wants_series = test.verdict == "series";
    if (test.language == "jq") answer.shown = {"line"};
    exec::ExecStats stats;
    exec::ExecOptions options;
    options.disabled_passes = passes;
    ExpectAnswer(test, answer, exec::Execute(*plan, engine, answer, options, stats));
    if (test.language == "jq") break;  // no pass knows of it, and each run is a process
  }
  if (test.language == "jq" && plan->source.filter->op != expr::Expr::Op::kTrue)
    ExpectSameWithoutCondition(test, *plan, batch);
}

// Of what `jq -c FILTER` prints for the lines, each a line.
std::optional<Lines> AskJq(const std::string& filter, const Lines& lines) {
  const std::filesystem::path directory = ::testing::TempDir();
  const std::string input = directory / ("jq_lines_" + std::to_string(getpid()));
  const std::string program = directory / ("jq_filter_" + std::to_string(getpid()));
  std::ofstream(program) << filter;
  std::ofstream file(input);
  for (const std::string& line : lines) file << line << '\n';
  file.close();
  const std::string command = "TZ=UTC0 jq -c -f '" + program + "' '" + input + "' 2>/dev/null";
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return std::nullopt;
  std::string printed;
  char piece[4096];
  for (size_t count = 0; (count = fread(piece, 1, sizeof(piece), pipe)) > 0;) printed.append(piece, count);
  pclose(pipe);
  std::filesystem::remove(input);
  std::filesystem::remove(program);
  Lines said;
  std::istringstream stream(printed);
  for (std::string line; std::getline(stream, line);) said.push_back(line);
  return said;
}

// Each answer in jq.txt is the one that the program gives, wherever all lines are objects.
TEST(QueryCasesTest, JqAgrees) {  // REQ Q-04
  if (std::system("jq --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "jq is not installed";
  size_t compared = 0;
  Lines lines;
  for (const Paragraph& paragraph : ReadParagraphs(TAFFRAIL_SOURCE_DIR "/tests/query/cases/jq.txt")) {
    SCOPED_TRACE("jq.txt:" + std::to_string(paragraph.line_number));
    if (paragraph.lines[0] == "data") {
      lines.assign(paragraph.lines.begin() + 1, paragraph.lines.end());
      continue;
    }
    const Case test = ReadCase(paragraph.lines);
    const bool objects = std::all_of(lines.begin(), lines.end(),
                                     [](const std::string& line) { return record::IsJsonLine(line); });
    if (test.verdict != "answer" || !objects) continue;
    const auto said = AskJq(test.query, lines);
    ASSERT_TRUE(said.has_value());
    EXPECT_EQ(*said, test.table);
    ++compared;
  }
  EXPECT_GT(compared, 50u);
}

TEST(QueryCasesTest, AllFiles) {  // REQ Q-01, Q-02, Q-03, Q-04, Q-06
  size_t cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(TAFFRAIL_SOURCE_DIR "/tests/query/cases")) {
    record::RecordBatch batch;
    for (const Paragraph& paragraph : ReadParagraphs(entry.path())) {
      SCOPED_TRACE(entry.path().filename().string() + ":" + std::to_string(paragraph.line_number));
      if (paragraph.lines[0] == "data") {
        batch = BuildData(paragraph.lines);
      } else {
        RunCase(ReadCase(paragraph.lines), batch);
        ++cases;
      }
    }
  }
  EXPECT_GT(cases, 700u);
}

// Whatever somebody sends is a plan or an error that says where: no stack overflows, and nothing grows faster
// than the query.
TEST(InsightsTest, BoundsLargeAndDeepQueries) {  // REQ Q-02
  const auto many = [](const std::string& begin, const std::string& piece, const std::string& end) {
    std::string query = begin;
    while (query.size() < (1u << 20)) query += piece;
    return query + end;
  };
  const auto parse = [](const std::string& query) { return lang::Parse("insights", query, 0).status(); };
  EXPECT_TRUE(parse(many("filter a = 1", " or a = 1", "")).ok());
  EXPECT_TRUE(parse(many("filter a in [1", ", 1", "]")).ok());
  EXPECT_TRUE(parse(many("filter tolower(a) in [1", ", 1", "]")).ok());
  for (const std::string& query :
       {many("filter ", "(", ""), many("filter ", "not ", "a"), many("fields ", "-", "1"),
        many("fields 1", "+1", ""), many("fields 1", "^1", ""), many("fields ", "abs(", ""),
        many("fields a", ".a", ""), many("fields a", ", a", ""), many("fields a", "| fields a", ""),
        many("limit 1", "|limit 1", ""), many("filter a like /x/", " or a like /x/", ""),
        many("filter a = \"", "x", ""), many("parse \"", "*", "\" as a"),
        many("fields ((a in [1])", " in [1]", ""), many("", "|", ""), many("filter a like /b", "c?", "/"),
        many("parse \"*", "x", "\" as a"), many("filter a[", "0", "]"),
        many("stats count(*) as a", ", count(*) as a", "")}) {
    const absl::Status status = parse(query);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << query.substr(0, 40);
    EXPECT_LT(status.message().size(), 2000u) << query.substr(0, 40);
    EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("column ")) << query.substr(0, 40);
  }
}

}  // namespace
}  // namespace taffrail::query
