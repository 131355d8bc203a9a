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
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "query/exec/batch_engine.h"
#include "query/exec/executor.h"
#include "query/lang/logql/logql.h"
#include "query/lang/search/search.h"
#include "query/plan/text.h"
#include "record/batch_builder.h"

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

// Records by number, tables as lines of JSON.
class Answer final : public exec::ResultSink {
 public:
  bool OnColumns(const std::vector<std::string>&) override { return true; }
  bool OnRecord(const exec::LogRow& row) override {
    rows += (rows.empty() ? "" : " ") + std::to_string(row.sequence);
    return true;
  }
  bool OnRow(const std::vector<expr::Value>& row) override {
    std::string& line = table.emplace_back();
    for (const expr::Value& value : row) expr::AppendJson(value, line += line.empty() ? "" : " ");
    return true;
  }
  std::string rows;
  Lines table;
};

absl::StatusOr<plan::Plan> ParseQuery(const std::string& language, const std::string& text) {
  if (language == "search") return lang::search::Parse(text, kFirstNs + 3600 * kSecondNs);
  if (language == "logql") return lang::logql::Parse(text, kFirstNs);
  if (language == "plan") return plan::Parse(text);
  return absl::InvalidArgumentError("no such language: " + language);
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
    } else if (word == "rows" || word == "answer" || word == "error") {
      result.verdict = word;
      result.operand = lines[i].size() > word.size() ? lines[i].substr(word.size() + 1) : "";
    } else {
      result.query += "\n" + lines[i];
    }
  }
  return result;
}

void RunCase(const Case& test, const record::RecordBatch& batch) {
  const auto plan = ParseQuery(test.language, test.query);
  if (test.verdict == "error") {
    ASSERT_FALSE(plan.ok());
    EXPECT_THAT(std::string(plan.status().message()), ::testing::HasSubstr(test.operand));
    return;
  }
  ASSERT_TRUE(plan.ok()) << plan.status();
  exec::BatchEngine engine({batch});
  Answer answer;
  exec::ExecStats stats;
  const absl::Status status = exec::Execute(*plan, engine, answer, {}, stats);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_TRUE(test.verdict == "rows" || test.verdict == "answer") << "a case ends in rows, answer or error";
  if (test.verdict == "rows") {
    EXPECT_EQ(answer.rows, test.operand);
  } else {
    EXPECT_EQ(answer.table, test.table);
  }
}

TEST(QueryCasesTest, AllFiles) {  // REQ Q-01, Q-04, Q-06
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
  EXPECT_GT(cases, 100u);
}

}  // namespace
}  // namespace taffrail::query
