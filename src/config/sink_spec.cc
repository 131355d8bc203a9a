#include "config/sink_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "config/show_value.h"
#include "config/yaml_tree.h"

namespace taffrail::config {
namespace {

constexpr int64_t kKiB = 1 << 10, kMiB = 1 << 20, kTiB = int64_t{1} << 40;
constexpr int64_t kHourMs = 3'600'000;

constexpr Choice kTypes[] = {{"console", static_cast<uint8_t>(SinkType::kConsole)},
                             {"file", static_cast<uint8_t>(SinkType::kFile)},
                             {"files", static_cast<uint8_t>(SinkType::kFiles)},
                             {"syslog", static_cast<uint8_t>(SinkType::kSyslog)},
                             {"journald", static_cast<uint8_t>(SinkType::kJournald)},
                             {"loki", static_cast<uint8_t>(SinkType::kLoki)}};
constexpr Choice kStreams[] = {{"stdout", static_cast<uint8_t>(ConsoleStream::kStdout)},
                               {"stderr", static_cast<uint8_t>(ConsoleStream::kStderr)}};
constexpr Choice kPeriods[] = {{"never", static_cast<uint8_t>(RotationPeriod::kNever)},
                               {"hour", static_cast<uint8_t>(RotationPeriod::kHourly)},
                               {"day", static_cast<uint8_t>(RotationPeriod::kDaily)}};
constexpr Choice kCompressions[] = {{"none", static_cast<uint8_t>(FileCompression::kNone)},
                                    {"gzip", static_cast<uint8_t>(FileCompression::kGzip)},
                                    {"zstd", static_cast<uint8_t>(FileCompression::kZstd)}};

constexpr Choice kFacilities[] = {{"user", static_cast<uint8_t>(SyslogFacility::kUser)},
                                  {"daemon", static_cast<uint8_t>(SyslogFacility::kDaemon)},
                                  {"auth", static_cast<uint8_t>(SyslogFacility::kAuth)},
                                  {"authpriv", static_cast<uint8_t>(SyslogFacility::kAuthpriv)},
                                  {"local0", static_cast<uint8_t>(SyslogFacility::kLocal0)},
                                  {"local1", static_cast<uint8_t>(SyslogFacility::kLocal1)},
                                  {"local2", static_cast<uint8_t>(SyslogFacility::kLocal2)},
                                  {"local3", static_cast<uint8_t>(SyslogFacility::kLocal3)},
                                  {"local4", static_cast<uint8_t>(SyslogFacility::kLocal4)},
                                  {"local5", static_cast<uint8_t>(SyslogFacility::kLocal5)},
                                  {"local6", static_cast<uint8_t>(SyslogFacility::kLocal6)},
                                  {"local7", static_cast<uint8_t>(SyslogFacility::kLocal7)}};

// Limits are where a value stops making sense: a file of a few KB rotates with every batch, one of terabytes
// never does, and what waits for a minute in memory is lost with the process.
constexpr Field kFields[] = {
    ChoiceKey<&SinkSpec::type>("type", kTypes, "what kind of sink it is").Required(),
    LevelKey<&SinkSpec::level>("level", "the least level that it takes"),
    Text<&SinkSpec::layout>("layout", "its own layout; empty: that of the configuration"),
    Categories<&SinkSpec::categories>("categories", "the categories that it takes; empty: all")
        .Of("console file syslog journald loki"),
    ChoiceKey<&SinkSpec::stream>("stream", kStreams, "which standard stream").Of("console"),
    Text<&SinkSpec::path>("path", "the file, or the directory of the files").Of("file files").Required(),
    Bytes<&SinkSpec::file, &FileOptions::max_bytes>(
        "rotation.size", "begin a new file before it grows beyond this; 0: any size", 0, kTiB)
        .Of("file files"),
    ChoiceKey<&SinkSpec::file, &FileOptions::period>("rotation.every", kPeriods,
                                                     "begin a new file with every hour or day")
        .Of("file files"),
    Flag<&SinkSpec::file, &FileOptions::local_time>("rotation.local_time", "hours and days by TZ; else UTC")
        .Of("file files"),
    ChoiceKey<&SinkSpec::file, &FileOptions::compression>("rotation.compress", kCompressions,
                                                          "how old files are compressed")
        .Of("file files"),
    Count<&SinkSpec::file, &FileOptions::keep_files>(
        "rotation.keep_files", "remove the oldest of more than so many old files; 0: keep all", 0, 100'000)
        .Of("file files"),
    Hours<&SinkSpec::file, &FileOptions::keep_hours>(
        "rotation.keep_for", "remove old files closed longer ago than this; 0: keep all", 0, 24 * 366 * 100)
        .Of("file files"),
    Bytes<&SinkSpec::file, &FileOptions::keep_bytes>(
        "rotation.keep_bytes", "remove the oldest when all old files together are larger; 0: keep all", 0,
        1024 * kTiB)
        .Of("file files"),
    Millis<&SinkSpec::file, &FileOptions::check_ms>(
        "check", "how often the name is looked up, to notice that another program rotated", 1, 60'000)
        .Of("file files"),
    Text<&SinkSpec::syslog, &SyslogConfig::address>("address",
                                                    "unix:/dev/log, udp://host:514 or tcp://host:601")
        .Of("syslog"),
    ChoiceKey<&SinkSpec::syslog, &SyslogConfig::facility>("facility", kFacilities, "the syslog facility")
        .Of("syslog"),
    Text<&SinkSpec::syslog, &SyslogConfig::app_name>("app_name", "empty: the program's name").Of("syslog"),
    Text<&SinkSpec::syslog, &SyslogConfig::hostname>("hostname", "empty: the machine's name").Of("syslog"),
    Text<&SinkSpec::syslog, &SyslogConfig::structured_id>("structured_id", "the name of structured_data")
        .Of("syslog"),
    PairsKey<&SinkSpec::syslog, &SyslogConfig::structured_data>("structured_data",
                                                                "structured data on every message")
        .Of("syslog"),
    Flag<&SinkSpec::syslog, &SyslogConfig::bsd_format>("bsd_format", "RFC 3164 instead of RFC 5424")
        .Of("syslog"),
    Bytes<&SinkSpec::syslog, &SyslogConfig::max_message_bytes>(
        "max_message", "cut a longer message; 0: 8KiB over datagrams, 64KiB over streams", 0, kMiB)
        .Of("syslog"),
    Text<&SinkSpec::journald, &JournaldConfig::identifier>("identifier", "empty: the program's name")
        .Of("journald"),
    Text<&SinkSpec::journald, &JournaldConfig::socket>("socket", "the journal's socket").Of("journald"),
    Text<&SinkSpec::loki, &LokiConfig::url>("url", "the server, without the path of its API")
        .Of("loki")
        .Required(),
    PairsKey<&SinkSpec::loki, &LokiConfig::labels>("labels", "labels of the stream").Of("loki"),
    Flag<&SinkSpec::loki, &LokiConfig::level_label>("level_label", "one stream a level").Of("loki"),
    Text<&SinkSpec::loki, &LokiConfig::tenant>("tenant", "X-Scope-OrgID").Of("loki"),
    PairsKey<&SinkSpec::loki, &LokiConfig::headers>("headers", "headers of every request")
        .Of("loki")
        .Secret(),
    Flag<&SinkSpec::loki, &LokiConfig::gzip>("gzip", "compress bodies").Of("loki"),
    Bytes<&SinkSpec::loki, &LokiConfig::batch_bytes>("batch.bytes", "send when so much has come together",
                                                     kKiB, 64 * kMiB)
        .Of("loki"),
    Count<&SinkSpec::loki, &LokiConfig::batch_lines>("batch.lines", "send when so many lines have", 1,
                                                     1'000'000)
        .Of("loki"),
    Millis<&SinkSpec::loki, &LokiConfig::batch_age_ms>("batch.age", "send when the first line is so old", 1,
                                                       60'000)
        .Of("loki"),
    Bytes<&SinkSpec::loki, &LokiConfig::queue_bytes>(
        "queue_bytes", "lines waiting in memory; beyond it the newest are dropped and counted", kMiB,
        1024 * kMiB)
        .Of("loki"),
    Millis<&SinkSpec::loki, &LokiConfig::backoff_initial_ms>("backoff.initial", "first wait after a failure",
                                                             1, kHourMs)
        .Of("loki"),
    Millis<&SinkSpec::loki, &LokiConfig::backoff_max_ms>("backoff.max", "longest wait", 1, kHourMs)
        .Of("loki"),
    Millis<&SinkSpec::loki, &LokiConfig::request_timeout_ms>("timeout", "how long a request may take", 100,
                                                             kHourMs)
        .Of("loki"),
    Count<&SinkSpec::loki, &LokiConfig::breaker_failures>(
        "breaker.failures", "after so many failures in a row the server is left alone", 1, 1'000)
        .Of("loki"),
    Millis<&SinkSpec::loki, &LokiConfig::breaker_open_ms>("breaker.open", "for so long", 1, kHourMs)
        .Of("loki"),
    Text<&SinkSpec::spool, &DurableConfig::spool_dir>(
        "spool.dir",
        "where lines wait on disk until the sink has taken them; of this sink alone; empty: none")
        .Of("file syslog journald loki"),
    Bytes<&SinkSpec::spool, &DurableConfig::spool_bytes>(
        "spool.bytes", "beyond it the newest lines are lost, and counted", kMiB, kTiB)
        .Of("file syslog journald loki"),
    Text<&SinkSpec::spool, &DurableConfig::dead_letter_file>(
        "spool.dead_letters", "lines that the sink refuses for good; empty: dead-letter.log in spool.dir")
        .Of("file syslog journald loki"),
};

const Mark& PlaceOf(const Node& sink, std::string_view key) {
  const Node* const value = sink.Find(key);
  return value == nullptr ? sink.mark : value->mark;
}

void CheckFile(const SinkSpec& spec, const Node& node, Problems& problems) {
  const FileOptions& file = spec.file;
  if (const Node* path = node.Find("path"); path != nullptr && spec.path.empty())
    problems.Error(path->mark, "path is empty");
  const bool rotates = file.max_bytes != 0 || file.period != RotationPeriod::kNever;
  const bool clears = file.keep_files != 0 || file.keep_hours != 0 || file.keep_bytes != 0 ||
                      file.compression != FileCompression::kNone;
  if (clears && !rotates) {
    problems.Warn(PlaceOf(node, "rotation"), "old files are kept or compressed, but none ever come to be",
                  "add rotation.size or rotation.every, or leave it to another program");
  }
  if (rotates && file.keep_files == 0 && file.keep_hours == 0 && file.keep_bytes == 0) {
    problems.Warn(PlaceOf(node, "rotation"), "old files are never removed, the disk fills in the end",
                  "add rotation.keep_files, keep_for or keep_bytes");
  }
}

void CheckLoki(const SinkSpec& spec, const Node& node, Problems& problems) {
  const std::string& url = spec.loki.url;
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    problems.Error(PlaceOf(node, "url"), "url must begin with http:// or https://",
                   "as in http://127.0.0.1:4880");
  } else if (url.find("/loki/api") != std::string::npos) {
    problems.Error(PlaceOf(node, "url"), "url is without the path of the API", "end it before /loki/api");
  }
}

void CheckSyslog(const SinkSpec& spec, const Node& node, Problems& problems) {
  for (const std::string_view scheme : {"unix:", "udp://", "tcp://"}) {
    if (spec.syslog.address.starts_with(scheme)) return;
  }
  problems.Error(PlaceOf(node, "address"), "address must begin with unix:, udp:// or tcp://",
                 "as in unix:/dev/log");
}

void CheckSpool(const SinkSpec& spec, const Node& node, Problems& problems) {
  if (node.Find("spool") != nullptr && spec.spool.spool_dir.empty())
    problems.Error(PlaceOf(node, "spool"), "without a directory there is no spool", "add spool.dir");
}

void CheckSink(const void* record, const Node& node, Problems& problems) {
  const auto& spec = *static_cast<const SinkSpec*>(record);
  if (spec.type == SinkType::kFile || spec.type == SinkType::kFiles) CheckFile(spec, node, problems);
  if (spec.type == SinkType::kSyslog) CheckSyslog(spec, node, problems);
  CheckSpool(spec, node, problems);
  if (spec.type == SinkType::kLoki && node.Find("url") != nullptr) CheckLoki(spec, node, problems);
}

constexpr RecordType kRecords = [] {
  RecordType records = RecordsOf<SinkSpec>("a sink", kFields);
  records.check = CheckSink;
  return records;
}();

std::vector<SinkConfig> MakeSinks(const SinkSpec& spec) {
  const auto spooled = [&](std::shared_ptr<Sink> sink) -> std::vector<SinkConfig> {
    if (!spec.spool.spool_dir.empty()) sink = durable_sink(std::move(sink), spec.spool);
    return {{.sink = std::move(sink)}};
  };
  switch (spec.type) {
    case SinkType::kConsole:
      return {{.sink = console_sink(spec.stream)}};
    case SinkType::kFile:
      return spooled(file_sink(spec.path, spec.file));
    case SinkType::kFiles:
      return category_files(spec.path, spec.file);
    case SinkType::kSyslog:
      return spooled(syslog_sink(spec.syslog));
    case SinkType::kJournald:
      return spooled(journald_sink(spec.journald));
    case SinkType::kLoki: {  // which has a spool of its own
      LokiConfig loki = spec.loki;
      loki.spool_dir = spec.spool.spool_dir;
      loki.spool_bytes = spec.spool.spool_bytes;
      loki.dead_letter_file = spec.spool.dead_letter_file;
      return {{.sink = loki_sink(std::move(loki))}};
    }
  }
  return {};
}

// What makes two descriptions the same sink.
std::string Description(const SinkSpec& spec) {
  std::string text;
  for (const Field& field : kFields) text += ShowValue(field, &spec, false) + '\n';
  return text;
}

}  // namespace

const RecordType* SinkRecords() { return &kRecords; }

bool SinkFactory::Reuse(const std::vector<Made>& made, std::vector<SinkConfig>& sinks) {
  for (const Made& one : made) {
    sinks.push_back(one.config);
    sinks.back().sink = one.sink.lock();
    if (sinks.back().sink == nullptr) return false;
  }
  return true;
}

std::vector<SinkConfig> SinkFactory::Make(const std::vector<SinkSpec>& specs) {
  std::map<std::string, std::vector<Made>> made;
  std::vector<SinkConfig> all;
  for (const SinkSpec& spec : specs) {
    std::string description = Description(spec);
    std::vector<SinkConfig> sinks;
    const auto known = made_.find(description);
    if (known == made_.end() || !Reuse(known->second, sinks)) sinks = MakeSinks(spec);
    std::vector<Made>& kept = made[std::move(description)];
    kept.clear();  // two of one description are the same sink
    for (const SinkConfig& sink : sinks) {
      kept.push_back({sink, sink.sink});
      kept.back().config.sink = nullptr;
    }
    for (SinkConfig& sink : sinks) {
      sink.level = std::max(sink.level, spec.level);
      sink.layout = spec.layout;
      if (!spec.categories.empty()) sink.categories = spec.categories;
    }
    all.insert(all.end(), sinks.begin(), sinks.end());
  }
  made_ = std::move(made);
  return all;
}

}  // namespace taffrail::config
