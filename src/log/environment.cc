#include "log/environment.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "record/level.h"
#include "redact/policy.h"

namespace taffrail::log {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return lower;
}

bool IsOneOf(std::string_view value, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, Lower(value)) != words.end();
}

std::optional<bool> ParseSwitch(std::string_view value) {
  if (IsOneOf(value, {"1", "true", "yes", "on"})) return true;
  if (IsOneOf(value, {"0", "false", "no", "off"})) return false;
  return std::nullopt;
}

template <typename T>
std::optional<T> ParseNumber(std::string_view text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Level> ParseThreshold(std::string_view text) {
  if (IsOneOf(text, {"off", "none"})) return Level::kOff;
  return record::ParseLevel(text);
}

// "tasks=DEBUG,db=WARNING": all of it or nothing.
bool ApplyLevels(std::string_view value, std::string_view, Config& config, EnvReport&) {
  std::vector<std::pair<std::string, Level>> levels;
  while (!value.empty()) {
    const std::string_view entry = value.substr(0, value.find(','));
    value.remove_prefix(std::min(entry.size() + 1, value.size()));
    const size_t equals = entry.find('=');
    if (equals == 0 || equals == std::string_view::npos) return false;
    const auto level = ParseThreshold(entry.substr(equals + 1));
    if (!level) return false;
    levels.emplace_back(entry.substr(0, equals), *level);
  }
  for (auto& [name, level] : levels) {
    const auto is_it = [&logger = name](const auto& known) { return known.first == logger; };
    const auto known = std::ranges::find_if(config.levels, is_it);
    if (known != config.levels.end()) {
      known->second = level;
    } else {
      config.levels.emplace_back(std::move(name), level);
    }
  }
  return true;
}

// "json" leaves a layout that is JSON already: who has chosen `flat` in a file does not mean `nested` by it.
void SetJson(bool json, Config& config) {
  const bool is_text = config.layout.starts_with("text");
  if (!json) {
    if (!is_text) config.layout = "text";
  } else if (is_text || config.layout == "auto") {
    config.layout = "nested";
  }
}

bool ApplyFormat(std::string_view value, std::string_view, Config& config, EnvReport&) {
  if (IsOneOf(value, {"json", "text", "console"})) {
    SetJson(IsOneOf(value, {"json"}), config);
    return true;
  }
  const auto has_name = [&](const LayoutConfig& layout) { return layout.name == value; };
  if (!IsOneOf(value, {"auto", "nested", "flat", "flat+error", "dotted", "request", "otel", "text-dashed",
                       "text-comma"}) &&
      std::ranges::none_of(config.layouts, has_name)) {
    return false;
  }
  config.layout = value;
  return true;
}

// Replaces a rule of the file for the same lines: all of them.
bool ApplySampleRate(std::string_view value, std::string_view, Config& config, EnvReport&) {
  const auto rate = ParseNumber<double>(value);
  if (!rate || !(*rate >= 0 && *rate <= 1)) return false;
  std::erase_if(config.sampling, [](const SampleRule& rule) {
    return rule.lines.logger.empty() && rule.lines.message.empty() && rule.lines.below >= Level::kError;
  });
  if (*rate < 1) config.sampling.push_back({.rate = *rate});
  return true;
}

template <bool Features::*kMember>
bool ApplyFeature(std::string_view value, std::string_view, Config& config, EnvReport&) {
  const auto on = ParseSwitch(value);
  if (on) config.features.*kMember = *on;
  return on.has_value();
}

bool ApplyThreshold(std::string_view value, std::string_view, Config& config, EnvReport&) {
  const auto threshold_ms = ParseNumber<int64_t>(value);
  if (!threshold_ms || *threshold_ms < 0) return false;
  config.features.slow_request_threshold_ms = *threshold_ms;
  return true;
}

template <std::string Config::*kMember>
bool ApplyText(std::string_view value, std::string_view, Config& config, EnvReport&) {
  config.*kMember = value;
  return true;
}

bool ApplyLevel(std::string_view value, std::string_view, Config& config, EnvReport&) {
  const auto level = ParseThreshold(value);
  if (level) config.level = *level;
  return level.has_value();
}

bool ApplyJson(std::string_view value, std::string_view, Config& config, EnvReport&) {
  const auto json = ParseSwitch(value);
  if (json) SetJson(*json, config);
  return json.has_value();
}

bool ApplyDir(std::string_view value, std::string_view, Config&, EnvReport& report) {
  report.log_dir = value;
  return true;
}

bool ApplyFile(std::string_view value, std::string_view, Config&, EnvReport& report) {
  const bool is_relative = !report.log_dir.empty() && !value.starts_with('/');
  report.log_file = is_relative ? report.log_dir + "/" + std::string(value) : std::string(value);
  report.log_dir.clear();
  return true;
}

bool ApplyQueueDir(std::string_view value, std::string_view, Config& config, EnvReport&) {
  config.queue_dir = IsOneOf(value, {"off", "none"}) ? std::string_view() : value;
  return true;
}

bool ApplyRedact(std::string_view value, std::string_view, Config& config, EnvReport&) {
  const auto on = ParseSwitch(value);
  if (on) config.redaction.enabled = *on;
  return on.has_value();
}

// "user.email=hash,nickname": all of it or nothing. They go before those of a file.
bool ApplyRedactFields(std::string_view value, std::string_view, Config& config, EnvReport&) {
  std::vector<RedactedField> fields;
  while (!value.empty()) {
    const std::string_view entry = value.substr(0, value.find(','));
    value.remove_prefix(std::min(entry.size() + 1, value.size()));
    const size_t equals = entry.find('=');
    RedactedField field{.path = std::string(entry.substr(0, equals))};
    if (equals != std::string_view::npos) field.action = entry.substr(equals + 1);
    if (!redact::ActionOf(field.action).has_value() || !redact::FieldPath::Parse(field.path).ok())
      return false;
    fields.push_back(std::move(field));
  }
  config.redaction.fields.insert(config.redaction.fields.begin(), fields.begin(), fields.end());
  return true;
}

bool ApplyHashKey(std::string_view value, std::string_view, Config& config, EnvReport&) {
  config.redaction.hash_key = value;
  return true;
}

bool ApplyResource(std::string_view value, std::string_view variable, Config& config, EnvReport& report) {
  return ApplyResourceAttributes(value, config, [&](std::string_view key) {
    report.set.push_back({variable, key});
  });
}

constexpr std::string_view kSwitch = "true or false";
constexpr std::string_view kLevels = "TRACE, DEBUG, INFO, WARNING, ERROR, CRITICAL or OFF";
constexpr std::string_view kAnyText = "a text";

constexpr EnvVariable kVariables[] = {
    {"OTEL_RESOURCE_ATTRIBUTES", "service environment version", "key=value,key=value", ApplyResource},
    {"OTEL_SERVICE_NAME", "service", kAnyText, ApplyText<&Config::service>},
    {"SERVICE_NAME", "service", kAnyText, ApplyText<&Config::service>},
    {"ENVIRONMENT", "environment", kAnyText, ApplyText<&Config::environment>},
    {"APP_VERSION", "version", kAnyText, ApplyText<&Config::version>},
    {"SERVICE_VERSION", "version", kAnyText, ApplyText<&Config::version>},
    {"LOG_LEVEL", "level", kLevels, ApplyLevel},
    {"LOG_LEVELS", "levels", "LOGGER=LEVEL,LOGGER=LEVEL", ApplyLevels},
    {"JSON_LOGS", "layout", kSwitch, ApplyJson},
    {"LOG_FORMAT", "layout", "json, text or the name of a layout", ApplyFormat},
    {"LOG_DIR", "sinks", "a directory", ApplyDir},
    {"LOG_FILE", "sinks", "a path", ApplyFile},
    {"LOG_SAMPLE_RATE", "sampling", "a share from 0 to 1", ApplySampleRate},
    {"LOG_REDACT", "redaction.enabled", kSwitch, ApplyRedact},
    {"LOG_REDACT_FIELDS", "redaction.fields", "PATH=ACTION,PATH=ACTION", ApplyRedactFields},
    {"LOG_REDACT_HASH_KEY", "redaction.hash_key", kAnyText, ApplyHashKey},
    {"LOG_ENABLE_TRACING", "features.tracing", kSwitch, ApplyFeature<&Features::tracing>},
    {"LOG_ENABLE_METRICS", "features.metrics", kSwitch, ApplyFeature<&Features::metrics>},
    {"LOG_ENABLE_AUDIT", "features.audit", kSwitch, ApplyFeature<&Features::audit>},
    {"LOG_SLOW_REQUESTS_ONLY", "features.slow_requests_only", kSwitch,
     ApplyFeature<&Features::slow_requests_only>},
    {"SLOW_REQUEST_THRESHOLD_MS", "features.slow_request_threshold", "a whole number of milliseconds",
     ApplyThreshold},
    {"INCLUDE_MEMORY_METRICS", "features.memory_metrics", kSwitch, ApplyFeature<&Features::memory_metrics>},
    {"INCLUDE_DATABASE_METRICS", "features.database_metrics", kSwitch,
     ApplyFeature<&Features::database_metrics>},
    {"AUDIT_LOG_ALL_REQUESTS", "features.audit_all_requests", kSwitch,
     ApplyFeature<&Features::audit_all_requests>},
    {"TAFFRAIL_QUEUE_DIR", "queue.dir", "a directory, or off", ApplyQueueDir},
};

// The environment may come from anyone who deploys: what is quoted must not command a terminal.
std::string Quoted(std::string_view value) {
  constexpr size_t kShownBytes = 80;
  std::string out;
  for (const char c : value.substr(0, kShownBytes)) out += c >= ' ' && c < 0x7f ? c : '?';
  if (value.size() > kShownBytes) out += "…";
  return out;
}

}  // namespace

std::span<const EnvVariable> EnvVariables() { return kVariables; }

EnvReport ApplyEnvironment(const GetEnv& get_env, Config& config) {
  EnvReport report;
  for (const EnvVariable& variable : kVariables) {
    const char* const text = get_env(variable.name.data());
    if (text == nullptr || *text == '\0') continue;
    if (!variable.apply(text, variable.name, config, report)) {
      report.troubles.push_back(std::string(variable.name) + "=" + Quoted(text) +
                                " makes no sense; it should be " + std::string(variable.wanted));
    } else if (variable.key.find(' ') == std::string_view::npos) {  // else it has said itself what it set
      report.set.push_back({variable.name, variable.key});
    }
  }
  (void)ReadOtlpEnvironment(get_env, report.troubles);
  return report;
}

std::vector<CategoryFile> CategoryFiles(const std::string& dir) {
  std::vector<CategoryFile> files;
  for (const Category category :
       {Category::kApp, Category::kAudit, Category::kPerformance, Category::kError, Category::kSecurity}) {
    files.push_back({dir + "/" + std::string(category_name(category)) + ".log", category});
  }
  return files;
}

}  // namespace taffrail::log
