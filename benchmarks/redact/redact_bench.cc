// Lines without secrets and with one in fifty, through our engine, Vectorscan, RE2 and `sed -E`.
//
//   bench_redact DIR MEGABYTES [FILE]     a line of JSON; FILE: lines of your own instead
//
// All figures are of processor time, one thread. The peers look for the same forms of tokens and, as regular
// expressions, for what our code looks for beside them; none of them checks a digit or decodes a header, and
// none writes the masked text (but sed, which can do no less).
#include <fmt/format.h>
#include <re2/re2.h>
#include <re2/set.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/redaction.h"
#include "record/batch_builder.h"
#include "redact/engine.h"
#include "redact/policy.h"
#include "redact/rule.h"
#ifdef TAFFRAIL_BENCH_HYPERSCAN
#include <hs/hs.h>
#endif

namespace {

using namespace taffrail::redact;

constexpr size_t kChunk = size_t{1} << 20;
constexpr int kRounds = 5;

double CpuSeconds(int who) {
  rusage usage{};
  getrusage(who, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

// ---- lines ----

class Lines {
 public:
  // A secret in every `secret_every`th line; 0: in none.
  std::string Make(size_t bytes, size_t secret_every) {
    std::string text;
    text.reserve(bytes + 512);
    for (size_t i = 1; text.size() < bytes; ++i) {
      text += secret_every != 0 && i % secret_every == 0 ? WithSecret(i / secret_every) : Clean();
      text += '\n';
    }
    return text;
  }

 private:
  uint64_t Next() { return state_ = state_ * 6364136223846793005u + 1442695040888963407u; }
  uint64_t Below(uint64_t n) { return (Next() >> 33) % n; }
  std::string Hex(size_t size) {
    std::string hex;
    while (hex.size() < size) hex += "0123456789abcdef"[Below(16)];
    return hex;
  }

  std::string Clean() {
    constexpr std::array kPaths = {"/api/v1/tasks", "/api/v1/users/me", "/static/app.js", "/health",
                                   "/api/v1/search"};
    constexpr std::array kMessages = {"Task created successfully", "cache miss, reading from the database",
                                      "connection closed by peer", "request completed", "worker is idle"};
    const auto path = kPaths[Below(kPaths.size())];
    switch (Below(4)) {
      case 0:
        return fmt::format(
            R"(10.{}.{}.{} - - [26/Nov/2026:12:{:02}:{:02} +0000] "GET {} HTTP/1.1" 200 {} "-" )"
            R"("Mozilla/5.0")",
            Below(256), Below(256), Below(256), Below(60), Below(60), path, Below(90000));
      case 1:
        return fmt::format(
            R"({{"timestamp":"2026-11-26T12:{:02}:{:02}.{:03}Z","level":"INFO","message":"{}",)"
            R"("request_id":"req_{}","duration_ms":{},"status_code":200,"path":"{}"}})",
            Below(60), Below(60), Below(1000), kMessages[Below(kMessages.size())], Hex(12), Below(900), path);
      case 2:
        return fmt::format(
            "2026-11-26 12:{:02}:{:02},{:03} INFO [worker-{}] o.e.tasks.Queue: {} (block blk_{} of {} bytes)",
            Below(60), Below(60), Below(1000), Below(16), kMessages[Below(kMessages.size())], Below(1u << 30),
            Below(1u << 26));
      default:
        return fmt::format(
            "Nov 26 12:{:02}:{:02} host{} kernel: [{}.{:06}] eth0: link up, {} Mbps, full duplex, lpa 0x{}",
            Below(60), Below(60), Below(99), Below(900000), Below(1000000), Below(10) * 100, Hex(4));
    }
  }

  std::string WithSecret(size_t i) {
    switch (i % 6) {
      case 0:
        return fmt::format("2026-11-26 12:00:00,000 INFO login of user42 with password={}Xq7 from 10.0.0.1",
                           Hex(10));
      case 1:
        return fmt::format(R"({{"level":"INFO","message":"call","authorization":"Bearer {}"}})", Hex(40));
      case 2:
        return fmt::format("2026-11-26 12:00:00,000 INFO using AKIA{:016} for the upload of the report",
                           Below(1u << 30));
      case 3:
        return fmt::format(
            "2026-11-26 12:00:00,000 INFO connecting to postgres://app:{}@db1.internal:5432/tasks", Hex(12));
      case 4:
        return fmt::format(
            R"({{"level":"INFO","message":"mail sent","to":"user.{}@example.com","took_ms":12}})", Hex(4));
      default:
        return fmt::format("2026-11-26 12:00:00,000 WARN card {}11111111 declined by the issuer", "41111111");
    }
  }

  uint64_t state_ = 42;
};

// ---- the same rules for others ----

// Of our pattern language; what is special there alone is escaped.
std::string RegexOf(std::string_view pattern) {
  std::string regex;
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '\\' && i + 1 < pattern.size()) {
      regex.append(pattern.substr(i++, 2));
      continue;
    }
    in_class = in_class ? c != ']' : c == '[';
    if (!in_class && std::string_view(".+*^$").find(c) != std::string_view::npos) regex += '\\';
    regex += c;
  }
  return regex;
}

// What our code finds, as far as a regular expression can say it.
constexpr std::array<const char*, 10> kOthers = {
    R"((?i)(password|passwd|secret|token|api_?key|credential)["']?\s{0,4}[=:]\s{0,4}["']?[^\s"',;]{4,64})",
    R"((?i)authorization["']?\s{0,4}[:=]\s{0,4}["']?[A-Za-z]{4,20} [^\s"']{8,512})",
    R"((?i)cookie["']?\s{0,4}[:=]\s{0,4}["']?[^\s"'=]{1,64}=[^\s"';]{4,256})",
    R"([a-z][a-z0-9+.-]{1,20}://[^\s:/@"]{0,64}:[^\s/@"]{1,64}@)",
    R"([A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,64}\.[A-Za-z]{2,10})",
    R"(\b[3-6][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{1,7}\b)",
    R"(\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b)",
    R"(\b[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}\b)",
    R"(eyJ[A-Za-z0-9_-]{10,512}\.[A-Za-z0-9_-]{10,2048}\.[A-Za-z0-9_-]{10,512})",
    R"(-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----)"};

std::vector<std::string> Regexes() {
  std::vector<std::string> regexes(kOthers.begin(), kOthers.end());
  for (const Rule& rule : BuiltinRules())
    regexes.push_back((rule.context.empty() ? R"(\b)" : RegexOf(rule.context)) + RegexOf(rule.pattern));
  return regexes;
}

// ---- measuring ----

// Megabytes a second of the best of the rounds: the others shared the machine.
double Measure(const std::string& text, const std::function<void(std::string_view)>& scan) {
  double best_s = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const double begin_s = CpuSeconds(RUSAGE_THREAD);
    for (size_t at = 0; at < text.size();) {
      size_t end = std::min(at + kChunk, text.size());
      if (end < text.size()) end = text.rfind('\n', end) + 1;
      scan(std::string_view(text).substr(at, end - at));
      at = end;
    }
    best_s = std::min(best_s, CpuSeconds(RUSAGE_THREAD) - begin_s);
  }
  return static_cast<double>(text.size()) / 1e6 / best_s;
}

