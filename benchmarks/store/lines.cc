// Writes the log of a web application that never was: the same bytes for the same arguments, a million lines
// in about a second.
//
//   lines LINES >lines.ndjson
//
// Three to eight lines share a request, its random ids and its user; users, and with them organizations and
// addresses, are Zipf-distributed; durations are log-normal; one request in seventy fails, one login in ten
// is refused. A line is an object with `context` and `metadata` inside, about 400 bytes.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr size_t kUsers = 20'000;
constexpr size_t kOrganizations = 700;
constexpr size_t kDraws = 1 << 16;               // of a distribution, made once
constexpr int64_t kStartMs = 1'767'600'000'000;  // 2026-01-05T08:00:00Z
constexpr int64_t kDayMs = 86'400'000;

// SplitMix64: a few cycles, and the same on every machine.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t operator()() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  uint64_t Below(uint64_t end) { return (*this)() % end; }
  double Unit() { return static_cast<double>((*this)() >> 11) * 0x1p-53; }
  bool OneIn(uint64_t n) { return Below(n) == 0; }

 private:
  uint64_t state_;
};

struct Route {
  std::string_view method, path, table, verb;
};
constexpr std::array kRoutes = {
    Route{"GET", "/api/v1/tasks", "tasks", "list"},
    Route{"GET", "/api/v1/tasks/{}", "tasks", "get"},
    Route{"GET", "/api/v1/notifications", "notifications", "list"},
    Route{"PATCH", "/api/v1/tasks/{}", "tasks", "update"},
    Route{"POST", "/api/v1/tasks", "tasks", "create"},
    Route{"GET", "/api/v1/projects", "projects", "list"},
    Route{"POST", "/api/v1/tasks/{}/comments", "comments", "create"},
    Route{"GET", "/api/v1/users/me", "users", "get"},
    Route{"GET", "/api/v1/search", "task_index", "search"},
    Route{"POST", "/api/v1/auth/login", "sessions", "login"},
    Route{"GET", "/api/v1/projects/{}/board", "boards", "get"},
    Route{"DELETE", "/api/v1/tasks/{}", "tasks", "delete"},
    Route{"POST", "/api/v1/attachments", "attachments", "create"},
    Route{"GET", "/api/v1/reports/burndown", "task_events", "report"},
};
constexpr size_t kLogin = 9;

constexpr std::array<std::string_view, 6> kAgents = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "TaskApp/5.14.2 (iPhone; iOS 17.5.1; Scale/3.00)",
    "python-requests/2.32.3",
    "curl/8.5.0"};
constexpr std::array<std::string_view, 4> kErrors = {"OperationalError", "TimeoutError", "KeyError",
                                                     "ReadTimeout"};
constexpr std::array<std::string_view, 4> kReasons = {"bad_password", "unknown_user", "account_locked",
                                                      "mfa_failed"};
constexpr std::array<std::string_view, 3> kJobs = {"SendNotificationJob", "ReindexTaskJob",
                                                   "DeliverWebhookJob"};
constexpr std::array<std::string_view, 3> kProviders = {"slack", "github", "sendgrid"};

struct User {
  std::string id, organization, address;
};

// Values of a distribution, to be drawn by a random index.
class Tables {
 public:
  Tables() {
    Random random(7);
    for (size_t i = 0; i < kUsers; ++i) {
      const double skewed = std::pow(random.Unit(), 3);
      users.push_back({fmt::format("usr_{:08x}", random() >> 32),
                       fmt::format("org_{:05}", static_cast<size_t>(skewed * kOrganizations)),
                       fmt::format("{}.{}.{}.{}", 1 + random.Below(222), random.Below(256), random.Below(256),
                                   1 + random.Below(254))});
    }
    double harmonic = 0;
    std::vector<double> sums;
    for (size_t k = 1; k <= kUsers; ++k) sums.push_back(harmonic += std::pow(static_cast<double>(k), -1.05));
    for (size_t i = 0; i < kDraws; ++i) {
      const double at = (static_cast<double>(i) + 0.5) / kDraws * harmonic;
      user_draws.push_back(
          static_cast<uint32_t>(std::lower_bound(sums.begin(), sums.end(), at) - sums.begin()));
      // Box-Muller: e^N(3.6, 0.8), a median of 37 ms and a tail of seconds.
      const double normal = std::sqrt(-2 * std::log(1 - random.Unit())) * std::cos(2 * M_PI * random.Unit());
      durations_ms.push_back(std::min(8000.0, std::max(0.1, std::exp(3.6 + 0.8 * normal))));
      queries_ms.push_back(std::min(900.0, std::max(0.01, std::exp(1.2 + normal))));
    }
  }
  std::vector<User> users;
  std::vector<uint32_t> user_draws;
  std::vector<double> durations_ms, queries_ms;
};

