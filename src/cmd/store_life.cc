// `taffrail store delete|drop|snapshot|restore`: what leaves a store, and what is kept beside it.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>

#include "base/time_text.h"
#include "cmd/command.h"
#include "cmd/human.h"
#include "cmd/output.h"
#include "cmd/printable.h"
#include "expr/matcher.h"
#include "query/lang/search/search.h"
#include "query/plan/plan.h"
#include "store/store.h"

namespace taffrail::cmd {
namespace {

constexpr int64_t kDayNs = int64_t{86'400} * 1'000'000'000;
// A reader beside a running server may find that a merge has just taken a part away.
constexpr int kSnapshotAttempts = 10;

struct LifeArguments {
  std::string dir;
  std::string target;
  std::string query;
  std::string from;
  std::string to;
  bool dry_run = false;
};

absl::StatusOr<std::unique_ptr<store::Store>> OpenStore(const LifeArguments& arguments, Program& program,
                                                        bool read_only) {
  if (!program.env.Exists(base::JoinPath(arguments.dir, "MANIFEST"))) {
    return absl::NotFoundError(
        fmt::format("no store at {}: give the directory that `taffrail serve --data` uses", arguments.dir));
  }
  store::StoreOptions options;
  options.dir = arguments.dir;
  options.env = &program.env;
  options.read_only = read_only;
  options.background = false;  // what is asked for is done on this thread
  return store::Store::Open(options);
}

absl::Status Print(const std::string& text) {
  Output output(STDOUT_FILENO);
  output.Write(text);
  output.Flush();
  return output.status();
}

// The condition of a query that only filters.
absl::StatusOr<std::shared_ptr<const expr::Matcher>> MatcherOf(const std::string& query, int64_t now_ns,
                                                               store::TimeRange& range) {
  TAFFRAIL_ASSIGN_OR_RETURN(const query::plan::Plan plan, query::lang::search::Parse(query, now_ns));
  if (!plan.stages.empty()) {
    return absl::InvalidArgumentError(
        "a delete takes a query that only says which lines: leave out the stages");
  }
  range.from_ns = std::max(range.from_ns, plan.source.range.from_ns);
  range.to_ns = std::min(range.to_ns, plan.source.range.to_ns);
  return expr::Matcher::Compile(plan.source.filter);
}

absl::StatusOr<ExitCode> Delete(const LifeArguments& arguments, Program& program) {
  const int64_t now_ns = program.env.NowNs();
  store::DeleteRequest request;
  request.dry_run = arguments.dry_run;
  if (!arguments.from.empty()) {
    TAFFRAIL_ASSIGN_OR_RETURN(request.range.from_ns, base::ParseTimeArg(arguments.from, now_ns));
  }
  if (!arguments.to.empty()) {
    TAFFRAIL_ASSIGN_OR_RETURN(request.range.to_ns, base::ParseTimeArg(arguments.to, now_ns));
  }
  TAFFRAIL_ASSIGN_OR_RETURN(request.predicate, MatcherOf(arguments.query, now_ns, request.range));
  TAFFRAIL_ASSIGN_OR_RETURN(const auto store, OpenStore(arguments, program, arguments.dry_run));
  TAFFRAIL_ASSIGN_OR_RETURN(const store::RemovalReport report, store->Delete(request));
  const char* const what = arguments.dry_run ? "would be deleted" : "deleted";
  TAFFRAIL_RETURN_IF_ERROR(Print(fmt::format("{} lines {}\n", report.rows, what)));
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> Drop(const LifeArguments& arguments, Program& program) {
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t before_ns, base::ParseTimeArg(arguments.to, program.env.NowNs()));
  const auto day = static_cast<int32_t>(before_ns / kDayNs - (before_ns % kDayNs < 0 ? 1 : 0));
  TAFFRAIL_ASSIGN_OR_RETURN(const auto store, OpenStore(arguments, program, arguments.dry_run));
  TAFFRAIL_ASSIGN_OR_RETURN(const store::RemovalReport report, store->DropBefore(day, arguments.dry_run));
  const std::string first_kept = base::FormatRfc3339(day * kDayNs, 0).substr(0, 10);
  const char* const what = arguments.dry_run ? "would be dropped" : "dropped";
  TAFFRAIL_RETURN_IF_ERROR(
      Print(fmt::format("{} lines of days before {} (UTC) {}: {} parts, {}\n", report.rows, first_kept, what,
                        report.parts, HumanBytes(report.disk_bytes))));
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> TakeSnapshot(const LifeArguments& arguments, Program& program) {
  absl::Status status;
  for (int attempt = 0; attempt < kSnapshotAttempts; ++attempt) {
    TAFFRAIL_ASSIGN_OR_RETURN(const auto store, OpenStore(arguments, program, /*read_only=*/true));
    status = store->SnapshotTo(arguments.target);
    if (absl::IsNotFound(status)) continue;
    TAFFRAIL_RETURN_IF_ERROR(status);
    TAFFRAIL_RETURN_IF_ERROR(
        Print(fmt::format("{} lines in {}\n", store->Info().rows, Printable(arguments.target))));
    return ExitCode::kDone;
  }
  return status;
}

absl::StatusOr<ExitCode> Restore(const LifeArguments& arguments, Program& program) {
  TAFFRAIL_RETURN_IF_ERROR(store::Store::Restore(program.env, arguments.dir, arguments.target));
  TAFFRAIL_RETURN_IF_ERROR(
      Print(fmt::format("restored: `taffrail serve --data {}` continues it\n", Printable(arguments.target))));
  return ExitCode::kDone;
}

using Run = absl::StatusOr<ExitCode> (*)(const LifeArguments&, Program&);

Command AddVerb(Command store, Program& program, const std::shared_ptr<LifeArguments>& arguments,
                const std::string& name, const std::string& summary, const std::string& examples, Run run) {
  const Command command = AddCommand(store, program, {"Commands", name, summary, examples},
                                     [arguments, run, &program] { return run(*arguments, program); });
  command.Add("DIR", arguments->dir, "The store's directory (`serve --data`)").Required().Type("DIR");
  return command;
}

}  // namespace

void AddStoreLife(Command store, Program& program) {
  auto arguments = std::make_shared<LifeArguments>();
  Command command = AddVerb(store, program, arguments, "delete",
                            "Delete the lines that a query finds; the server must be stopped",
                            "  taffrail store delete ./logs 'user_id:usr_0ddc68fe' --dry-run\n"
                            "  taffrail store delete ./logs 'user_id:usr_0ddc68fe'",
                            Delete);
  command.Add("QUERY", arguments->query, "Which lines, in the search language").Required().Type("QUERY");
  command.Add("--from", arguments->from, "Only lines at or after this time").Type("TIME");
  command.Add("--to", arguments->to, "Only lines before this time").Type("TIME");
  command.AddFlag("--dry-run", arguments->dry_run, "Only count them; works beside a running server");

  arguments = std::make_shared<LifeArguments>();
  command = AddVerb(store, program, arguments, "drop",
                    "Remove whole days, which frees their space at once; the server must be stopped",
                    "  taffrail store drop ./logs --before 2026-01-01 --dry-run\n"
                    "  taffrail store drop ./logs --before 2026-01-01",
                    Drop);
  command.Add("--before", arguments->to, "The first day (UTC) that is kept").Required().Type("DATE");
  command.AddFlag("--dry-run", arguments->dry_run, "Only count; works beside a running server");

  arguments = std::make_shared<LifeArguments>();
  command = AddVerb(store, program, arguments, "snapshot",
                    "A consistent copy by hard links; works beside a running server",
                    "  taffrail store snapshot ./logs ./backup/2026-01-05", TakeSnapshot);
  command.Add("TARGET", arguments->target, "A new directory; parts are copied when it is on another disk")
      .Required()
      .Type("TARGET");

  arguments = std::make_shared<LifeArguments>();
  command = AddVerb(store, program, arguments, "restore", "Check a snapshot and make a store of it",
                    "  taffrail store restore ./backup/2026-01-05 ./logs", Restore);
  command.At("DIR").Describe("The snapshot");
  command.Add("TARGET", arguments->target, "A new directory, for `serve --data`").Required().Type("TARGET");
}

}  // namespace taffrail::cmd
