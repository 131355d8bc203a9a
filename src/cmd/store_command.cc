// `taffrail store info|verify|repair|compact`: looks after a store directory.
#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "base/time_text.h"
#include "cmd/command.h"
#include "cmd/human.h"
#include "cmd/output.h"
#include "cmd/printable.h"
#include "cmd/progress.h"
#include "cmd/table.h"
#include "net/problem.h"
#include "store/column_sizes.h"
#include "store/store.h"

namespace taffrail::cmd {
namespace {

struct StoreArguments {
  std::string dir;
  std::string format = "table";
  bool columns = false;
};

std::string Day(int32_t days) {
  constexpr int64_t kDayNs = 86'400'000'000'000;
  return base::FormatRfc3339(days * kDayNs, 0).substr(0, 10);
}

std::string Span(const store::PartInfo& part) {
  return base::FormatRfc3339(part.min_timestamp_ns, 0).substr(11, 8) + "–" +
         base::FormatRfc3339(part.max_timestamp_ns, 0).substr(11, 8);
}

double Ratio(uint64_t raw_bytes, uint64_t disk_bytes) {
  return disk_bytes == 0 ? 0 : static_cast<double>(raw_bytes) / static_cast<double>(disk_bytes);
}

std::string InfoJson(const store::StoreInfo& info) {
  std::string json = fmt::format(
      R"({{"rows":{},"raw_bytes":{},"disk_bytes":{},"wal_bytes":{},"memtable_rows":{},"next_sequence":{},)"
      R"("parts":[)",
      info.rows, info.raw_bytes, info.disk_bytes, info.wal_bytes, info.memtable_rows, info.next_sequence);
  for (size_t i = 0; i < info.parts.size(); ++i) {
    const store::PartInfo& part = info.parts[i];
    json += fmt::format(
        R"({}{{"id":{},"day":"{}","rows":{},"blocks":{},"file_bytes":{},"raw_bytes":{},"min_timestamp":"{}",)"
        R"("max_timestamp":"{}"}})",
        i == 0 ? "" : ",", part.id, Day(part.day), part.rows, part.blocks, part.file_bytes, part.raw_bytes,
        base::FormatRfc3339(part.min_timestamp_ns), base::FormatRfc3339(part.max_timestamp_ns));
  }
  return json + "]}\n";
}

std::string InfoText(const std::string& dir, const store::StoreInfo& info, const Painter& painter) {
  const auto row = [&painter](std::string_view name, const std::string& value) {
    return fmt::format("{}  {}\n", painter(Style::kDim, fmt::format("{:<12}", name)), value);
  };
  std::string out = row("store", Printable(dir));
  out += row("lines", HumanCount(info.rows));
  out += row("raw", HumanBytes(info.raw_bytes));
  out += row("on disk", fmt::format("{} ({:.1f} : 1)", HumanBytes(info.disk_bytes),
                                    Ratio(info.raw_bytes, info.disk_bytes)));
  out += row("not yet in a part",
             fmt::format("{} lines, log of {}", HumanCount(info.memtable_rows), HumanBytes(info.wal_bytes)));
  if (info.parts.empty()) return out;
  Table table({"day", "part", "times (UTC)", "lines", "raw", "on disk", "ratio"});
  for (const store::PartInfo& part : info.parts) {
    table.AddRow({Day(part.day), fmt::format("{}", part.id), Span(part), HumanCount(part.rows),
                  HumanBytes(part.raw_bytes), HumanBytes(part.file_bytes),
                  fmt::format("{:.1f}", Ratio(part.raw_bytes, part.file_bytes))});
  }
  return out + '\n' + table.Render(painter, TerminalWidth());
}

// A store that is not there must not be created by looking at it.
absl::Status CheckExists(base::Env& env, const std::string& dir) {
  if (env.Exists(dir)) return absl::OkStatus();
  return absl::NotFoundError(
      fmt::format("no store at {}: give the directory that `taffrail serve --data` uses", dir));
}

absl::StatusOr<ExitCode> Columns(const StoreArguments& arguments, Program& program);

absl::StatusOr<ExitCode> Info(const StoreArguments& arguments, Program& program) {
  TAFFRAIL_RETURN_IF_ERROR(CheckExists(program.env, arguments.dir));
  if (arguments.columns) return Columns(arguments, program);
  store::StoreOptions options;
  options.dir = arguments.dir;
  options.env = &program.env;
  options.read_only = true;
  TAFFRAIL_ASSIGN_OR_RETURN(const auto store, store::Store::Open(options));
  const store::StoreInfo info = store->Info();
  Output output(STDOUT_FILENO);
  output.Write(arguments.format == "json"
                   ? InfoJson(info)
                   : InfoText(arguments.dir, info, Painter(UseColor(program.color, STDOUT_FILENO))));
  output.Flush();
  TAFFRAIL_RETURN_IF_ERROR(output.status());
  return ExitCode::kDone;
}

std::string ColumnsJson(const std::vector<store::ColumnSize>& columns) {
  std::string json = "[";
  for (size_t i = 0; i < columns.size(); ++i) {
    const store::ColumnSize& column = columns[i];
    json +=
        fmt::format(R"({}{{"column":{},"kind":{},"encoding":{},"values":{},"blocks":{},"disk_bytes":{}}})",
                    i == 0 ? "" : ",", net::JsonQuote(column.name), net::JsonQuote(column.kind),
                    net::JsonQuote(column.encoding), column.values, column.blocks, column.disk_bytes);
  }
  return json + "]\n";
}

std::string ColumnsText(const std::vector<store::ColumnSize>& columns, uint64_t lines,
                        const Painter& painter) {
  uint64_t total = 0;
  for (const store::ColumnSize& column : columns) total += column.disk_bytes;
  Table table({"column", "kind", "encoding", "values", "on disk", "share", "bytes a line"});
  for (const store::ColumnSize& column : columns) {
    const auto bytes = static_cast<double>(column.disk_bytes);
    table.AddRow({Printable(column.name), column.kind, column.encoding, HumanCount(column.values),
                  HumanBytes(column.disk_bytes),
                  fmt::format("{:.1f} %", total == 0 ? 0 : 100 * bytes / static_cast<double>(total)),
                  fmt::format("{:.3f}", lines == 0 ? 0 : bytes / static_cast<double>(lines))});
  }
  return table.Render(painter, TerminalWidth());
}

absl::StatusOr<ExitCode> Columns(const StoreArguments& arguments, Program& program) {
  Progress progress(program.env, Progress::ModeOfStderr(program.quiet));
  progress.SetLabel("measure");
  TAFFRAIL_ASSIGN_OR_RETURN(
      const std::vector<store::ColumnSize> columns,
      store::MeasureColumns(program.env, arguments.dir,
                            [&progress](uint64_t done, uint64_t total) { progress.Update(done, total, 0); }));
  progress.Clear();
  uint64_t lines = 0;
  for (const store::ColumnSize& column : columns) {
    if (column.name == "(timestamps)") lines = column.values;
  }
  Output output(STDOUT_FILENO);
  output.Write(arguments.format == "json"
                   ? ColumnsJson(columns)
                   : ColumnsText(columns, lines, Painter(UseColor(program.color, STDOUT_FILENO))));
  output.Flush();
  TAFFRAIL_RETURN_IF_ERROR(output.status());
  return ExitCode::kDone;
}

std::string ReportJson(const store::VerifyReport& report) {
  std::string json = fmt::format(R"({{"files":{},"blocks":{},"rows":{},"damage":[)", report.files,
                                 report.blocks, report.rows);
  for (size_t i = 0; i < report.damage.size(); ++i) {
    json += (i == 0 ? "" : ",") + net::JsonQuote(report.damage[i]);
  }
  return json + "]}\n";
}

absl::Status PrintReport(const StoreArguments& arguments, const store::VerifyReport& report,
                         const Painter& painter) {
  Output output(STDOUT_FILENO);
  if (arguments.format == "json") {
    output.Write(ReportJson(report));
  } else {
    for (const std::string& damage : report.damage) {
      output.Write(fmt::format("{}  {}\n", painter(Style::kBad, "damaged"), Printable(damage)));
    }
    output.Write(fmt::format(
        "{} files, {} blocks, {} lines checked: {}\n", report.files, report.blocks, HumanCount(report.rows),
        report.damage.empty() ? painter(Style::kGood, "all good")
                              : painter(Style::kBad, fmt::format("{} damaged", report.damage.size()))));
  }
  output.Flush();
  return output.status();
}

absl::StatusOr<ExitCode> Verify(const StoreArguments& arguments, Program& program) {
  TAFFRAIL_RETURN_IF_ERROR(CheckExists(program.env, arguments.dir));
  Progress progress(program.env, Progress::ModeOfStderr(program.quiet));
  progress.SetLabel("verify");
  TAFFRAIL_ASSIGN_OR_RETURN(
      const store::VerifyReport report,
      store::Store::Verify(program.env, arguments.dir,
                           [&progress](uint64_t done, uint64_t total) { progress.Update(done, total, 0); }));
  progress.Clear();
  TAFFRAIL_RETURN_IF_ERROR(PrintReport(arguments, report, Painter(UseColor(program.color, STDOUT_FILENO))));
  if (report.damage.empty()) return ExitCode::kDone;
  return absl::DataLossError(
      fmt::format("the store is damaged: stop the server, copy {0} away if you can, then run "
                  "`taffrail store repair {0}`",
                  arguments.dir));
}

absl::StatusOr<ExitCode> Repair(const StoreArguments& arguments, Program& program) {
  TAFFRAIL_RETURN_IF_ERROR(CheckExists(program.env, arguments.dir));
  TAFFRAIL_ASSIGN_OR_RETURN(const store::VerifyReport report,
                            store::Store::Repair(program.env, arguments.dir));
  TAFFRAIL_RETURN_IF_ERROR(PrintReport(arguments, report, Painter(UseColor(program.color, STDOUT_FILENO))));
  if (!report.damage.empty() && !program.quiet) {
    fmt::print(stderr, "what could not be read is kept in {}/quarantine\n", Printable(arguments.dir));
  }
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> Compact(const StoreArguments& arguments, Program& program) {
  TAFFRAIL_RETURN_IF_ERROR(CheckExists(program.env, arguments.dir));
  store::StoreOptions options;
  options.dir = arguments.dir;
  options.env = &program.env;
  options.background = false;  // Compact does the work itself, on this thread
  TAFFRAIL_ASSIGN_OR_RETURN(const auto store, store::Store::Open(options));
  const store::StoreInfo before = store->Info();
  TAFFRAIL_RETURN_IF_ERROR(store->Flush());
  TAFFRAIL_RETURN_IF_ERROR(store->Compact());
  const store::StoreInfo after = store->Info();
  Output output(STDOUT_FILENO);
  output.Write(fmt::format("{} parts, {} → {} parts, {}\n", before.parts.size(),
                           HumanBytes(before.disk_bytes), after.parts.size(), HumanBytes(after.disk_bytes)));
  output.Flush();
  TAFFRAIL_RETURN_IF_ERROR(output.status());
  return ExitCode::kDone;
}

struct Verb {
  std::string name;
  std::string summary;
  std::string examples;
  absl::StatusOr<ExitCode> (*run)(const StoreArguments&, Program&);
  bool has_format;
};

}  // namespace

void AddStore(Command app, Program& program) {
  const Command store =
      AddCommand(app, program,
                 {"Keep", "store", "Look after a store: its size, its health",
                  "  taffrail store info ./logs\n"
                  "  taffrail store verify ./logs        exit code 4 when something is damaged"},
                 nullptr);
  store.RequireSubcommand();
  const Verb verbs[] = {
      {"info", "What a store holds; works beside a running server",
       "  taffrail store info ./logs\n  taffrail store info ./logs --format json | jq .disk_bytes\n"
       "  taffrail store info ./logs --columns     what each field takes",
       Info, true},
      {"verify", "Read every block and check it", "  taffrail store verify ./logs", Verify, true},
      {"repair", "Set damaged files aside and save what can be read; the server must be stopped",
       "  taffrail store repair ./logs", Repair, true},
      {"compact", "Merge small parts into large ones; the server must be stopped",
       "  taffrail store compact ./logs", Compact, false},
  };
  for (const Verb& verb : verbs) {
    auto arguments = std::make_shared<StoreArguments>();
    const Command command =
        AddCommand(store, program, {"Commands", verb.name, verb.summary, verb.examples},
                   [arguments, run = verb.run, &program] { return run(*arguments, program); });
    command.Add("DIR", arguments->dir, "The store's directory (`serve --data`)").Required().Type("DIR");
    if (verb.name == "info") {
      command.AddFlag("--columns", arguments->columns,
                      "What each column takes on disk, and how it is encoded");
    }
    if (verb.has_format) {
      command.AddFormat(arguments->format);
    }
  }
  AddStoreLife(store, program);
}

}  // namespace taffrail::cmd
