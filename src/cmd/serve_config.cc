#include "cmd/serve_config.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <vector>

#include "base/duration.h"
#include "cmd/serve_config_audit.h"
#include "config/redaction_section.h"
#include "log/redaction.h"

namespace taffrail::cmd {
namespace {

using server::Options;

constexpr uint64_t kMiB = uint64_t{1} << 20;

std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// A key with a number: its range, and where it goes.
struct NumberKey {
  std::string_view section;
  std::string_view name;
  uint64_t least;
  uint64_t most;
  void (*set)(Options&, uint64_t);
};

// The ranges keep out what cannot work: a memtable below 4 MiB makes a part of every batch, one of many GiB
// is memory the machine does not have.
constexpr NumberKey kNumberKeys[] = {
    {"store", "memtable_mb", 4, 4096, [](Options& o, uint64_t v) { o.store.memtable_bytes = v * kMiB; }},
    {"store", "min_free_mb", 16, 1 << 20, [](Options& o, uint64_t v) { o.store.min_free_bytes = v * kMiB; }},
    {"store", "commit_window_us", 0, 1'000'000,
     [](Options& o, uint64_t v) { o.store.commit_window_us = static_cast<int64_t>(v); }},
    {"store", "idle_flush_s", 0, 86'400,
     [](Options& o, uint64_t v) { o.store.idle_flush_s = static_cast<int64_t>(v); }},
    {"store", "cache_mb", 0, 1 << 16, [](Options& o, uint64_t v) { o.store.cache_bytes = v * kMiB; }},
    {"store", "merge_mb_per_s", 0, 1 << 20,
     [](Options& o, uint64_t v) { o.store.merge_bytes_per_s = v * kMiB; }},
    {"retention", "max_age_days", 0, 36'500,
     [](Options& o, uint64_t v) { o.retention.max_age_days = static_cast<int64_t>(v); }},
    {"retention", "max_size_mb", 0, 1 << 30,
     [](Options& o, uint64_t v) { o.retention.max_size_bytes = v * kMiB; }},
    {"retention", "min_free_mb", 0, 1 << 20,
     [](Options& o, uint64_t v) { o.retention.min_free_bytes = v * kMiB; }},
    {"limits", "max_upload_mb", 1, 1 << 20,
     [](Options& o, uint64_t v) { o.limits.max_upload_bytes = v * kMiB; }},
    {"limits", "max_push_mb", 1, 1024, [](Options& o, uint64_t v) { o.limits.max_push_bytes = v * kMiB; }},
    {"limits", "query_timeout_s", 1, 3600,
     [](Options& o, uint64_t v) { o.limits.query_timeout_ms = static_cast<int64_t>(v) * 1000; }},
    {"limits", "query_memory_mb", 16, 1 << 16,
     [](Options& o, uint64_t v) { o.limits.query_memory_bytes = v * kMiB; }},
    {"limits", "max_query_entries", 1, 1'000'000,
     [](Options& o, uint64_t v) { o.limits.max_query_entries = v; }},
    {"limits", "max_query_series", 1, 10'000'000,
     [](Options& o, uint64_t v) { o.limits.max_query_series = v; }},
    {"limits", "max_query_length_h", 0, 1'000'000,
     [](Options& o, uint64_t v) { o.limits.max_query_length_ms = static_cast<int64_t>(v) * 3'600'000; }},
    {"limits", "max_concurrent_queries", 1, 256,
     [](Options& o, uint64_t v) { o.limits.max_concurrent_queries = static_cast<int>(v); }},
    {"limits", "max_queued_queries", 0, 10'000,
     [](Options& o, uint64_t v) { o.limits.max_queued_queries = v; }},
    {"limits", "max_tails", 0, 10'000, [](Options& o, uint64_t v) { o.limits.max_tails = v; }},
    {"tenants", "max", 1, 10'000, [](Options& o, uint64_t v) { o.tenants.max_tenants = v; }},
    {"tenants", "memtable_mb", 4, 4096, [](Options& o, uint64_t v) { o.tenants.memtable_bytes = v * kMiB; }},
    {"tenants", "cache_mb", 0, 1 << 16, [](Options& o, uint64_t v) { o.tenants.cache_bytes = v * kMiB; }},
    {"http", "worker_threads", 1, 256,
     [](Options& o, uint64_t v) { o.http.worker_threads = static_cast<int>(v); }},
    {"http", "max_connections", 1, 100'000,
     [](Options& o, uint64_t v) { o.http.max_connections = static_cast<int>(v); }},
};

// A window of so many lines, or of time.
std::string SetDedupWindow(Options& options, const std::string& text) {
  using ingest::DeduplicationOptions;
  DeduplicationOptions& to = options.deduplication;
  if (const std::optional<uint64_t> lines = ParseNumber(text); lines) {
    if (*lines < 1 || *lines > DeduplicationOptions::kMostLines)
      return fmt::format("must be from 1 to {} lines", DeduplicationOptions::kMostLines);
    to.window_lines = *lines;
    to.window_ns = 0;
    return {};
  }
  constexpr int64_t kSecondNs = 1'000'000'000;
  constexpr int64_t kLongestNs = 7 * 86'400 * kSecondNs;  // no sender tries longer than a week
  const std::optional<int64_t> duration_ns = base::ParseDuration(text);
  if (!duration_ns || *duration_ns < kSecondNs || *duration_ns > kLongestNs)
    return "must be a number of lines, as in 1000000, or a time from 1s to 7d, as in 10m";
  to.window_lines = DeduplicationOptions::kLinesOfTime;
  to.window_ns = *duration_ns;
  return {};
}

std::string SetAdminToken(Options& options, const std::string& text) {
  if (text.size() < server::AdminGate::kTokenBytesMin)
    return fmt::format("must have {} bytes or more, so that nobody finds it by trying",
                       server::AdminGate::kTokenBytesMin);
  options.admin_token = text;
  return {};
}

std::string SetTenantsEnabled(Options& options, const std::string& text) {
  if (text != "true" && text != "false") return "must be true or false";
  options.tenants.enabled = text == "true";
  return {};
}

// A key with a text. `set` gives what is wrong with it, or nothing.
struct TextKey {
  std::string_view section;
  std::string_view name;
  std::string (*set)(Options&, const std::string&);
};

constexpr TextKey kTextKeys[] = {
    {"ingest", "dedup_field",
     [](Options& o, const std::string& text) {
       o.deduplication.field = text;
       return std::string();
     }},
    {"ingest", "dedup_window", SetDedupWindow},
    {"http", "admin_token", SetAdminToken},
    {"tenants", "enabled", SetTenantsEnabled},
};

// Where a mistake is, for people: lines from 1.
class ConfigPlace {
 public:
  explicit ConfigPlace(const std::string& file) : file_(file) {}
  const std::string& file() const { return file_; }
  absl::Status Error(const YAML::Mark& mark, std::string_view message) const {
    return absl::InvalidArgumentError(fmt::format("{}:{}: {}", file_, mark.line + 1, message));
  }

 private:
  const std::string& file_;
};

std::string KeysOf(std::string_view section) {
  std::string keys;
  for (const NumberKey& key : kNumberKeys) {
    if (key.section == section) keys += (keys.empty() ? "" : ", ") + std::string(key.name);
  }
  for (const TextKey& key : kTextKeys) {
    if (key.section == section) keys += (keys.empty() ? "" : ", ") + std::string(key.name);
  }
  return keys;
}

absl::Status ApplyNumber(const NumberKey& key, const YAML::Node& value, const ConfigPlace& place,
                         Options& options) {
  const std::optional<uint64_t> number = value.IsScalar() ? ParseNumber(value.Scalar()) : std::nullopt;
  if (!number || *number < key.least || *number > key.most) {
    return place.Error(value.Mark(), fmt::format("{}.{} must be a whole number from {} to {}", key.section,
                                                 key.name, key.least, key.most));
  }
  key.set(options, *number);
  return absl::OkStatus();
}

absl::Status ApplyText(const TextKey& key, const YAML::Node& value, const ConfigPlace& place,
                       Options& options) {
  const std::string wrong = value.IsScalar() ? key.set(options, value.Scalar()) : "must be a text";
  if (wrong.empty()) return absl::OkStatus();
  return place.Error(value.Mark(), fmt::format("{}.{} {}", key.section, key.name, wrong));
}

absl::Status ApplySection(const std::string& section, const YAML::Node& entries, const ConfigPlace& place,
                          Options& options) {
  if (!entries.IsMap()) {
    return place.Error(entries.Mark(),
                       fmt::format("{} holds keys, each on a line of its own: {}", section, KeysOf(section)));
  }
  for (const auto& entry : entries) {
    const std::string name = entry.first.Scalar();
    const auto* const text = std::ranges::find_if(
        kTextKeys, [&](const TextKey& key) { return key.section == section && key.name == name; });
    if (text != std::end(kTextKeys)) {
      TAFFRAIL_RETURN_IF_ERROR(ApplyText(*text, entry.second, place, options));
      continue;
    }
    const NumberKey* found = nullptr;
    for (const NumberKey& key : kNumberKeys) {
      if (key.section == section && key.name == name) found = &key;
    }
    if (found == nullptr) {
      return place.Error(entry.first.Mark(),
                         fmt::format("there is no {}.{}; there are {}", section, name, KeysOf(section)));
    }
    TAFFRAIL_RETURN_IF_ERROR(ApplyNumber(*found, entry.second, place, options));
  }
  return absl::OkStatus();
}

absl::Status ApplyEntry(const std::string& name, const YAML::Node& key, const YAML::Node& value,
                        const ConfigPlace& place, Options& options) {
  if (name == "listen" || name == "data") {
    if (!value.IsScalar() || value.Scalar().empty()) {
      return place.Error(value.Mark(),
                         fmt::format("{} must be a text, as in `{}`", name,
                                     name == "data" ? "data: /var/lib/taffrail" : "listen: 127.0.0.1:4880"));
    }
    if (name == "data") {
      options.data_dir = value.Scalar();
      return absl::OkStatus();
    }
    const absl::Status listen = ApplyListen(value.Scalar(), options);
    if (listen.ok()) return listen;
    return place.Error(value.Mark(), std::string(listen.message()));
  }
  if (name == "redaction") return absl::OkStatus();  // ApplyRedaction
  if (name == "audit") {
    const AuditConfigError error = ApplyAuditConfig(value, options.audit);
    if (error.line < 0) return absl::OkStatus();
    return absl::InvalidArgumentError(fmt::format("{}:{}: {}", place.file(), error.line + 1, error.message));
  }
  if (!KeysOf(name).empty()) return ApplySection(name, value, place, options);
  return place.Error(
      key.Mark(),
      fmt::format("there is no {}; there are listen, data, store, ingest, retention, limits, tenants, "
                  "http, redaction and audit",
                  name));
}

absl::Status Apply(const YAML::Node& root, const ConfigPlace& place, Options& options) {
  if (root.IsNull()) return absl::OkStatus();  // an empty file
  if (!root.IsMap()) return place.Error(root.Mark(), "expected keys, as in `data: /var/lib/taffrail`");
  for (const auto& entry : root) {
    if (!entry.first.IsScalar()) return place.Error(entry.first.Mark(), "a key must be a text");
    TAFFRAIL_RETURN_IF_ERROR(ApplyEntry(entry.first.Scalar(), entry.first, entry.second, place, options));
  }
  return absl::OkStatus();
}

// Lines are refused first, and then no day is ever dropped to make room: a limit that quietly does not hold.
absl::Status CheckRetention(const ConfigPlace& place, const Options& options) {
  const uint64_t min_free_bytes = options.retention.min_free_bytes;
  if (min_free_bytes == 0 || min_free_bytes > options.store.min_free_bytes) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "{}: retention.min_free_mb must be above store.min_free_mb, which is {}: below that lines are "
      "refused already",
      place.file(), options.store.min_free_bytes / kMiB));
}

// The section that a service's file has too, and `mode`, which says what the server does with what it finds.
absl::Status ApplyRedaction(std::string_view text, const ConfigPlace& place, Options& options) {
  config::Problems problems(place.file());
  const auto section = config::LoadRedactionSection(text, std::getenv, problems);
  if (!section.is_there) return absl::OkStatus();
  if (section.config.enabled)
    problems.Error(section.mark, "redaction.enabled is for services",
                   "the server has redaction.mode: off, watch, warn or mask");
  if (!section.mode.empty()) {
    const auto mode = ingest::RedactionModeOf(section.mode);
    if (!mode) problems.Error(section.mode_mark, "redaction.mode must be one of off, watch, warn, mask");
    options.redaction = mode.value_or(options.redaction);
  }
  if (!problems.ok()) {
    const std::vector<ConfigProblem> found = problems.Take();
    const ConfigProblem& problem = *std::ranges::find(found, true, &ConfigProblem::is_error);
    return absl::InvalidArgumentError(fmt::format("{}:{}: {}{}{}", place.file(), std::max(problem.line, 1),
                                                  problem.message, problem.hint.empty() ? "" : "; ",
                                                  problem.hint));
  }
  TAFFRAIL_ASSIGN_OR_RETURN(options.redaction_policy, log::MakePolicy(section.config));
  return absl::OkStatus();
}

}  // namespace

absl::Status ApplyConfig(std::string_view text, const std::string& name, Options& options) {
  const ConfigPlace place(name);
  try {
    TAFFRAIL_RETURN_IF_ERROR(Apply(YAML::Load(std::string(text)), place, options));
    TAFFRAIL_RETURN_IF_ERROR(CheckRetention(place, options));
    return ApplyRedaction(text, place, options);
  } catch (const YAML::Exception& error) {
    return place.Error(error.mark, error.msg + "; check the indentation and the quotes");
  }
}

absl::Status ApplyListen(const std::string& listen, Options& options) {
  const size_t colon = listen.rfind(':');
  std::string address = colon == std::string::npos ? "127.0.0.1" : listen.substr(0, colon);
  if (address.empty()) address = "0.0.0.0";
  if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
    address = address.substr(1, address.size() - 2);
  }
  const std::optional<uint64_t> port = ParseNumber(std::string_view(listen).substr(colon + 1));
  if (!port || *port > 65535) {
    return absl::InvalidArgumentError(
        fmt::format("\"{}\" is no address to listen on; write ADDRESS:PORT, as in 127.0.0.1:4880", listen));
  }
  options.address = address;
  options.port = static_cast<uint16_t>(*port);
  return absl::OkStatus();
}

}  // namespace taffrail::cmd
