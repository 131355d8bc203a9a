#include "cmd/ask_options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

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

void AddUrlOption(CLI::App& command, Place& place) {
  command
      .add_option("--url", place.url, fmt::format("A server (default: $TAFFRAIL_URL, or {})", kDefaultUrl))
      ->type_name("URL")
      ->group("Where");
}

void AddPlaceOptions(CLI::App& command, Place& place) {
  AddUrlOption(command, place);
  command.add_option("--data", place.data_dir, "A store's directory; works beside its running server")
      ->type_name("DIR")
      ->group("Where")
      ->excludes(command.get_option("--url"));
}

CLI::Option* AddLanguageOption(CLI::App& command, std::string& language) {
  const auto names = query::lang::LanguageNames();
  return AddChoice(command, "--lang", language, {names.begin(), names.end()},
                   "Language of QUERY (default: search)");
}

void AddPeriodOptions(CLI::App& command, Period& period) {
  command.add_option("--from", period.from, "From this time on: 2025-10-30T14:00:00Z, 2025-10-30, -15m, -2d")
      ->type_name("TIME")
      ->group("When");
  command.add_option("--to", period.to, "Before this time")->type_name("TIME")->group("When");
}

absl::StatusOr<query::plan::TimeRange> RangeOf(const Period& period, base::Env& env) {
  const int64_t now_ns = env.NowNs();
  query::plan::TimeRange range;
  TAFFRAIL_ASSIGN_OR_RETURN(range.from_ns, TimeOf("--from", period.from, range.from_ns, now_ns));
  TAFFRAIL_ASSIGN_OR_RETURN(range.to_ns, TimeOf("--to", period.to, range.to_ns, now_ns));
  if (range.from_ns > range.to_ns) return absl::InvalidArgumentError("--from is after --to; swap them");
  return range;
}

void AddPrintingOptions(CLI::App& command, Printing& printing) {
  AddChoice(command, "--format", printing.format, AnswerFormats(),
            "How to print records (default: pretty on a terminal, raw elsewhere)")
      ->group("How to print");
  command
      .add_option("--fields", printing.fields,
                  "Columns of table and csv: timestamp,level,message,line or any path")
      ->delimiter(',')
      ->allow_extra_args(false)  // the next word is the query, not one more field
      ->type_name("A,B,…")
      ->group("How to print");
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
