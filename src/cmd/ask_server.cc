#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include "cmd/ask.h"
#include "cmd/remote_record.h"
#include "cmd/search_progress.h"
#include "cmd/server_client.h"

namespace taffrail::cmd {
namespace {

// Longer than the server's own limit on a query's time, so that it is the server that says why.
constexpr int64_t kSilenceMs = 120'000;

net::QueryParameters ParametersOf(const Question& question, std::string_view format) {
  net::QueryParameters query;
  query.Add("query", question.text);
  query.Add("lang", question.lang);
  if (!question.period.from.empty()) query.Add("from", question.period.from);
  if (!question.period.to.empty()) query.Add("to", question.period.to);
  // A limit nobody asked for is left to the server: it knows whether the answer is records or a table.
  if (question.has_limit) query.Add("limit", fmt::format("{}", question.limit));
  if (question.last > 0) query.Add("last", fmt::format("{}", question.last));
  query.Add("format", std::string(format));
  if (question.explain) query.Add("explain", "true");
  return query;
}

// Raw lines, CSV and the like, as they come.
class Copy {
 public:
  explicit Copy(Output& output) : output_(output) {}
  bool Take(std::string_view piece) {
    rows_ += static_cast<uint64_t>(std::count(piece.begin(), piece.end(), '\n'));
    return output_.Write(piece);
  }
  uint64_t rows() const { return rows_; }

 private:
  Output& output_;
  uint64_t rows_ = 0;
};

// NDJSON, line by line, into a printer.
class Reading {
 public:
  Reading(AnswerPrinter& printer, SearchProgress& progress) : printer_(printer), progress_(progress) {}

  bool Take(std::string_view piece) {
    while (!piece.empty() && status_.ok()) {
      const size_t end = piece.find('\n');
      line_ += piece.substr(0, end);
      if (end == std::string_view::npos) return true;
      piece.remove_prefix(end + 1);
      const bool more = TakeLine();
      line_.clear();
      if (!more) return false;
    }
    return status_.ok();
  }
  const absl::Status& status() const { return status_; }
  std::vector<std::string>& notes() { return notes_; }

 private:
  bool TakeLine() {
    constexpr std::string_view kError = R"({"error":{)";
    constexpr std::string_view kProgress = R"({"progress":{"blocks":)";
    constexpr std::string_view kNotes = R"({"notes":[{"message":)";
    if (std::string_view(line_).substr(0, kError.size()) == kError) return Failed();
    if (std::string_view(line_).substr(0, kProgress.size()) == kProgress) return ShowProgress();
    if (std::string_view(line_).substr(0, kNotes.size()) == kNotes) return TakeNotes();
    progress_.End();
    const auto row = reader_.Record(line_);
    if (row.ok()) {
      if (!std::exchange(started_, true)) printer_.OnColumns({});
      return printer_.OnRecord(*row);
    }
    status_ = reader_.TableRow(line_, columns_, values_);
    if (!status_.ok()) return false;
    if (!std::exchange(started_, true)) printer_.OnColumns(columns_);
    return printer_.OnRow(values_);
  }

  bool ShowProgress() {
    std::array<uint64_t, 4> numbers{};  // in the order in which the server writes them
    const char* at = line_.data();
    const char* const end = at + line_.size();
    for (uint64_t& number : numbers) {
      at = std::find_if(at, end, [](char c) { return c >= '0' && c <= '9'; });
      at = std::from_chars(at, end, number).ptr;
    }
    progress_.Update(numbers[1], numbers[0], numbers[3], numbers[2]);
    return true;
  }

  bool TakeNotes() {
    constexpr size_t kPrefix = std::string_view(R"({"notes":)").size();
    notes_ = NoteMessages(std::string_view(line_).substr(kPrefix, line_.size() - kPrefix - 1));
    return true;
  }

  // The answer broke off in its middle; the server says why.
  bool Failed() {
    constexpr size_t kPrefix = std::string_view(R"({"error":)").size();
    net::HttpClientResponse problem;
    problem.body = line_.substr(kPrefix, line_.size() - kPrefix - 1);
    status_ = absl::UnavailableError(std::string(ErrorOf("", problem).message()));
    return false;
  }

  AnswerPrinter& printer_;
  SearchProgress& progress_;
  RemoteRecordReader reader_;
  std::string line_;
  std::vector<std::string> columns_;
  std::vector<expr::Value> values_;
  std::vector<std::string> notes_;
  bool started_ = false;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<Asked> AskServer(const std::string& url, const Question& question, const AnswerForm& form,
                                base::Env& env, Output& output) {
  TAFFRAIL_RETURN_IF_ERROR(RangeOf(question.period, env).status());  // before anything is sent
  ServerClient client(url);
  net::Headers received;
  const auto stream = [&](std::string_view format, const net::HttpClient::OnData& on_data) {
    return client.Stream("/api/v1/search", ParametersOf(question, format), {}, on_data, kSilenceMs,
                         &received);
  };
  const bool as_it_comes = !form.style.color && form.style.fields.empty() && form.format != "table" &&
                           form.format != "pretty" && form.format != "json";
  if (question.explain || form.format == "raw" || as_it_comes) {
    Copy copy(output);
    TAFFRAIL_RETURN_IF_ERROR(stream(question.explain ? "ndjson" : form.format,
                                    [&copy](std::string_view piece) { return copy.Take(piece); }));
    output.Flush();
    const bool has_header = form.format == "csv" && copy.rows() > 0;
    return Asked{copy.rows() - (has_header ? 1 : 0), NoteMessages(received.Get("Taffrail-Notes"))};
  }
  const auto printer = AnswerPrinter::Create(form.format, form.style, output);
  SearchProgress progress(env, question.progress);
  Reading reading(*printer, progress);
  net::QueryParameters parameters = ParametersOf(question, "ndjson");
  if (question.progress) parameters.Add("progress", "true");
  parameters.Add("notes", "true");
  const absl::Status ended = client.Stream(
      "/api/v1/search", parameters, {}, [&reading](std::string_view piece) { return reading.Take(piece); },
      kSilenceMs);
  progress.End();
  printer->Finish();
  TAFFRAIL_RETURN_IF_ERROR(reading.status());
  TAFFRAIL_RETURN_IF_ERROR(ended);
  return Asked{printer->rows(), std::move(reading.notes())};
}

}  // namespace taffrail::cmd
