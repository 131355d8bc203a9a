// The variables of the stacks, the presets, and OpenTelemetry's.
#include "log/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "log/presets.h"

namespace taffrail::log {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

using Variables = std::map<std::string, std::string>;

GetEnv From(const Variables& variables) {
  return [&variables](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
}

struct Applied {
  Config config;
  EnvReport report;
};

Applied Apply(const Variables& variables, Config config = {}) {
  Applied applied{std::move(config), {}};
  applied.report = ApplyEnvironment(From(variables), applied.config);
  return applied;
}

// REQ L-13
TEST(Environment, EveryVariableOfTheStacks) {
  const Applied applied = Apply({{"LOG_LEVEL", "warning"},
                                 {"LOG_FORMAT", "text"},
                                 {"LOG_SAMPLE_RATE", "0.25"},
                                 {"LOG_ENABLE_TRACING", "false"},
                                 {"LOG_ENABLE_METRICS", "0"},
                                 {"LOG_ENABLE_AUDIT", "No"},
                                 {"LOG_SLOW_REQUESTS_ONLY", "true"},
                                 {"SLOW_REQUEST_THRESHOLD_MS", "250"},
                                 {"INCLUDE_MEMORY_METRICS", "off"},
                                 {"INCLUDE_DATABASE_METRICS", "FALSE"},
                                 {"AUDIT_LOG_ALL_REQUESTS", "1"},
                                 {"ENVIRONMENT", "qa"},
                                 {"SERVICE_NAME", "api"},
                                 {"SERVICE_VERSION", "2"},
                                 {"APP_VERSION", "1"},
                                 {"LOG_FILE", "app.log"},
                                 {"LOG_DIR", "/var/log/api"},
                                 {"TAFFRAIL_QUEUE_DIR", "/q"},
                                 {"LOG_LEVELS", "tasks=DEBUG,db=off"}});
  EXPECT_THAT(applied.report.troubles, IsEmpty());
  const Config& config = applied.config;
  EXPECT_EQ(config.level, Level::kWarning);
  EXPECT_EQ(config.layout, "text");
  ASSERT_EQ(config.sampling.size(), 1U);
  EXPECT_EQ(config.sampling[0].rate, 0.25);
  EXPECT_FALSE(config.features.tracing);
  EXPECT_FALSE(config.features.metrics);
  EXPECT_FALSE(config.features.audit);
  EXPECT_TRUE(config.features.slow_requests_only);
  EXPECT_EQ(config.features.slow_request_threshold_ms, 250);
  EXPECT_FALSE(config.features.memory_metrics);
  EXPECT_FALSE(config.features.database_metrics);
  EXPECT_TRUE(config.features.audit_all_requests);
  EXPECT_EQ(config.environment, "qa");
  EXPECT_EQ(config.service, "api");
  EXPECT_EQ(config.version, "2");
  EXPECT_EQ(config.queue_dir, "/q");
  EXPECT_EQ(applied.report.log_file, "/var/log/api/app.log");
  EXPECT_EQ(applied.report.log_dir, "");
  // REQ L-02
  EXPECT_THAT(config.levels, ElementsAre(Pair("tasks", Level::kDebug), Pair("db", Level::kOff)));
}

TEST(Environment, NothingSetChangesNothing) {
  const Applied applied = Apply({{"LOG_LEVEL", ""}, {"SERVICE_NAME", ""}}, {.service = "x"});
  EXPECT_EQ(applied.config.service, "x");
  EXPECT_EQ(applied.config.level, Level::kInfo);
  EXPECT_THAT(applied.report.set, IsEmpty());
}

TEST(Environment, WhatMakesNoSenseIsToldAndChangesNothing) {
  const Variables wrong = {{"LOG_LEVEL", "loud"},
                           {"LOG_FORMAT", "xml"},
                           {"JSON_LOGS", "maybe"},
                           {"LOG_SAMPLE_RATE", "1.5"},
                           {"LOG_ENABLE_AUDIT", "2"},
                           {"SLOW_REQUEST_THRESHOLD_MS", "-1"},
                           {"LOG_LEVELS", "tasks=DEBUG,db"},
                           {"OTEL_RESOURCE_ATTRIBUTES", "service.name=%zz"}};
  const Applied applied = Apply(wrong);
  EXPECT_EQ(applied.report.troubles.size(), wrong.size());
  EXPECT_THAT(applied.report.set, IsEmpty());
  EXPECT_TRUE(applied.config.levels.empty());
  EXPECT_TRUE(applied.config.sampling.empty());
  EXPECT_TRUE(applied.config.features.audit);
  for (const char* const rate : {"nan", "-0.1", "", "0.5x"}) {
    EXPECT_TRUE(Apply({{"LOG_SAMPLE_RATE", rate}}).config.sampling.empty()) << rate;
  }
  const Applied hostile = Apply({{"LOG_LEVEL", "\x1b[2J" + std::string(1'000, 'x')}});
  EXPECT_THAT(hostile.report.troubles, ElementsAre(HasSubstr("?[2Jxxx")));
  EXPECT_LT(hostile.report.troubles[0].size(), 300U);
}

TEST(Environment, FormatsKeepALayoutThatFits) {
  EXPECT_EQ(Apply({{"LOG_FORMAT", "json"}}).config.layout, "nested");
  EXPECT_EQ(Apply({{"LOG_FORMAT", "json"}}, {.layout = "flat"}).config.layout, "flat");
  EXPECT_EQ(Apply({{"LOG_FORMAT", "json"}}, {.layout = "text-comma"}).config.layout, "nested");
  EXPECT_EQ(Apply({{"LOG_FORMAT", "text"}}, {.layout = "text-comma"}).config.layout, "text-comma");
  EXPECT_EQ(Apply({{"LOG_FORMAT", "otel"}}).config.layout, "otel");
  EXPECT_EQ(Apply({{"LOG_FORMAT", "mine"}}, {.layouts = {{.name = "mine"}}}).config.layout, "mine");
  EXPECT_EQ(Apply({{"JSON_LOGS", "false"}}).config.layout, "text");
  EXPECT_EQ(Apply({{"JSON_LOGS", "false"}, {"LOG_FORMAT", "json"}}).config.layout, "nested");
}

TEST(Environment, OneRateReplacesTheRuleForAllAndNoOther) {
  Config config;
  config.sampling = {{.lines = {.logger = "health"}, .rate = 0.1}, {.rate = 0.9}};
  const auto sampling = Apply({{"LOG_SAMPLE_RATE", "0.5"}}, config).config.sampling;
  ASSERT_EQ(sampling.size(), 2U);
  EXPECT_EQ(sampling[0].lines.logger, "health");
  EXPECT_EQ(sampling[1].rate, 0.5);
  EXPECT_EQ(Apply({{"LOG_SAMPLE_RATE", "1"}}, config).config.sampling.size(), 1U);
}

TEST(Environment, OpenTelemetrysNames) {
  const Variables variables = {
      {"OTEL_RESOURCE_ATTRIBUTES",
       "service.name=a%20b , service.version=3,deployment.environment.name=eu,k8s.pod.name=x,"}};
  const Applied applied = Apply(variables);
  EXPECT_THAT(applied.report.troubles, IsEmpty());
  EXPECT_EQ(applied.config.service, "a b");
  EXPECT_EQ(applied.config.version, "3");
  EXPECT_EQ(applied.config.environment, "eu");
  Variables more = variables;
  more["OTEL_SERVICE_NAME"] = "otel";
  EXPECT_EQ(Apply(more).config.service, "otel");
  more["SERVICE_NAME"] = "own";
  EXPECT_EQ(Apply(more).config.service, "own");
}

TEST(Environment, OtlpIsReadAndSaidNotToBeSent) {
  const Variables variables = {{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://all:4318"},
                               {"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "https://user:s3cret@logs:4318"},
                               {"OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20s3cret,x=1"},
                               {"OTEL_EXPORTER_OTLP_TIMEOUT", "2500"},
                               {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
                               {"OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"},
                               {"OTEL_EXPORTER_OTLP_INSECURE", "true"},
                               {"OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca.pem"}};
  std::vector<std::string> troubles;
  const OtlpEnvironment otlp = ReadOtlpEnvironment(From(variables), troubles);
  EXPECT_EQ(otlp.endpoint, "https://user:s3cret@logs:4318");
  EXPECT_THAT(otlp.headers, ElementsAre(Pair("authorization", "Bearer s3cret"), Pair("x", "1")));
  EXPECT_EQ(otlp.timeout_ms, 2'500);
  EXPECT_EQ(otlp.protocol, "grpc");
  EXPECT_TRUE(otlp.gzip);
  EXPECT_TRUE(otlp.insecure);
  EXPECT_EQ(otlp.certificate, "/ca.pem");
  EXPECT_THAT(troubles, ElementsAre(HasSubstr("not sent by OTLP yet")));
  EXPECT_EQ(troubles[0].find("s3cret"), std::string::npos);

  const Variables wrong = {
      {"OTEL_EXPORTER_OTLP_ENDPOINT", "s3cret"},  {"OTEL_EXPORTER_OTLP_HEADERS", "s3cret"},
      {"OTEL_EXPORTER_OTLP_TIMEOUT", "soon"},     {"OTEL_EXPORTER_OTLP_PROTOCOL", "smoke"},
      {"OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"}, {"OTEL_EXPORTER_OTLP_INSECURE", "1"}};
  troubles.clear();
  (void)ReadOtlpEnvironment(From(wrong), troubles);
  EXPECT_EQ(troubles.size(), wrong.size());
  for (const std::string& trouble : troubles) EXPECT_EQ(trouble.find("s3cret"), std::string::npos);
}

// Any bytes give an answer; what parses as pairs has no empty key.
TEST(Environment, PairsOfAnyBytes) {
  std::mt19937_64 random(7);
  constexpr std::string_view kBytes = "a=%,2fF \x80;";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (size_t n = random() % 24; n > 0; --n) text += kBytes[random() % kBytes.size()];
    Pairs pairs;
    if (!ParsePairs(text, pairs)) {
      EXPECT_THAT(pairs, IsEmpty());
    }
    for (const auto& [key, value] : pairs) EXPECT_FALSE(key.empty()) << text;
  }
}

// REQ L-13
TEST(Presets, AreThoseOfTheirNames) {
  EXPECT_EQ(PresetName("Prod"), "production");
  EXPECT_EQ(PresetName("dev"), "development");
  EXPECT_EQ(PresetName("stage"), "staging");
  EXPECT_EQ(PresetName("qa"), std::nullopt);
  const Config development = Preset("development", "/q");
  EXPECT_EQ(development.level, Level::kDebug);
  EXPECT_EQ(development.layout, "text");
  EXPECT_EQ(development.queue_dir, "");
  const Config production = Preset("production", "/q");
  EXPECT_EQ(production.level, Level::kInfo);
  EXPECT_EQ(production.layout, "nested");
  EXPECT_EQ(production.queue_dir, "/q");
  EXPECT_TRUE(production.fatal_signals && production.hostname && production.process_id);
  EXPECT_EQ(Preset("staging", "/q").level, Level::kDebug);
  EXPECT_EQ(Config::preset("production").layout, "nested");
  testing::internal::CaptureStderr();
  EXPECT_EQ(Config::preset("moon").layout, "auto");
  EXPECT_EQ(Config::preset("moon").layout, "auto");
  const std::string told = testing::internal::GetCapturedStderr();
  EXPECT_EQ(told.find("no preset \"moon\""), told.rfind("no preset \"moon\""));  // once
  EXPECT_THAT(told, HasSubstr("no preset \"moon\""));
}

TEST(Presets, QueuesHaveAPlaceOfTheirOwn) {
  setenv("STATE_DIRECTORY", "/var/lib/api:/var/lib/other", 1);
  EXPECT_EQ(AutoQueueDir(), "/var/lib/api/taffrail-queue");
  unsetenv("STATE_DIRECTORY");
  EXPECT_THAT(AutoQueueDir(), HasSubstr("taffrail/queue/"));
}

}  // namespace
}  // namespace taffrail::log
