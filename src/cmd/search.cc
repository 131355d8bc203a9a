// `taffrail search`: asks a server, a store or files.
#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "cmd/ask.h"
#include "cmd/command.h"
#include "cmd/human.h"
#include "cmd/printable.h"
#include "cmd/server_client.h"

namespace taffrail::cmd {
namespace {

struct SearchArguments {
  std::vector<std::string> words;  // the query and the files
  Place place;
  Question question;
  Printing printing;
  bool fail_empty = false;
};

// The query stands first: `search QUERY FILE…`. It may also stand last, as `grep` users are wont to: that is
// how it is meant when the first word is a file and the last is not.
void SplitWords(SearchArguments& arguments, base::Env& env) {
  std::vector<std::string>& words = arguments.words;
  if (words.empty()) return;
  const auto is_file = [&env](const std::string& word) { return word == "-" || env.Exists(word); };
  auto query = words.begin();
  if (words.size() > 1 && is_file(words.front()) && !is_file(words.back())) query = words.end() - 1;
  arguments.question.text = *query;
  words.erase(query);
  arguments.place.files = words;
}

void Hint(const SearchArguments& arguments, uint64_t rows, int64_t elapsed_ns, const Program& program) {
  if (program.quiet || arguments.question.explain || !IsTerminal(STDERR_FILENO)) return;
  const bool cut = arguments.question.limit > 0 && rows == arguments.question.limit;
  fmt::print(stderr, "{} in {}{}\n", rows == 1 ? "1 line" : HumanCount(rows) + " lines",
             HumanDuration(elapsed_ns), cut ? "; there may be more: --limit 0 shows all" : "");
}

absl::StatusOr<ExitCode> Search(SearchArguments& arguments, Program& program) {
  SplitWords(arguments, program.env);
  Place& place = arguments.place;
  if (!place.files.empty() && (!place.url.empty() || !place.data_dir.empty())) {
    return absl::InvalidArgumentError(fmt::format(
        "either files ({} …) or --url or --data; a query of several words needs quotes", place.files[0]));
  }
  const int64_t start_ns = program.env.MonotonicNs();
  arguments.question.progress = !program.quiet && IsTerminal(STDERR_FILENO);
  const AnswerForm form{FormatOf(arguments.printing), StyleOf(arguments.printing, program)};
  Output output(STDOUT_FILENO);
  Asked asked;
  if (place.IsServer()) {
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string url, ServerUrl(place.url));
    TAFFRAIL_ASSIGN_OR_RETURN(asked, AskServer(url, arguments.question, form, program.env, output));
  } else {
    TAFFRAIL_ASSIGN_OR_RETURN(asked, AskLocally(place, arguments.question, form, program.env, output));
  }
  output.Flush();
  TAFFRAIL_RETURN_IF_ERROR(output.status());
  for (const std::string& note : asked.notes) {
    if (!program.quiet) fmt::print(stderr, "note: {}\n", Printable(note));
  }
  Hint(arguments, asked.rows, program.env.MonotonicNs() - start_ns, program);
  return asked.rows == 0 && arguments.fail_empty ? ExitCode::kCheckFailed : ExitCode::kDone;
}

}  // namespace

void AddSearch(Command app, Program& program) {
  auto arguments = std::make_shared<SearchArguments>();
  const Command command = AddCommand(
      app, program,
      {"Ask", "search", "Find lines, in a server, a store or files",
       "  taffrail search 'level:ERROR' --from -15m\n"
       "  taffrail search 'level:ERROR' app.log app.log.1.gz          straight from files, no server\n"
       "  taffrail search 'user.id:12345 -path:/health \"timed out\"'    words, fields, phrases\n"
       "  taffrail search 'metadata.duration_ms:>1000' --format csv --fields "
       "timestamp,service,metadata.duration_ms\n"
       "  taffrail search --lang logql '{app=\"api\"} |= \"panic\" | json'\n"
       "  taffrail search --lang insights 'stats count() as n by service | sort n desc'\n"
       "  taffrail search 'level:ERROR' --last 20                     the newest, in order of time\n"
       "  taffrail search '*' --limit 0 --format raw | jq .message      every line, as it was stored\n"
       "  taffrail search -- -quiet                                   a query that looks like an option"},
      [arguments, &program] { return Search(*arguments, program); });
  command.Add("QUERY", arguments->words, "What to look for (default: everything), and files to look in")
      .Type("QUERY [FILE...]");
  AddPlaceOptions(command, arguments->place);
  AddPeriodOptions(command, arguments->question.period);
  AddLanguageOption(command, arguments->question.lang).Group("What");
  command
      .Add(
          "--limit",
          [arguments](const uint64_t& limit) {
            arguments->question.limit = limit;
            arguments->question.has_limit = true;
          },
          "At most so many records, 0 for all (default: 1000)")
      .Type("N")
      .Group("What");
  command.Add("--last", arguments->question.last, "The newest N records, in order of time")
      .Type("N")
      .Within(int64_t{1}, INT64_MAX)
      .Excludes(command.At("--limit"))
      .Group("What");
  command
      .AddFlag("--explain", arguments->question.explain,
               "How it is answered: the plan, what was read and skipped")
      .Group("What");
  command.AddFlag("--fail-empty", arguments->fail_empty, "Exit code 1 when nothing is found").Group("What");
  AddPrintingOptions(command, arguments->printing);
}

}  // namespace taffrail::cmd