// What the lines of one request have in common.
struct Request {
  int64_t begin_ms = 0;
  double took_ms = 0;
  const User* user = nullptr;
  const Route* route = nullptr;
  std::string path, ids;
  uint64_t task = 0;
  bool fails = false;
  bool refused = false;
};

struct Line {
  int64_t time_ms;
  std::string rest;  // after the timestamp
};

class Application {
 public:
  // Appends the lines of the request that begins at `begin_ms`.
  void Serve(int64_t begin_ms, std::vector<Line>& lines) {
    Request request;
    request.begin_ms = begin_ms;
    request.took_ms = Draw(tables_.durations_ms);
    request.user = &tables_.users[Draw(tables_.user_draws)];
    // The smaller of two draws: the first routes are the busiest.
    const size_t route = std::min(random_.Below(kRoutes.size()), random_.Below(kRoutes.size()));
    request.route = &kRoutes[route];
    request.task = random_.Below(1 + random_.Below(1 << 20));
    request.fails = random_.OneIn(70);
    request.refused = route == kLogin && random_.OneIn(10);
    request.path = fmt::format(fmt::runtime(request.route->path), request.task);
    request.ids = fmt::format(
        R"("request_id":"req_{:012x}","trace_id":"{:016x}{:016x}","user_id":"{}","organization_id":"{}")",
        random_() >> 16, random_(), random_(), request.user->id, request.user->organization);
    Lines(request, lines);
  }

 private:
  template <typename T>
  T Draw(const std::vector<T>& values) {
    return values[random_.Below(values.size())];
  }
  template <typename T, size_t N>
  T Draw(const std::array<T, N>& values) {
    return values[random_.Below(N)];
  }

  template <typename... Args>
  void Add(const Request& request, double part, std::string_view level, std::string_view service,
           std::string_view logger, std::string_view message, fmt::format_string<Args...> metadata,
           Args&&... args) {
    Line& line = lines_->emplace_back();
    line.time_ms = request.begin_ms + static_cast<int64_t>(request.took_ms * part);
    auto out = std::back_inserter(line.rest);
    fmt::format_to(
        out, R"("level":"{}","service":"{}","logger":"{}","message":"{}","context":{{{}}},"metadata":{{)",
        level, service, logger, message, request.ids);
    fmt::format_to(out, metadata, std::forward<Args>(args)...);
    line.rest += "}}\n";
  }

  void Lines(const Request& r, std::vector<Line>& lines) {
    lines_ = &lines;
    const Route& route = *r.route;
    Add(r, 0, "INFO", "api-gateway", "request", "Request started",
        R"("method":"{}","path":"{}","route":"{}","client_ip":"{}","user_agent":"{}","bytes_in":{})",
        route.method, r.path, route.path, r.user->address, Draw(kAgents), random_.Below(2048));
    if (r.refused) {
      Add(r, 0.9, "WARN", "auth-service", "security", "Failed login",
          R"("event":"auth.login.failed","reason":"{}","client_ip":"{}","attempt":{})", Draw(kReasons),
          r.user->address, 1 + random_.Below(8));
      return Completed(r, 401, "INFO");
    }
    Add(r, 0.06, "DEBUG", "auth-service", "security", "Access token accepted",
        R"("event":"auth.token.ok","scheme":"Bearer","age_s":{},"cached":{})", random_.Below(4096),
        random_.OneIn(3));
    const uint64_t queries = 1 + random_.Below(3);
    for (uint64_t i = 0; i < queries; ++i) Query(r, 0.2 + 0.2 * static_cast<double>(i));
    if (r.fails) {
      const std::string_view error = Draw(kErrors);
      Add(r, 0.9, "ERROR", "task-service", "application",
          fmt::format("Unhandled {} in {}", error, route.verb),
          R"("path":"{}","error":{{"type":"{}","fingerprint":"{:08x}"}},"retryable":{})", r.path, error,
          random_.Below(64) * 0x2545f491, random_.OneIn(2));
      return Completed(r, random_.OneIn(3) ? 503 : 500, "ERROR");
    }
    if (route.method != "GET") Work(r);
    Completed(r, route.method == "POST" ? 201 : 200, "INFO");
  }

  void Query(const Request& r, double part) {
    const bool slow = random_.OneIn(40);
    const double took_ms = Draw(tables_.queries_ms) + (slow ? 500 : 0);
    Add(r, part, slow ? "WARN" : "DEBUG", "task-service", "database",
        slow ? "Slow database query" : "Executed database query",
        R"("table":"{}","operation":"{}","duration_ms":{:.2f},"rows":{},"pool":"{}")", r.route->table,
        r.route->method == "GET" ? "SELECT" : "UPDATE", took_ms, random_.Below(64),
        r.route->method == "GET" ? "replica" : "primary");
  }

