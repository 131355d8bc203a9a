// `taffrail trail`: everything about one request, as a timeline and waterfall.
#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "base/time_text.h"
#include "cmd/ask.h"
#include "cmd/command.h"
#include "cmd/output.h"
#include "cmd/row_batcher.h"
#include "cmd/server_client.h"
#include "cmd/trail_view.h"
#include "query/exec/executor.h"
#include "query/plan/plan.h"

namespace taffrail::cmd {
namespace {

struct TrailArguments {
  std::string id;
  Place place;
  Period period;
  std::string format = "table";
  bool json = false;
  bool fail_empty = false;
};

absl::Status NothingFound(const std::string& id) {
  return absl::NotFoundError(fmt::format("no record has \"{}\" as a value or a whole word", id));
}

absl::StatusOr<std::string> JsonOfServer(const TrailArguments& arguments) {
  TAFFRAIL_ASSIGN_OR_RETURN(std::string url, ServerUrl(arguments.place.url));
  net::QueryParameters query;
  if (!arguments.period.from.empty()) query.Add("from", arguments.period.from);
  if (!arguments.period.to.empty()) query.Add("to", arguments.period.to);
  return ServerClient(std::move(url)).Get("/api/v1/trail/" + net::PercentEncode(arguments.id), query);
}

// What is needed of the document to draw it.
absl::StatusOr<std::vector<TrailLine>> LinesOf(const std::string& json) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  simdjson::dom::array events;
  if (parser.parse(json).get(document) != simdjson::SUCCESS ||
      document["events"].get(events) != simdjson::SUCCESS) {
    return absl::InternalError(
        "the server answered with something else than a trail; is it a Taffrail server?");
  }
  std::vector<TrailLine> lines;
  for (const simdjson::dom::element& event : events) {
    const auto text = [&event](const char* path) {
      std::string_view value;
      return event.at_pointer(path).get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
    };
    TrailLine line;
    line.timestamp_ns = base::ParseRfc3339(text("/entry/timestamp")).value_or(0);
    line.service = text("/service");
    line.level = text("/level");
    line.message = text("/message");
    line.span_id = text("/span_id");
    line.parent_span_id = text("/parent_span_id");
    double duration_ms = 0;
    if (event["duration_ms"].get(duration_ms) == simdjson::SUCCESS) line.duration_ms = duration_ms;
    lines.push_back(std::move(line));
  }
  return lines;
}

// By the locale's variables, in their order of precedence: what programs of a terminal go by.
bool ShowsUtf8() {
  for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string lower = absl::AsciiStrToLower(value);
    return lower.find("utf-8") != std::string::npos || lower.find("utf8") != std::string::npos;
  }
  return false;
}

class Collect final : public query::exec::ResultSink {
 public:
  bool OnColumns(const std::vector<std::string>&) override { return true; }
  bool OnRecord(const query::exec::LogRow& row) override {
    batcher_.Add(row);
    return true;
  }
  bool OnRow(const std::vector<expr::Value>&) override { return true; }

  std::vector<TrailLine> Finish() {
    batcher_.Flush();
    return std::move(lines_);
  }

 private:
  std::vector<TrailLine> lines_;
  RowBatcher batcher_{[this](const record::RecordBatch& batch) { AppendTrailLines(batch, lines_); }};
};

absl::StatusOr<std::vector<TrailLine>> LinesOfPlace(const TrailArguments& arguments, base::Env& env) {
  TAFFRAIL_ASSIGN_OR_RETURN(const LocalEngine local, OpenLocalEngine(arguments.place, env));
  query::plan::Plan plan;
  TAFFRAIL_ASSIGN_OR_RETURN(plan.source.range, RangeOf(arguments.period, env));
  expr::Expr phrase;
  phrase.op = expr::Expr::Op::kPhrase;
  phrase.field.source = expr::FieldRef::Source::kAny;
  phrase.text = arguments.id;
  plan.source.filter = expr::Make(std::move(phrase));
  Collect collect;
  query::exec::ExecStats stats;
  TAFFRAIL_RETURN_IF_ERROR(query::exec::Execute(plan, *local.engine, collect, {.env = &env}, stats));
  return collect.Finish();
}

absl::StatusOr<ExitCode> Trail(const TrailArguments& arguments, Program& program) {
  TAFFRAIL_RETURN_IF_ERROR(RangeOf(arguments.period, program.env).status());
  const bool wants_json = arguments.json || arguments.format == "json";
  std::string json;
  std::vector<TrailLine> lines;
  if (arguments.place.IsServer()) {
    auto answer = JsonOfServer(arguments);
    if (!answer.ok() && !absl::IsNotFound(answer.status())) return answer.status();
    if (answer.ok()) {
      json = *std::move(answer);
      TAFFRAIL_ASSIGN_OR_RETURN(lines, LinesOf(json));
    }
  } else {
    TAFFRAIL_ASSIGN_OR_RETURN(lines, LinesOfPlace(arguments, program.env));
  }
  if (lines.empty()) {
    fmt::print(stderr, "{}", ErrorText(NothingFound(arguments.id)));
    return arguments.fail_empty ? ExitCode::kCheckFailed : ExitCode::kDone;
  }
  if (json.empty() && wants_json) json = TrailJson(arguments.id, lines);
  const Painter painter(UseColor(program.color, STDOUT_FILENO));
  TAFFRAIL_RETURN_IF_ERROR(
      WriteOut(wants_json ? json : RenderTrail(arguments.id, lines, painter, TerminalWidth(), ShowsUtf8())));
  return ExitCode::kDone;
}

}  // namespace

void AddTrail(Command app, Program& program) {
  auto arguments = std::make_shared<TrailArguments>();
  const Command command =
      AddCommand(app, program,
                 {"Ask", "trail", "What happened to one request, across services and files",
                  "  taffrail trail req_8f4e2b1c\n"
                  "  taffrail trail 4bf92f3577b34da6a3ce929d0e0e4736 --data ./logs\n"
                  "  taffrail trail req_8f4e2b1c api.log worker.log.gz"},
                 [arguments, &program] { return Trail(*arguments, program); });
  command.Add("ID", arguments->id, "A request, trace or other id").Required().Type("ID");
  command.Add("FILE", arguments->place.files, "Files to look in, instead of a server").Type("FILE");
  AddPlaceOptions(command, arguments->place);
  AddPeriodOptions(command, arguments->period);
  command.AddFlag("--fail-empty", arguments->fail_empty, "Exit code 1 when nothing is found").Group("What");
  command.AddFormat(arguments->format).Group("How to print");
  command.AddFlag("--json", arguments->json, "The same as --format json").Group("How to print");
}

}  // namespace taffrail::cmd
