#include "cmd/answer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

namespace taffrail::cmd {
namespace {

// What a printer writes of two records, one of them text.
std::string Records(std::string_view format, AnswerStyle style = {}) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  {
    Output output(ends[1]);
    const auto printer = AnswerPrinter::Create(format, style, output);
    const record::Labels labels = {{"app", "x"}};
    printer->OnColumns({});
    query::exec::LogRow row;
    row.labels = &labels;
    row.line = R"({"level":"INFO", "service":"api","message":"a,b","n":1.50})";
    printer->OnRecord(row);
    row.timestamp_ns = 1'000'000'000;
    row.line = "text";
    printer->OnRecord(row);
    EXPECT_EQ(printer->rows(), 2u);
    printer->Finish();
  }
  close(ends[1]);
  std::string text(4096, '\0');
  const ssize_t size = read(ends[0], text.data(), text.size());
  close(ends[0]);
  text.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return text;
}

TEST(Answer, Raw) {  // REQ P-03
  EXPECT_EQ(Records("raw"),
            "{\"level\":\"INFO\", \"service\":\"api\",\"message\":\"a,b\",\"n\":1.50}\ntext\n");
}

TEST(Answer, Ndjson) {
  EXPECT_EQ(Records("ndjson"),
            R"({"timestamp":"1970-01-01T00:00:00.000000000Z","stream":{"app":"x"},"record":{"level":"INFO", )"
            R"("service":"api","message":"a,b","n":1.50}})"
            "\n"
            R"({"timestamp":"1970-01-01T00:00:01.000000000Z","stream":{"app":"x"},"record":"text"})"
            "\n");
}

TEST(Answer, CsvWithFields) {
  EXPECT_EQ(Records("csv", {.fields = {"level", "message", "n", "app", "missing"}}),
            "level,message,n,app,missing\r\nINFO,\"a,b\",1.50,x,\r\n,text,,x,\r\n");
}

TEST(Answer, Table) {
  EXPECT_EQ(Records("table", {.fields = {"level", "message"}}), "level  message\nINFO   a,b\n       text\n");
}

TEST(Answer, EveryFormatPrintsSomething) {
  setenv("TZ", "UTC", 1);
  for (const std::string& format : AnswerFormats()) {
    EXPECT_NE(Records(format).find("text"), std::string::npos) << format;
    EXPECT_NE(Records(format, {.color = true, .width = 80}).find("text"), std::string::npos) << format;
  }
}

TEST(Answer, ColouredJsonIsTheSameText) {
  std::string colored = Records("json", {.color = true});
  EXPECT_NE(colored.find('\x1b'), std::string::npos);
  for (size_t at = 0; (at = colored.find("\x1b[")) != std::string::npos;) {
    colored.erase(at, colored.find('m', at) - at + 1);
  }
  EXPECT_EQ(colored, Records("json"));
}

}  // namespace
}  // namespace taffrail::cmd