double MeasureOurs(const std::string& text, uint64_t& found) {
  const auto engine = *Engine::Make({});
  Scratch scratch;
  std::string out;
  const double mb_per_s = Measure(text, [&](std::string_view chunk) {
    out.clear();
    engine->RedactLines(chunk, scratch, out);
  });
  for (const uint64_t count : scratch.counts) found += count;
  found /= kRounds;
  return mb_per_s;
}

#ifdef TAFFRAIL_BENCH_HYPERSCAN
double MeasureHyperscan(const std::string& text) {
  const std::vector<std::string> regexes = Regexes();
  hs_database_t* database = nullptr;
  hs_scratch_t* scratch = nullptr;
  std::vector<const char*> texts;
  std::vector<unsigned> flags(regexes.size(), HS_FLAG_MULTILINE);
  std::vector<unsigned> ids(regexes.size());
  for (size_t i = 0; i < regexes.size(); ++i) {
    texts.push_back(regexes[i].c_str());
    ids[i] = static_cast<unsigned>(i);
  }
  hs_compile_error_t* error = nullptr;
  if (hs_compile_multi(texts.data(), flags.data(), ids.data(), static_cast<unsigned>(texts.size()),
                       HS_MODE_BLOCK, nullptr, &database, &error) != HS_SUCCESS) {
    fmt::print(stderr, "bench_redact: pattern {}: {}\n", error->expression, error->message);
    std::exit(1);
  }
  hs_alloc_scratch(database, &scratch);
  uint64_t matches = 0;
  const auto count = [](unsigned, unsigned long long, unsigned long long, unsigned, void* total) {
    ++*static_cast<uint64_t*>(total);
    return 0;
  };
  const double mb_per_s = Measure(text, [&](std::string_view chunk) {
    hs_scan(database, chunk.data(), static_cast<unsigned>(chunk.size()), 0, scratch, count, &matches);
  });
  hs_free_scratch(scratch);
  hs_free_database(database);
  return mb_per_s;
}
#endif

