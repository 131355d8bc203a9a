// `taffrail tail`: lines as they come in, over server-sent events.
#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "base/backoff.h"
#include "cmd/answer.h"
#include "cmd/ask_options.h"
#include "cmd/command.h"
#include "cmd/human.h"
#include "cmd/printable.h"
#include "cmd/remote_record.h"
#include "cmd/server_client.h"
#include "cmd/sse.h"

namespace taffrail::cmd {
namespace {

struct TailArguments {
  Place place;
  std::string query = "*";
  std::string lang = "search";
  uint64_t count = 0;  // 0: until interrupted
  Printing printing;
};

class Tail {
 public:
  Tail(const TailArguments& arguments, Program& program, const std::string& url)
      : arguments_(arguments),
        program_(program),
        client_(url),
        output_(STDOUT_FILENO),
        printer_(AnswerPrinter::Create(FormatOf(arguments.printing), StyleOf(arguments.printing, program),
                                       output_)),
        backoff_(program.env, {}) {}

  // Until nobody reads any more, enough has been seen, or the server says that the query makes no sense. A
  // server that goes away is waited for, if it was there in the beginning.
  absl::Status Run() {
    printer_->OnColumns({});
    for (;;) {
      const absl::Status ended = Connect();
      if (done_) break;
      const bool may_come_back = ended.ok() || absl::IsUnavailable(ended) || absl::IsDeadlineExceeded(ended);
      if (!connected_once_ || !may_come_back) return ended;
      const int64_t delay_ms = backoff_.NextDelayMs();
      Note(fmt::format("{} has gone away; trying again in {}", client_.url(),
                       HumanDuration(delay_ms * 1'000'000)));
      program_.env.SleepNs(delay_ms * 1'000'000);
    }
    printer_->Finish();
    return output_.status();
  }

 private:
  // The server says "still here" every 15 seconds: three missed in a row, and the connection is dead.
  static constexpr int64_t kSilenceMs = 45'000;

  absl::Status Connect() {
    net::QueryParameters query;
    query.Add("query", arguments_.query);
    query.Add("lang", arguments_.lang);
    SseParser parser;
    absl::Status status;
    const absl::Status ended = client_.Stream(
        "/api/v1/tail", query, {{"Accept", "text/event-stream"}},
        [&](std::string_view piece) {
          if (connected_once_ && backoff_.attempts() > 0)
            Note("connected again; lines in between: taffrail search");
          connected_once_ = true;
          backoff_.Reset();
          const auto more = parser.Feed(piece, [&](const SseEvent& event) { return Take(event, status); });
          if (!more.ok()) status = more.status();
          if (!printer_->Flush()) done_ = true;
          return status.ok() && !done_;
        },
        kSilenceMs);
    return status.ok() ? ended : status;
  }

  bool Take(const SseEvent& event, absl::Status& status) {
    if (event.name == "dropped") {
      Note(fmt::format("this terminal is too slow: lines were left out ({})", Printable(event.data)));
      return true;
    }
    if (event.name == "note") {
      for (const std::string& message : NoteMessages(event.data)) Note(Printable(message));
      return true;
    }
    if (event.name == "error") {
      net::HttpClientResponse problem;
      problem.body = event.data;
      status = absl::InternalError(std::string(ErrorOf(client_.url(), problem).message()));
      return false;
    }
    const auto row = reader_.Record(event.data);
    if (!row.ok()) {
      status = row.status();
      return false;
    }
    done_ = !printer_->OnRecord(*row) || (arguments_.count > 0 && printer_->rows() >= arguments_.count);
    return !done_;
  }

  void Note(const std::string& text) const {
    if (!program_.quiet) fmt::print(stderr, "taffrail: {}\n", text);
  }

  const TailArguments& arguments_;
  Program& program_;
  ServerClient client_;
  Output output_;
  const std::unique_ptr<AnswerPrinter> printer_;
  RemoteRecordReader reader_;
  base::Backoff backoff_;
  bool connected_once_ = false;
  bool done_ = false;
};

}  // namespace

void AddTail(Command app, Program& program) {
  auto arguments = std::make_shared<TailArguments>();
  const Command command =
      AddCommand(app, program,
                 {"Ask", "tail", "Follow lines as they come in",
                  "  taffrail tail\n"
                  "  taffrail tail 'level:ERROR service:api'\n"
                  "  taffrail tail -n 100 --format raw 'path:/login' > sample.ndjson"},
                 [arguments, &program]() -> absl::StatusOr<ExitCode> {
                   TAFFRAIL_ASSIGN_OR_RETURN(const std::string url, ServerUrl(arguments->place.url));
                   TAFFRAIL_RETURN_IF_ERROR(Tail(*arguments, program, url).Run());
                   return ExitCode::kDone;
                 });
  command.Add("QUERY", arguments->query, "Which lines (default: all)").Type("QUERY");
  AddLanguageOption(command, arguments->lang);
  command.Add("-n,--count", arguments->count, "End after so many lines (default: never)").Type("N");
  AddUrlOption(command, arguments->place);
  AddPrintingOptions(command, arguments->printing);
}

}  // namespace taffrail::cmd
