#include "cmd/ask_options.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/time_text.h"
#include "cmd/server_client.h"
#include "query/lang/language.h"

namespace taffrail::cmd {
namespace {

absl::StatusOr<int64_t> TimeOf(const char* option, const std::string& text, int64_t fallback_ns,
                               int64_t now_ns) {
  if (text.empty()) return fallback_ns;
  absl::StatusOr<int64_t> time_ns = base::ParseTimeArg(text, now_ns);
  if (time_ns.ok()) return time_ns;
  return absl::InvalidArgumentError(fmt::format("{}: {}", option, std::string(time_ns.status().message())));
}

}  // namespace

void AddUrlOption(Command command, Place& place) {
  command.Add("--url", place.url, fmt::format("A server (default: $TAFFRAIL_URL, or {})", kDefaultUrl))
      .Type("URL")
      .Group("Where");
}

void AddPlaceOptions(Command command, Place& place) {
  AddUrlOption(command, place);
  command.Add("--data", place.data_dir, "A store's directory; works beside its running server")
      .Type("DIR")
      .Group("Where")
      .Excludes(command.At("--url"));
}

Option AddLanguageOption(Command command, std::string& language) {
  const auto names = query::lang::LanguageNames();
  return command.AddChoice("--lang", language, {names.begin(), names.end()},
                           "Language of QUERY (default: search)");
}

void AddPeriodOptions(Command command, Period& period) {
  command.Add("--from", period.from, "From this time on: 2025-10-30T14:00:00Z, 2025-10-30, -15m, -2d")
      .Type("TIME")
      .Group("When");
  command.Add("--to", period.to, "Before this time").Type("TIME").Group("When");
}

absl::StatusOr<query::plan::TimeRange> RangeOf(const Period& period, base::Env& env) {
  const int64_t now_ns = env.NowNs();
  query::plan::TimeRange range;
  TAFFRAIL_ASSIGN_OR_RETURN(range.from_ns, TimeOf("--from", period.from, range.from_ns, now_ns));
  TAFFRAIL_ASSIGN_OR_RETURN(range.to_ns, TimeOf("--to", period.to, range.to_ns, now_ns));
  if (range.from_ns > range.to_ns) return absl::InvalidArgumentError("--from is after --to; swap them");
  return range;
}

void AddPrintingOptions(Command command, Printing& printing) {
  command
      .AddChoice("--format", printing.format, AnswerFormats(),
                 "How to print records (default: pretty on a terminal, raw elsewhere)")
      .Group("How to print");
  command
      .Add("--fields", printing.fields,
           "Columns of table and csv: timestamp,level,message,line or any path")
      .Separator(',')
      .OneWordEach()  // the next word is the query, not one more field
      .Type("A,B,…")
      .Group("How to print");
}

std::string FormatOf(const Printing& printing) {
  if (!printing.format.empty()) return printing.format;
  return IsTerminal(STDOUT_FILENO) ? "pretty" : "raw";
}

AnswerStyle StyleOf(const Printing& printing, const Program& program) {
  AnswerStyle style;
  style.color = UseColor(program.color, STDOUT_FILENO);
  style.width = IsTerminal(STDOUT_FILENO) ? TerminalWidth() : 0;
  style.fields = printing.fields;
  return style;
}

}  // namespace taffrail::cmd
