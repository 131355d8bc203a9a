// `taffrail stats`: how many lines, of which levels, by which services, when.
#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "cmd/ask.h"
#include "cmd/command.h"
#include "cmd/json_paint.h"
#include "cmd/output.h"
#include "cmd/server_client.h"
#include "cmd/stats_view.h"
#include "engine/embedded/embedded_engine.h"
#include "server/stats.h"
#include "store/store.h"

namespace taffrail::cmd {
namespace {

constexpr int64_t kHourNs = 3'600'000'000'000;

struct StatsArguments {
  Place place;
  uint64_t hours = 24;
  uint64_t buckets = 48;
  std::string format = "table";
};

absl::StatusOr<std::string> OfServer(const StatsArguments& arguments) {
  TAFFRAIL_ASSIGN_OR_RETURN(std::string url, ServerUrl(arguments.place.url));
  net::QueryParameters query;
  query.Add("hours", fmt::format("{}", arguments.hours));
  query.Add("buckets", fmt::format("{}", arguments.buckets));
  return ServerClient(std::move(url)).Get("/api/v1/logs/stats", query);
}

// The same document, computed here.
absl::StatusOr<std::string> OfStore(const StatsArguments& arguments, base::Env& env) {
  TAFFRAIL_ASSIGN_OR_RETURN(const auto store, OpenStoreToRead(arguments.place.data_dir, env));
  const int64_t now_ns = env.NowNs();
  engine::embedded::EmbeddedEngine engine(*store);
  query::exec::ExecStats figures;
  TAFFRAIL_ASSIGN_OR_RETURN(server::Stats stats,
                            server::CountLines(now_ns - static_cast<int64_t>(arguments.hours) * kHourNs,
                                               now_ns, arguments.buckets, engine, {.env = &env}, figures));
  return stats.ToJson(store->Info());
}

absl::StatusOr<ExitCode> Stats(const StatsArguments& arguments, Program& program) {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string json, arguments.place.IsServer()
                                                        ? OfServer(arguments)
                                                        : OfStore(arguments, program.env));
  const Painter painter(UseColor(program.color, STDOUT_FILENO));
  std::string text = json;
  if (arguments.format == "table") {
    TAFFRAIL_ASSIGN_OR_RETURN(text, RenderStats(json, painter, TerminalWidth()));
  }
  TAFFRAIL_RETURN_IF_ERROR(WriteOut(text));
  return ExitCode::kDone;
}

}  // namespace

void AddStats(Command app, Program& program) {
  auto arguments = std::make_shared<StatsArguments>();
  const Command command = AddCommand(app, program,
                                     {"Ask", "stats", "Count lines by level, service and time",
                                      "  taffrail stats                    the last 24 hours\n"
                                      "  taffrail stats --hours 1 --buckets 60\n"
                                      "  taffrail stats --format json | jq .by_level"},
                                     [arguments, &program] { return Stats(*arguments, program); });
  constexpr uint64_t kTenYears = 24 * 366 * 10;
  command.Add("--hours", arguments->hours, "How far back (default: 24)")
      .Type("N")
      .Within(int64_t{1}, int64_t{kTenYears})
      .Group("When");
  command.Add("--buckets", arguments->buckets, "Pieces of time in the sparkline (default: 48)")
      .Type("N")
      .Within(int64_t{1}, int64_t{server::kMaxBuckets})
      .Group("When");
  AddPlaceOptions(command, arguments->place);
  command.AddFormat(arguments->format).Group("How to print");
}

}  // namespace taffrail::cmd