  void Work(const Request& r) {
    if (random_.OneIn(2)) {
      Add(r, 0.7, "INFO", "task-service", "application", fmt::format("Task {} {}d", r.task, r.route->verb),
          R"("task_id":{},"changes":{{"status":["todo","done"],"priority":{}}})", r.task, random_.Below(4));
    }
    if (random_.OneIn(3)) {
      Add(r, 0.78, "INFO", "task-service", "integration", "Called provider",
          R"("provider":"{}","status":200,"attempt":1,"duration_ms":{:.2f},"rate_limit_remaining":{})",
          Draw(kProviders), Draw(tables_.durations_ms), random_.Below(4096));
    }
    const std::string_view job = Draw(kJobs);
    const uint64_t id = random_() >> 32;
    Add(r, 0.82, "INFO", "task-service", "job", "Job enqueued",
        R"("job":{{"class":"{}","id":"job_{}","queue":"default"}})", job, id);
    Add(r, 1.3, "INFO", "worker", "job", "Job finished",
        R"("job":{{"class":"{}","id":"job_{}","attempt":1}},"duration_ms":{:.2f},"items":{})", job, id,
        Draw(tables_.queries_ms), random_.Below(32));
  }

  void Completed(const Request& r, int status, std::string_view level) {
    Add(r, 1, level, "api-gateway", "request", "Request completed",
        R"("method":"{}","path":"{}","route":"{}","status":{},"duration_ms":{:.2f},"bytes_out":{})",
        r.route->method, r.path, r.route->path, status, r.took_ms, random_.Below(65536));
  }

  const Tables tables_;
  Random random_{1};
  std::vector<Line>* lines_ = nullptr;
};

// "2026-01-05T08:00:00.123Z"; the day, which hardly ever changes, is made once.
class Clock {
 public:
  void AppendTo(int64_t time_ms, std::string& out) {
    const int64_t day = time_ms / kDayMs;
    if (day != day_) {
      day_ = day;
      date_ = Date(day);
    }
    const int64_t ms = time_ms % kDayMs;
    fmt::format_to(std::back_inserter(out), "{}T{:02}:{:02}:{:02}.{:03}Z", date_, ms / 3'600'000,
                   ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
  }

 private:
  // Of days since 1970, by Hinnant's way of counting years from March.
  static std::string Date(int64_t day) {
    const int64_t shifted = day + 719'468;
    const int64_t era = shifted / 146'097;
    const int64_t of_era = shifted % 146'097;
    const int64_t year = (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
    const int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    const int64_t month = (5 * of_year + 2) / 153;
    return fmt::format("{:04}-{:02}-{:02}", year + era * 400 + (month >= 10 ? 1 : 0),
                       month < 10 ? month + 3 : month - 9, of_year - (153 * month + 2) / 5 + 1);
  }

  int64_t day_ = -1;
  std::string date_;
};

}  // namespace

int main(int argc, char** argv) {
  const uint64_t wanted = argc == 2 ? std::strtoull(argv[1], nullptr, 10) : 0;
  if (wanted == 0) {
    std::fputs("usage: lines LINES >FILE\n", stderr);
    return 2;
  }
  // Lines leave in order of time; those of a slow request wait, as long as the slowest takes.
  constexpr int64_t kSlowestMs = 11'000;
  constexpr size_t kRequestsAtOnce = 8192;
  Application application;
  Clock clock;
  std::vector<Line> waiting;
  std::string out;
  int64_t now_ms = kStartMs;
  for (uint64_t written = 0; written < wanted;) {
    for (size_t i = 0; i < kRequestsAtOnce; ++i) {
      if (i % 8 != 0) now_ms += 5;  // 230 requests a second
      application.Serve(now_ms, waiting);
    }
    std::stable_sort(waiting.begin(), waiting.end(),
                     [](const Line& a, const Line& b) { return a.time_ms < b.time_ms; });
    const auto ready = std::partition_point(waiting.begin(), waiting.end(), [&](const Line& line) {
      return line.time_ms <= now_ms - kSlowestMs;
    });
    out.clear();
    for (auto line = waiting.begin(); line != ready && written < wanted; ++line, ++written) {
      out += R"({"timestamp":")";
      clock.AppendTo(line->time_ms, out);
      out += R"(",)";
      out += line->rest;
    }
    waiting.erase(waiting.begin(), ready);
    if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size()) {
      std::perror("lines");
      return 3;
    }
  }
  return std::fflush(stdout) == 0 ? 0 : 3;
}
