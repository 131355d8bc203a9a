// `taffrail patterns`: the templates that lines were made from, how often each, and which are new.
#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time_text.h"
#include "cmd/ask.h"
#include "cmd/command.h"
#include "cmd/output.h"
#include "cmd/server_client.h"
#include "cmd/table.h"
#include "query/exec/executor.h"
#include "server/pattern_lines.h"
#include "server/pattern_report.h"
#include "server/query_text.h"

namespace taffrail::cmd {
namespace {

constexpr size_t kBuckets = 60;

struct PatternsArguments {
  std::vector<std::string> words;  // the query and the files
  Place place;
  Period period;
  std::string lang = "search";
  std::string new_since;
  uint64_t limit = 50;
  bool anomalies = false;
  std::string format = "table";

  std::string query() const { return words.empty() ? "*" : words.front(); }
};

absl::StatusOr<std::string> OfServer(const PatternsArguments& arguments) {
  TAFFRAIL_ASSIGN_OR_RETURN(std::string url, ServerUrl(arguments.place.url));
  net::QueryParameters query;
  query.Add("query", arguments.query());
  query.Add("lang", arguments.lang);
  if (!arguments.period.from.empty()) query.Add("from", arguments.period.from);
  if (!arguments.period.to.empty()) query.Add("to", arguments.period.to);
  if (!arguments.new_since.empty()) query.Add("new_since", arguments.new_since);
  query.Add("limit", fmt::format("{}", arguments.limit));
  if (arguments.anomalies) query.Add("anomalies", "1");
  return ServerClient(std::move(url)).Get("/api/v1/patterns", query);
}

// The same document, made here.
absl::StatusOr<std::string> OfPlace(const PatternsArguments& arguments, base::Env& env) {
  TAFFRAIL_ASSIGN_OR_RETURN(const query::plan::TimeRange asked, RangeOf(arguments.period, env));
  TAFFRAIL_ASSIGN_OR_RETURN(const server::RecordsQuery records,
                            server::ParseRecords(arguments.lang, arguments.query(), env.NowNs()));
  server::PatternQuery query;
  query.range = {std::max(asked.from_ns, records.range.from_ns), std::min(asked.to_ns, records.range.to_ns)};
  query.filter = records.filter;
  query.steps.max_steps = kBuckets;
  if (!arguments.new_since.empty()) {
    TAFFRAIL_ASSIGN_OR_RETURN(const int64_t time_ns, base::ParseTimeArg(arguments.new_since, env.NowNs()));
    if (time_ns <= query.range.from_ns) {
      return absl::InvalidArgumentError(
          "--new-since is not after --from: a pattern is new only beside older lines, so begin earlier");
    }
    query.new_since_ns = time_ns;
  }
  TAFFRAIL_ASSIGN_OR_RETURN(const LocalEngine local, OpenLocalEngine(arguments.place, env));
  query::exec::ExecStats stats;
  TAFFRAIL_ASSIGN_OR_RETURN(const server::MinedLines found,
                            server::MineLines(query, *local.engine, {.env = &env}, stats));
  const server::PatternReport report{
      .limit = arguments.limit, .new_since_ns = query.new_since_ns, .anomalies = arguments.anomalies};
  return report.ToJson(found);
}

// The last of a pattern's jumps: "14:05 +120 of 3.2", of which the day is that of the last line mostly.
std::string JumpText(const simdjson::dom::element& pattern) {
  simdjson::dom::array jumps;
  if (pattern["jumps"].get(jumps) != simdjson::SUCCESS || jumps.size() == 0) return "";
  const simdjson::dom::element last = jumps.at(jumps.size() - 1);
  std::string_view from;
  uint64_t lines = 0;
  double usual = 0;
  if (last["from"].get(from) != simdjson::SUCCESS || last["lines"].get(lines) != simdjson::SUCCESS ||
      last["usual"].get(usual) != simdjson::SUCCESS) {
    return "";
  }
  constexpr size_t kToSeconds = 19;  // of an RFC 3339 time
  return fmt::format("{}: {}, usually {:.3g}", from.substr(0, kToSeconds), lines, usual);
}

absl::StatusOr<std::string> Render(const std::string& json, bool asks_new, const Painter& painter,
                                   size_t width) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  simdjson::dom::array patterns;
  if (parser.parse(json).get(document) != simdjson::SUCCESS ||
      document["patterns"].get(patterns) != simdjson::SUCCESS) {
    return absl::InternalError(
        "the server answered with something else than patterns; is it a Taffrail server?");
  }
  const auto text = [](const simdjson::dom::element& element, const char* name) {
    std::string_view value;
    return element[name].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
  };
  std::vector<std::string> header = {"lines", "first", "last", "pattern"};
  if (asks_new) header.insert(header.begin() + 1, "new");
  const bool has_jumps = std::any_of(patterns.begin(), patterns.end(),
                                     [](const auto& pattern) { return !JumpText(pattern).empty(); });
  if (has_jumps) header.insert(header.end() - 1, "jump");
  Table table(header);
  for (const simdjson::dom::element& pattern : patterns) {
    uint64_t lines = 0;
    if (pattern["lines"].get(lines) != simdjson::SUCCESS) continue;
    std::vector<std::string> cells = {fmt::format("{}", lines)};
    bool is_new = false;
    if (asks_new) cells.emplace_back(pattern["new"].get(is_new) == simdjson::SUCCESS && is_new ? "new" : "");
    constexpr size_t kToSeconds = 19;  // of an RFC 3339 time
    cells.push_back(text(pattern, "first").substr(0, kToSeconds));
    cells.push_back(text(pattern, "last").substr(0, kToSeconds));
    if (has_jumps) cells.push_back(JumpText(pattern));
    cells.push_back(text(pattern, "pattern"));
    table.AddRow(std::move(cells));
  }
  std::string out = table.rows() > 0 ? table.Render(painter, width) : "";
  bool truncated = false;
  if (document["truncated"].get(truncated) == simdjson::SUCCESS && truncated) {
    out += fmt::format("\nof lines without a message the newest {}; a shorter time range has them all\n",
                       server::kMostLinesWithoutMessage);
  }
  return out;
}

absl::StatusOr<ExitCode> Patterns(PatternsArguments& arguments, Program& program) {
  TAFFRAIL_RETURN_IF_ERROR(RangeOf(arguments.period, program.env).status());
  if (arguments.words.size() > 1) {
    arguments.place.files.assign(arguments.words.begin() + 1, arguments.words.end());
  }
  if (!arguments.place.files.empty() && !(arguments.place.url.empty() && arguments.place.data_dir.empty())) {
    return absl::InvalidArgumentError(
        "either files or --url or --data; a query of several words needs quotes");
  }
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string json, arguments.place.IsServer()
                                                        ? OfServer(arguments)
                                                        : OfPlace(arguments, program.env));
  std::string text = json;
  if (arguments.format == "table") {
    const Painter painter(UseColor(program.color, STDOUT_FILENO));
    const size_t width = IsTerminal(STDOUT_FILENO) ? TerminalWidth() : 0;
    TAFFRAIL_ASSIGN_OR_RETURN(text, Render(json, !arguments.new_since.empty(), painter, width));
  }
  TAFFRAIL_RETURN_IF_ERROR(WriteOut(text));
  return ExitCode::kDone;
}

}  // namespace