double MeasureRe2(const std::string& text) {
  RE2::Options options;
  options.set_max_mem(int64_t{512} << 20);
  options.set_log_errors(false);
  RE2::Set set(options, RE2::UNANCHORED);
  for (const std::string& regex : Regexes()) set.Add(regex, nullptr);
  if (!set.Compile()) return 0;
  std::vector<int> matches;
  return Measure(text.substr(0, text.size() / 8), [&](std::string_view chunk) {
    while (!chunk.empty()) {
      const size_t end = std::min(chunk.find('\n'), chunk.size() - 1);
      matches.clear();
      set.Match({chunk.data(), end}, &matches);
      chunk.remove_prefix(end + 1);
    }
  });
}

// Six substitutions, about what people write by hand.
double MeasureSed(const std::string& dir, const std::string& text) {
  const std::string file = dir + "/lines.log";
  std::ofstream(file) << text;
  const std::string command =
      "LC_ALL=C sed -E "
      "-e 's/(password|passwd|secret|token|api_?key)([\"]?[=:][\"]?)[^ \",;]{4,64}/\\1\\2***/Ig' "
      "-e 's/(Bearer|Basic) [A-Za-z0-9._~+\\/-]{8,}/\\1 ***/g' -e 's/AKIA[A-Z0-9]{16}/***/g' "
      "-e 's#(://[^ :/@]*:)[^ /@]+@#\\1***@#g' -e "
      "'s/[A-Za-z0-9._%+-]+@([A-Za-z0-9.-]+\\.[A-Za-z]{2,})/***@\\1/g' "
      "-e 's/[3-6][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}/***/g' " +
      file + " > /dev/null";
  const double begin_s = CpuSeconds(RUSAGE_CHILDREN);
  const pid_t child = fork();
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) return 0;
  return static_cast<double>(text.size()) / 1e6 / (CpuSeconds(RUSAGE_CHILDREN) - begin_s);
}

// What the second look at the server's door costs a line, masking included: batches as a decoder makes them.
double MeasureIngest(const std::string& text) {
  constexpr size_t kBatchRows = 4096;
  taffrail::ingest::Redaction door(taffrail::ingest::RedactionMode::kMask, *Policy::Make({}));
  double spent_s = 0;
  size_t lines = 0;
  size_t begin = 0;
  while (begin < text.size()) {
    taffrail::record::BatchBuilder builder;
    builder.SetStream({{"app", "bench"}});
    for (size_t row = 0; row < kBatchRows && begin < text.size(); ++row, ++lines) {
      const size_t end = std::min(text.find('\n', begin), text.size());
      builder.Append(std::string_view(text).substr(begin, end - begin), 1);
      begin = end + 1;
    }
    taffrail::record::RecordBatch batch = builder.Finish();
    const double begin_s = CpuSeconds(RUSAGE_SELF);
    door.Look(std::move(batch));
    spent_s += CpuSeconds(RUSAGE_SELF) - begin_s;
  }
  return spent_s * 1e9 / static_cast<double>(lines);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: bench_redact DIR MEGABYTES [FILE]\n");
    return 2;
  }
  const size_t bytes = std::strtoull(argv[2], nullptr, 10) * 1'000'000;
  std::string clean = Lines().Make(bytes, 0);
  const std::string dirty = Lines().Make(bytes, 50);
  if (argc > 3) {
    std::ostringstream file;
    file << std::ifstream(argv[3]).rdbuf();
    clean = file.str();
  }
  uint64_t found_clean = 0;
  uint64_t found_dirty = 0;
  fmt::print(R"({{"clean_mb_per_s":{:.0f},)", MeasureOurs(clean, found_clean));
  fmt::print(R"("dirty_mb_per_s":{:.0f},)", MeasureOurs(dirty, found_dirty));
  fmt::print(R"("found_clean":{},"found_dirty":{},)", found_clean, found_dirty);
  fmt::print(R"("ingest_ns_per_line":{:.0f},"ingest_dirty_ns_per_line":{:.0f},)", MeasureIngest(clean),
             MeasureIngest(dirty));
#ifdef TAFFRAIL_BENCH_HYPERSCAN
  fmt::print(R"("vectorscan_mb_per_s":{:.0f},)", MeasureHyperscan(clean));
  fmt::print(R"("vectorscan_dirty_mb_per_s":{:.0f},)", MeasureHyperscan(dirty));
#endif
  fmt::print(R"("re2_mb_per_s":{:.1f},)", MeasureRe2(clean));
  fmt::print(R"("sed_mb_per_s":{:.0f},"sed_dirty_mb_per_s":{:.0f}}})", MeasureSed(argv[1], clean),
             MeasureSed(argv[1], dirty));
  fmt::print("\n");
  return 0;
}
