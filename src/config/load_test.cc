// Files, presets and the environment become settings; what is wrong is told with its place.
#include "config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "config/show_value.h"
#include "log/presets.h"

namespace taffrail::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using Variables = std::map<std::string, std::string>;

struct Result {
  Loaded loaded;
  std::vector<std::string> problems;  // as text, of "f.yaml"
  const Config& config() const { return loaded.settings.config; }
};

Result LoadText(std::string_view text, const Variables& variables = {}) {
  Problems problems("f.yaml");
  Result result{Load(
                    text,
                    [&](const char* name) {
                      const auto found = variables.find(name);
                      return found == variables.end() ? nullptr : found->second.c_str();
                    },
                    problems),
                {}};
  for (const ConfigProblem& problem : problems.Take()) result.problems.push_back(problem.text());
  return result;
}

std::vector<std::string> ProblemsOf(std::string_view text, const Variables& variables = {}) {
  return LoadText(text, variables).problems;
}

TEST(Load, SetsWhatTheFileSays) {
  const Result result = LoadText(R"(
service: tasks-api
version: "1.4"
level: warn
levels: {tasks: DEBUG, db.pool: off}
layout: flat
timestamps: us
include: {thread_id: true, source_from: WARNING}
queue:
  policy: grow
  bytes: 1MiB
  bytes_max: 1GiB
  poll: 30ms
  dir: /var/lib/q
fatal_signals: yes
level_signals: on
sampling: [{logger: health, rate: 0.1, below: WARNING}]
rate_limits: [{message: Retry, per_second: 5, burst: 10}]
aggregates: [{logger: cache, window: 5s}]
features: {audit: false, slow_request_threshold: 2s}
)");
  EXPECT_THAT(result.problems, ElementsAre());
  const Config& config = result.config();
  EXPECT_EQ(config.service, "tasks-api");
  EXPECT_EQ(config.version, "1.4");
  EXPECT_EQ(config.level, Level::kWarning);
  EXPECT_THAT(config.levels, ElementsAre(std::pair(std::string("tasks"), Level::kDebug),
                                         std::pair(std::string("db.pool"), Level::kOff)));
  EXPECT_EQ(config.layout, "flat");
  EXPECT_EQ(config.timestamp, Precision::kMicros);
  EXPECT_TRUE(config.thread_id);
  EXPECT_EQ(config.source_from, Level::kWarning);
  EXPECT_EQ(config.queue_policy, QueuePolicy::kGrow);
  EXPECT_EQ(config.queue_bytes, size_t{1} << 20);
  EXPECT_EQ(config.queue_bytes_max, size_t{1} << 30);
  EXPECT_EQ(config.poll_ms_max, 30);
  EXPECT_EQ(config.queue_dir, "/var/lib/q");
  EXPECT_TRUE(config.fatal_signals);
  EXPECT_TRUE(result.loaded.settings.level_signals);
  ASSERT_EQ(config.sampling.size(), 1U);
  EXPECT_EQ(config.sampling[0].lines.logger, "health");
  EXPECT_EQ(config.sampling[0].lines.below, Level::kWarning);
  EXPECT_EQ(config.sampling[0].rate, 0.1);
  ASSERT_EQ(config.rate_limits.size(), 1U);
  EXPECT_EQ(config.rate_limits[0].lines.message, "Retry");
  EXPECT_EQ(config.rate_limits[0].burst, 10U);
  ASSERT_EQ(config.aggregates.size(), 1U);
  EXPECT_EQ(config.aggregates[0].window_ms, 5'000);
  EXPECT_FALSE(config.features.audit);
  EXPECT_TRUE(config.features.metrics);
  EXPECT_EQ(config.features.slow_request_threshold_ms, 2'000);
}

TEST(Load, Sinks) {  // REQ L-11
  const Result result = LoadText(R"(
sinks:
  - type: console
    stream: stderr
    level: WARNING
  - type: file
    path: /var/log/a.log
    layout: flat
    categories: [app, audit]
    rotation: {size: 100MiB, every: day, compress: zstd, keep_files: 14, keep_for: 30d, keep_bytes: 5GiB}
  - {type: files, path: /var/log/api, rotation.every: hour, rotation.keep_for: 12h}
  - type: loki
    url: https://logs.example.com
    labels: {service: api}
    headers: {authorization: Bearer abc}
    batch: {bytes: 64KiB, age: 2s}
    spool: {dir: /var/spool/api, bytes: 2GiB}
  - {type: syslog, address: "udp://log:514", facility: local3, structured_data: {a: b}}
  - {type: journald, identifier: api, categories: audit}
)");
  EXPECT_THAT(result.problems, ElementsAre());
  const auto& sinks = result.loaded.settings.sinks;
  ASSERT_EQ(sinks.size(), 6U);
  EXPECT_EQ(sinks[0].stream, ConsoleStream::kStderr);
  EXPECT_EQ(sinks[0].level, Level::kWarning);
  EXPECT_EQ(sinks[1].path, "/var/log/a.log");
  EXPECT_EQ(sinks[1].layout, "flat");
  EXPECT_THAT(sinks[1].categories, ElementsAre(Category::kApp, Category::kAudit));
  EXPECT_EQ(sinks[1].file.max_bytes, uint64_t{100} << 20);
  EXPECT_EQ(sinks[1].file.period, RotationPeriod::kDaily);
  EXPECT_EQ(sinks[1].file.compression, FileCompression::kZstd);
  EXPECT_EQ(sinks[1].file.keep_files, 14U);
  EXPECT_EQ(sinks[1].file.keep_hours, 30 * 24);
  EXPECT_EQ(sinks[1].file.keep_bytes, uint64_t{5} << 30);
  EXPECT_EQ(sinks[2].type, SinkType::kFiles);
  EXPECT_EQ(sinks[2].file.keep_hours, 12);
  EXPECT_EQ(sinks[3].loki.batch_bytes, size_t{64} << 10);
  EXPECT_EQ(sinks[3].loki.batch_age_ms, 2'000);
  EXPECT_EQ(sinks[4].syslog.facility, SyslogFacility::kLocal3);
  EXPECT_EQ(sinks[4].syslog.address, "udp://log:514");
  EXPECT_EQ(sinks[5].journald.identifier, "api");
  EXPECT_EQ(sinks[3].spool.spool_dir, "/var/spool/api");
  EXPECT_EQ(sinks[3].spool.spool_bytes, uint64_t{2} << 30);
  EXPECT_THAT(sinks[3].loki.headers,
              ElementsAre(std::pair(std::string("authorization"), std::string("Bearer abc"))));
}

TEST(Load, LayoutsOfOnesOwn) {  // REQ L-03
  const Result result = LoadText(R"(
layout: mine
layouts:
  - name: mine
    fraction_digits: 6
    slots:
      - {key: ts, value: timestamp}
      - {key: user, value: field, source: user_id}
      - {key: app, value: constant, source: shop}
      - key: origin
        value: object
        from: WARNING
        slots: [{key: file, value: file}, {key: line, value: line}]
      - value: context_inline
)");
  EXPECT_THAT(result.problems, ElementsAre());
  ASSERT_EQ(result.config().layouts.size(), 1U);
  const LayoutConfig& layout = result.config().layouts[0];
  EXPECT_EQ(layout.fraction_digits, 6);
  ASSERT_EQ(layout.slots.size(), 5U);
  EXPECT_EQ(layout.slots[1].value, SlotValue::kField);
  EXPECT_EQ(layout.slots[1].source, "user_id");
  EXPECT_EQ(layout.slots[3].from, Level::kWarning);
  ASSERT_EQ(layout.slots[3].children.size(), 2U);
  EXPECT_EQ(layout.slots[3].children[1].value, SlotValue::kLine);
}

// REQ L-13
TEST(Load, LaterWinsOverEarlier) {
  EXPECT_EQ(LoadText("", {}).config().level, Level::kInfo);                        // default
  EXPECT_EQ(LoadText("preset: dev").config().level, Level::kDebug);                // preset
  EXPECT_EQ(LoadText("preset: dev\nlevel: ERROR").config().level, Level::kError);  // file
  EXPECT_EQ(LoadText("preset: dev\nlevel: ERROR", {{"LOG_LEVEL", "TRACE"}}).config().level, Level::kTrace);

  const Result result = LoadText("level: ERROR\nqueue: {bytes: 1MiB}\n",
                                 {{"ENVIRONMENT", "production"}, {"LOG_LEVEL", "TRACE"}});
  const auto& origins = result.loaded.origins;
  EXPECT_EQ(origins.at("level").kind, Origin::Kind::kEnvironment);
  EXPECT_EQ(origins.at("level").where, "LOG_LEVEL");
  EXPECT_EQ(origins.at("queue.bytes").kind, Origin::Kind::kFile);
  EXPECT_EQ(origins.at("queue.bytes").mark.line, 2);
  EXPECT_EQ(origins.at("fatal_signals").kind, Origin::Kind::kPreset);
  EXPECT_EQ(origins.at("fatal_signals").where, "production");
  EXPECT_FALSE(origins.contains("queue.policy"));
}

TEST(Load, ThePresetIsOfTheFileElseOfTheEnvironment) {
  EXPECT_TRUE(LoadText("", {{"ENVIRONMENT", "PROD"}}).config().fatal_signals);
  EXPECT_FALSE(LoadText("preset: development", {{"ENVIRONMENT", "prod"}}).config().fatal_signals);
  EXPECT_TRUE(LoadText("environment: production").config().fatal_signals);
  EXPECT_FALSE(LoadText("environment: eu-test-7").config().fatal_signals);
  EXPECT_EQ(LoadText("environment: production").config().queue_dir, "auto");
}

TEST(Load, EnvironmentSinksComeToThoseOfTheFile) {
  const auto sinks =
      LoadText("sinks: [{type: loki, url: 'http://a'}]", {{"LOG_FILE", "/l"}}).loaded.settings.sinks;
  ASSERT_EQ(sinks.size(), 2U);
  EXPECT_EQ(sinks[1].path, "/l");
  EXPECT_EQ(LoadText("sinks: [{type: file, path: /l}]", {{"LOG_FILE", "/l"}}).loaded.settings.sinks.size(),
            1U);
  const auto alone = LoadText("", {{"LOG_DIR", "/var/log/x"}}).loaded.settings.sinks;
  ASSERT_EQ(alone.size(), 2U);  // the console as well
  EXPECT_EQ(alone[1].type, SinkType::kFiles);
}

TEST(Load, EveryMistakeIsToldWithItsPlace) {
  EXPECT_THAT(
      ProblemsOf("lvel: INFO\n"
                 "level: LOUD\n"
                 "queue:\n"
                 "  bytes: 64M\n"
                 "  polcy: block\n"
                 "  poll: 5\n"
                 "queue_dir: /x\n"
                 "sinks:\n"
                 "  - type: fiel\n"
                 "  - {type: console, path: /x}\n"
                 "  - level: INFO\n"
                 "features: 3\n"
                 "sampling: [{rate: 2}]\n"),
      ElementsAre("f.yaml:1:1: error: there is no lvel; did you mean \"level\"?",
                  "f.yaml:2:8: error: level must be TRACE, DEBUG, INFO, WARNING, ERROR, CRITICAL or "
                  "OFF, not \"LOUD\"",
                  "f.yaml:4:10: error: queue.bytes must be a size from 64KiB to 64MiB, not \"64M\"; "
                  "64MiB of 1024 or 64MB of 1000?",
                  "f.yaml:5:3: error: there is no queue.polcy; did you mean \"policy\"?",
                  "f.yaml:6:9: error: queue.poll must be a time from 1ms to 1s, not \"5\"; a time has "
                  "its unit: 5ms or 5s?",
                  "f.yaml:7:1: error: there is no queue_dir; did you mean queue.dir?",
                  "f.yaml:9:11: error: sinks[0].type must be one of console, file, files, syslog, journald, "
                  "loki, not "
                  "\"fiel\"; did you mean \"file\"?",
                  "f.yaml:10:21: error: type console has no sinks[1].path; it belongs to file, files",
                  "f.yaml:11:5: error: sinks[2].type is missing; what kind of sink it is",
                  HasSubstr("f.yaml:12:11: error: features holds keys"),
                  "f.yaml:13:19: error: sampling[0].rate must be a number from 0 to 1, not \"2\""));
}

TEST(Load, WhatIsRightIsTakenBesideWhatIsWrong) {
  const Result result = LoadText("level: DEBUG\nnonsense: 1\n");
  EXPECT_EQ(result.problems.size(), 1U);
  EXPECT_EQ(result.config().level, Level::kDebug);
}

TEST(Load, WhatSeveralKeysShowTogether) {
  EXPECT_THAT(
      ProblemsOf("layout: nestd\nsinks: [{type: console, layout: mine}]"),
      ElementsAre(HasSubstr("f.yaml:1:9: error: there is no layout \"nestd\"; did you mean \"nested\"?"),
                  HasSubstr("f.yaml:2:33: error: there is no layout \"mine\"; there are auto")));
  EXPECT_THAT(ProblemsOf("queue: {policy: grow, bytes: 32MiB, bytes_max: 1MiB}"),
              ElementsAre(HasSubstr("queue.bytes_max is below queue.bytes")));
  EXPECT_THAT(ProblemsOf("sinks: [{type: file, path: /a}, {type: file, path: /a}]"),
              ElementsAre(HasSubstr("two sinks write to /a")));
  EXPECT_THAT(ProblemsOf("sinks: [{type: file, path: /a, rotation: {size: 1MiB}}]"),
              ElementsAre(HasSubstr("warning: old files are never removed")));
  EXPECT_THAT(ProblemsOf("sinks: [{type: file, path: /a, rotation: {keep_files: 3}}]"),
              ElementsAre(HasSubstr("warning: old files are kept or compressed, but none")));
  EXPECT_THAT(ProblemsOf("sinks: [{type: loki, url: localhost}]"), ElementsAre(HasSubstr("http://")));
  EXPECT_THAT(ProblemsOf("layouts: [{name: flat, slots: [{value: level, key: l}]}]"),
              ElementsAre(HasSubstr("there is a layout \"flat\" already")));
  EXPECT_THAT(ProblemsOf("sinks: [{type: file, path: /a, spool: {bytes: 1MiB}}]"),
              ElementsAre(HasSubstr("f.yaml:1:39: error: without a directory there is no spool")));
  EXPECT_THAT(ProblemsOf("preset: prodution"), ElementsAre(HasSubstr("did you mean \"production\"?")));
  EXPECT_THAT(ProblemsOf("queue: {bytes: 1MiB}\nqueue.bytes: 2MiB"), ElementsAre(HasSubstr("twice")));
}

TEST(Load, SecretsAreNotQuoted) {
  const Result result = LoadText("sinks: [{type: loki, url: 'http://a', headers: {authorization: s3cret}}]");
  const auto field = std::ranges::find(SettingsFields(), "sinks", &Field::name);
  EXPECT_THAT(ShowValue(*field, &result.loaded.settings, true), HasSubstr("***"));
  EXPECT_EQ(ShowValue(*field, &result.loaded.settings, true).find("s3cret"), std::string::npos);
}

// What is shown is a file again, and says the same.
TEST(Load, WhatIsShownReadsBack) {
  const Result first = LoadText(R"(
preset: production
service: "we: #1 $$x"
levels: {"odd name": TRACE, a.b: OFF}
layout: mine
layouts: [{name: mine, slots: [{key: o, value: object, slots: [{key: "k\n", value: field, source: f}]}]}]
sinks:
  - {type: file, path: "/var/log/a b.log", rotation: {size: 1500MB, keep_for: 36h}, categories: error}
  - {type: loki, url: "http://h:1", labels: {a: "b\"c"}, headers: {x: y}}
aggregates: [{window: 1500ms}]
)");
  EXPECT_THAT(first.problems, ElementsAre());
  std::string text;
  for (const Field& field : SettingsFields())
    text += std::string(field.name) + ": " + ShowValue(field, &first.loaded.settings, false) + '\n';
  const Result second = LoadText(text);
  EXPECT_THAT(second.problems, ElementsAre()) << text;
  for (const Field& field : SettingsFields()) {
    EXPECT_EQ(ShowValue(field, &second.loaded.settings, false),
              ShowValue(field, &first.loaded.settings, false));
  }
  EXPECT_EQ(second.config().service, "we: #1 $x");
}

}  // namespace
}  // namespace taffrail::config
