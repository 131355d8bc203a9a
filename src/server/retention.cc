#include "server/retention.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "base/time_text.h"
#include "fmt/format.h"
#include "net/problem.h"
#include "server/own_lines.h"

namespace taffrail::server {
namespace {

constexpr int64_t kHourNs = int64_t{3600} * 1'000'000'000;
// A disk fills within minutes when it does; a look at the list of parts is no work.
constexpr absl::Duration kEvery = absl::Minutes(1);
// When the clock was believed last, for the next start: one line, a time.
constexpr std::string_view kSeenFile = "retention.clock";
constexpr uint64_t kSeenBytesMax = 64;

size_t Index(retain::Reason reason) { return static_cast<size_t>(reason); }

std::string DayText(int32_t day) {
  return base::FormatRfc3339(retain::StartOfDay(day), 0).substr(0, std::string_view("2026-01-31").size());
}

std::string TimeJson(std::optional<int64_t> time_ns) {
  return time_ns ? net::JsonQuote(base::FormatRfc3339(*time_ns, 3)) : "null";
}

// The clock as it was last seen. Without a file, as on the first start with a limit, the newest line in the
// store says when somebody's clock was about right.
std::optional<int64_t> LastSeen(base::Env& env, const std::string& path, const store::StoreInfo& info) {
  if (const auto text = base::ReadFile(env, path, kSeenBytesMax); text.ok()) {
    if (const auto seen = base::ParseRfc3339(text->substr(0, text->find('\n')))) return seen;
  }
  std::optional<int64_t> newest;
  for (const store::PartInfo& part : info.parts)
    newest = std::max(newest.value_or(INT64_MIN), part.max_timestamp_ns);
  return newest;
}

}  // namespace

Retention::Retention(const retain::Policy& policy, std::string data_dir, uint64_t refused_below_bytes,
                     store::Store& store, ingest::Pipeline& pipeline)
    : policy_(policy),
      data_dir_(std::move(data_dir)),
      refused_below_bytes_(refused_below_bytes),
      env_(pipeline.env()),
      store_(store),
      pipeline_(pipeline) {}

Retention::~Retention() { Stop(); }

void Retention::Start() {
  if (!policy_.keeps_all()) thread_ = std::thread([this] { Loop(); });
}

void Retention::Stop() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Retention::Loop() {
  while (true) {
    RunOnce();
    const absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kEvery)) return;
  }
}

void Retention::RunOnce() {
  RetentionState state = State();
  ++state.runs;
  state.last_run_ns = env_.NowNs();
  const absl::Status status = Run(state);
  if (!status.ok()) ++state.failures;
  state.problem = std::string(status.message());
  const absl::MutexLock lock(&mutex_);
  state_ = std::move(state);
}

absl::Status Retention::Run(RetentionState& state) {
  const store::StoreInfo info = store_.Info();
  const int64_t now_ns = state.last_run_ns;
  if (!clock_) clock_.emplace(LastSeen(env_, base::JoinPath(data_dir_, kSeenFile), info));
  state.clock_doubted = !clock_->Believe(now_ns, env_.MonotonicNs());
  if (!state.clock_doubted) KeepSeen(now_ns);
  TAFFRAIL_ASSIGN_OR_RETURN(const base::DiskSpace disk, env_.Space(data_dir_));
  const auto decision = retain::Decide(policy_, info.parts, disk, now_ns, !state.clock_doubted);
  return decision ? Drop(*decision, state) : absl::OkStatus();
}

// A disk that takes no file is told by what follows, and by health.
void Retention::KeepSeen(int64_t now_ns) {
  const bool recent = seen_on_disk_ns_ && now_ns >= *seen_on_disk_ns_ && now_ns < *seen_on_disk_ns_ + kHourNs;
  if (recent) return;
  const absl::Status written = base::WriteFileAtomically(env_, base::JoinPath(data_dir_, kSeenFile),
                                                         base::FormatRfc3339(now_ns, 0) + "\n");
  if (written.ok()) seen_on_disk_ns_ = now_ns;
}

absl::Status Retention::Drop(const retain::Decision& decision, RetentionState& state) {
  TAFFRAIL_ASSIGN_OR_RETURN(const store::RemovalReport report, store_.DropBefore(decision.before_day, false));
  const size_t reason = Index(decision.reason);
  state.dropped_rows[reason] += report.rows;
  state.dropped_bytes[reason] += report.disk_bytes;
  state.last_drop = RetentionDrop{.at_ns = state.last_run_ns,
                                  .before_day = decision.before_day,
                                  .reason = decision.reason,
                                  .rows = report.rows,
                                  .disk_bytes = report.disk_bytes};
  // A disk that is full takes no line, and the days are gone nevertheless: health and /metrics say so, too.
  WriteOwnLines(pipeline_, {{.level = decision.reason == retain::Reason::kDisk ? "WARNING" : "INFO",
                             .logger = "retention",
                             .message = "Old lines dropped",
                             .fields = {{"before", DayText(decision.before_day)},
                                        {"reason", std::string(retain::NameOf(decision.reason))},
                                        {"lines", fmt::to_string(report.rows)},
                                        {"disk_bytes", fmt::to_string(report.disk_bytes)}}}})
      .IgnoreError();
  return absl::OkStatus();
}

RetentionState Retention::State() const {
  const absl::MutexLock lock(&mutex_);
  return state_;
}

retain::Forecast Retention::Forecast() const {
  const absl::StatusOr<base::DiskSpace> disk = env_.Space(data_dir_);
  return retain::Project(policy_, store_.Info().parts, disk.ok() ? *disk : base::DiskSpace(),
                         refused_below_bytes_, env_.NowNs());
}

std::string RetentionJson(const Retention& retention) {
  const retain::Policy& policy = retention.policy();
  const RetentionState state = retention.State();
  const retain::Forecast forecast = retention.Forecast();
  std::string drop = "null";
  if (state.last_drop) {
    drop = fmt::format(R"({{"at":{},"before":"{}","reason":"{}","rows":{},"disk_bytes":{}}})",
                       TimeJson(state.last_drop->at_ns), DayText(state.last_drop->before_day),
                       retain::NameOf(state.last_drop->reason), state.last_drop->rows,
                       state.last_drop->disk_bytes);
  }
  const auto& growth = forecast.growth_bytes_per_day;
  const auto& days = forecast.days_until_full;
  return fmt::format(
      R"({{"max_age_days":{},"max_size_bytes":{},"min_free_bytes":{},"oldest":{},"size_bytes":{},)"
      R"("growth_bytes_per_day":{},"days_until_full":{},"last_run":{},"last_drop":{},)"
      R"("clock_doubted":{},"problem":{}}})",
      policy.max_age_days, policy.max_size_bytes, policy.min_free_bytes, TimeJson(forecast.oldest_ns),
      forecast.size_bytes, growth ? fmt::to_string(*growth) : "null",
      days ? fmt::format("{:.1f}", *days) : "null",
      state.last_run_ns == 0 ? "null" : TimeJson(state.last_run_ns), drop, state.clock_doubted,
      state.problem.empty() ? "null" : net::JsonQuote(state.problem));
}

}  // namespace taffrail::server