void AddPatterns(Command app, Program& program) {
  auto arguments = std::make_shared<PatternsArguments>();
  const Command command = AddCommand(
      app, program,
      {"Ask", "patterns", "What the lines are made of, and what is new among it",
       "  taffrail patterns --from -1h\n"
       "  taffrail patterns 'level:ERROR' --from -1d --new-since -1h   since a deployment, say\n"
       "  taffrail patterns --from -1d --anomalies                     what is out of the ordinary\n"
       "  taffrail patterns '*' app.log app.log.1.gz                   straight from files"},
      [arguments, &program] { return Patterns(*arguments, program); });
  command.Add("QUERY", arguments->words, "Of which lines (default: all), and files to look in")
      .Type("QUERY [FILE...]");
  AddPlaceOptions(command, arguments->place);
  AddPeriodOptions(command, arguments->period);
  command
      .Add("--new-since", arguments->new_since,
           "Mark patterns that no line before this time has, from --from on")
      .Type("TIME")
      .Group("When");
  AddLanguageOption(command, arguments->lang).Group("What");
  command
      .AddFlag("--anomalies", arguments->anomalies,
               "Only patterns that are new, or had far more lines at a time than before")
      .Group("What");
  command.Add("--limit", arguments->limit, "The most frequent N (default: 50)")
      .Type("N")
      .Within(int64_t{1}, int64_t{server::PatternReport::kMostShown})
      .Group("What");
  command.AddFormat(arguments->format).Group("How to print");
}

}  // namespace taffrail::cmd
