// Every layout against the lines of the stacks it comes from, through the calls that a program would write.
#include <gtest/gtest.h>

#include <simdjson.h>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "base/time_text.h"
#include "layout/layouts.h"
#include "log/lines_for_tests.h"
#include "taffrail/context.h"
#include "taffrail/log.h"

struct ValidationError : std::runtime_error {
  using runtime_error::runtime_error;
};
struct OpenAIAPIError : std::runtime_error {
  using runtime_error::runtime_error;
};

namespace {

// The places in the source that the stacks' lines name.
// clang-format off
void create_app(const taffrail::Logger& log) {
#line 117 "mina/app.cc"
  log.info("Booting Mina…");
#line 36 "layouts_test.cc"
}
template <typename... Fields>
void process_query(const taffrail::Logger& log, const Fields&... fields) {
#line 74 "services/agent_service.cc"
  log.info("Processing troubleshooting query", fields...);
#line 42 "layouts_test.cc"
}
void initialize(const taffrail::Logger& log) {
#line 9 "personal_assistant/core.cc"
  log.info("Enhanced LTM optimization components initialized successfully",
           taffrail::kv("components_initialized", 4), taffrail::kv("initialization_time_ms", 150));
#line 48 "layouts_test.cc"
}
// clang-format on

}  // namespace

namespace taffrail::log {
namespace {

using layout::MakeLayout;
using layout::Options;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// A vector without the blanks of its printing; the spelling of its values stays.
std::string Vector(const std::string& name) {
  const std::string text =
      ReadFile(std::string(TAFFRAIL_SOURCE_DIR) + "/tests/vectors/lines/" + name + ".json");
  std::string compact(text.size() + simdjson::SIMDJSON_PADDING, '\0');
  size_t size = 0;
  EXPECT_EQ(simdjson::minify(text.data(), text.size(), compact.data(), size), simdjson::SUCCESS);
  compact.resize(size);
  return compact;
}

// REQ L-03 L-04 L-06: the stacks' own lines, byte for byte.
class VectorTest : public ::testing::Test {
 protected:
  std::string Line(std::string_view layout, const std::string& time, const Options& options = {}) {
    const auto made = MakeLayout(layout, {}, options);
    return Line(*made, time);
  }
  std::string Line(layout::Layout& layout, const std::string& time) {
    return calls_.Last(layout, [&](layout::Line& line) {
      line.time_ns = base::ParseTimestamp(time).value();
      line.thread_id = 140245896464960;
      line.thread_name = "MainThread";
    });
  }
  CapturedCalls calls_;
};

TEST_F(VectorTest, Nested) {
  const Options options{.process = {.service = "api"}};
  const Scope request(
      {{"request_id", "req_8f4e2b1c"}, {"user_id", "usr_a1b2c3d4"}, {"organization_id", "org_12345"}});
  const Logger log;
  log.info("HTTP request completed", kv("method", "POST"), kv("path", "/api/v1/tasks"),
           kv("status_code", 201), kv("duration_ms", 45), kv("user_agent", "Mozilla/5.0..."),
           kv("ip_address", "192.168.1.100"), kv("request_size_bytes", 1024), kv("response_size_bytes", 512));
  EXPECT_EQ(Line("nested", "2025-10-30T14:23:45.123Z", options), Vector("tm-02"));
  const Scope task({{"task_id", "tsk_9876543"}, {"project_id", "prj_abcdef"}});
  log.info("Task created successfully", {{"duration_ms", std::chrono::milliseconds(45)},
                                         {"method", "POST"},
                                         {"path", "/api/v1/tasks"},
                                         {"status_code", 201}});
  EXPECT_EQ(Line("nested", "2025-10-30T14:23:45.123Z", options), Vector("tm-01"));
}

TEST_F(VectorTest, Flat) {
  const Scope request(
      {{"correlation_id", "req_abc123def456"}, {"user_id", 123}, {"operation", "ltm_initialization"}});
  initialize(Logger("personal_assistant.core"));
  EXPECT_EQ(Line("flat", "2024-12-19T10:30:15.123Z",
                 {.process = {.service = "agent_core"}, .source_from = Level::kInfo}),
            Vector("pa-01"));
}

TEST_F(VectorTest, FlatError) {
  const Options options{.process = {.service = "faultmaven-api",
                                    .environment = "production",
                                    .version = "1.0.0",
                                    .hostname = "faultmaven-api-7d9f8b-xyz"},
                        .source_from = Level::kInfo};
  const Scope trace({{"trace_id", "7d9f8b6c5e4a3b2c1d0e9f8a7b6c5d4e"}, {"span_id", "3b2c1d0e9f8a7b6c"}});
  const Scope session({{"correlation_id", "550e8400-e29b-41d4-a716-446655440000"},
                       {"session_id", "session_123456"},
                       {"user_id", "user_789"}});
  const Scope agent({{"agent_phase", "validate_hypothesis"},
                     {"investigation_id", "inv_987654"},
                     {"data_type", "kubernetes_logs"},
                     {"query_complexity", "high"}});
  process_query(
      Logger("faultmaven.services.agent_service"),
      error(ValidationError("Invalid session state"), {.code = "SESSION_EXPIRED", .stack_trace = "..."}),
      kv("duration_ms", 1234), kv("tokens_used", 500), kv("cache_hit", false));
  EXPECT_EQ(Line("flat+error", "2024-01-15T10:30:45.123Z", options), Vector("fm-01"));
}

TEST_F(VectorTest, RequestAtBoot) {
  const Scope request({{"request_id", "a8f5f167-0e5c-4890-a63f-e6e0cd9f7e0a"},
                       {"http",
                        {{"method", "GET"},
                         {"path", "/api/meetings"},
                         {"ip", "172.31.115.34"},
                         {"user_agent", "Mozilla/5.0..."}}},
                       {"user", {{"id", "12345"}, {"username", "john.doe"}}}});
  create_app(Logger("app"));
  const Options options{.process = {.hostname = "mina-prod-01", .name = "MainProcess", .id = 10177},
                        .thread_id = true,
                        .thread_name = true,
                        .fraction_digits = 6,
                        .source_from = Level::kInfo};
  // This stack spells UTC as an offset: its layout with one switch turned.
  LayoutConfig config = layout::BuiltinLayout("request", options).value();
  config.name = "mina";
  config.utc_as_offset = true;
  const auto mina = MakeLayout("mina", std::vector{config}, options);
  EXPECT_EQ(Line(*mina, "2025-10-01T16:12:05.785Z"), Vector("mi-01"));
}

TEST_F(VectorTest, Request) {
  Logger().info("Meeting created", kv("meeting_id", "abc123"), kv("duration_minutes", 45),
                kv("participant_count", 5));
  EXPECT_EQ(Line("request", "2025-10-01T16:15:30.123Z"), Vector("mi-02"));
  const Logger transcription("services.transcription");
  transcription.info("Transcription completed", kv("meeting_id", "abc123"), kv("duration_seconds", 120),
                     kv("model", "whisper-1"), kv("language", "en"), kv("word_count", 1543),
                     kv("processing_time_ms", 2345.67));
  EXPECT_EQ(Line("request", "2025-10-01T16:20:15.456Z"), Vector("mi-03"));
  transcription.error("Transcription failed",
                      error(OpenAIAPIError("Rate limit exceeded"),
                            {.stack_trace = "Traceback (most recent call last):\n  File..."}),
                      kv("meeting_id", "abc123"), kv("file_size_mb", 12.5));
  EXPECT_EQ(Line("request", "2025-10-01T16:25:00.789Z", {.source_from = Level::kOff}), Vector("mi-04"));
  Logger("tasks.analytics")
      .info("Starting daily analytics job", {{"job_type", "analytics"}, {"schedule", "daily"}});
  EXPECT_EQ(Line("request", "2025-10-01T02:00:00Z"), Vector("mi-06"));
  const Scope request({{"request_id", "a8f5f167-0e5c-4890-a63f-e6e0cd9f7e0a"},
                       {"http",
                        {{"method", "GET"},
                         {"path", "/api/meetings/abc123"},
                         {"ip", "172.31.115.34"},
                         {"user_agent", "Mozilla/5.0..."}}},
                       {"user", {{"id", "12345"}, {"username", "john.doe"}}}});
  Logger("routes.meetings").info("Fetching meeting", kv("meeting_id", "abc123"));
  EXPECT_EQ(Line("request", "2025-10-01T16:30:00.123Z"), Vector("mi-05"));
}

// REQ L-03: a stack's layout as a table of the configuration alone.
TEST_F(VectorTest, AnotherLayoutIsConfiguration) {
  using enum SlotValue;
  const LayoutConfig own{.name = "personal-assistant",
                         .slots = {{"timestamp", kTimestamp},
                                   {"level", kLevel},
                                   {"logger", kLogger},
                                   {"message", kMessage},
                                   {"correlation_id", kField, "correlation_id"},
                                   {"user_id", kField, "user_id"},
                                   {"operation", kField, "operation"},
                                   {"service", kConstant, "agent_core"},
                                   {"module", kModule},
                                   {"metadata", kMetadata}}};
  const Scope request(
      {{"operation", "ltm_initialization"}, {"user_id", 123}, {"correlation_id", "req_abc123def456"}});
  initialize(Logger("personal_assistant.core"));
  EXPECT_EQ(Line(*MakeLayout("personal-assistant", std::vector{own}, {}), "2024-12-19T10:30:15.123Z"),
            Vector("pa-01"));
}

// REQ L-03: the two text formats of tests/vectors/legacy, and what they do not say.
TEST_F(VectorTest, LegacyText) {
  initialize(Logger("personal_assistant.core"));
  EXPECT_EQ(Line("text-dashed", "2024-12-19T10:30:15.123Z"),
            "2024-12-19 10:30:15 - personal_assistant.core - INFO - Enhanced LTM optimization components "
            "initialized "
            "successfully components_initialized=4 initialization_time_ms=150");
  create_app(Logger("app"));
  EXPECT_EQ(Line("text-comma", "2025-10-01T16:12:05.785Z"),
            "2025-10-01 16:12:05,785 INFO app: Booting Mina…");
  EXPECT_EQ(Line("text-dashed", "2025-10-01T16:12:05.785Z"),
            "2025-10-01 16:12:05 - app - INFO - Booting Mina…");
}

// REQ L-06
TEST_F(VectorTest, AnErrorSaysWhatTheProgramKnowsOfIt) {
  set_error_stacks(true);
  Logger().error("failed", error(std::runtime_error("disk"), {.code = "E42", .category = "configuration"}));
  set_error_stacks(false);
  const std::string line = Line("nested", "2025-10-30T14:23:45Z");
  simdjson::dom::parser parser;
  const simdjson::dom::element exception = parser.parse(line)["exception"].value();
  EXPECT_EQ(std::string_view(exception["code"]), "E42") << line;
  EXPECT_EQ(std::string_view(exception["category"]), "configuration");
  const std::string_view trace = exception["stack_trace"];
  EXPECT_NE(trace.find("log_test"), std::string_view::npos) << trace;  // the program's own frames
  EXPECT_EQ(trace.find("Encode"), std::string_view::npos) << trace;
}

}  // namespace
}  // namespace taffrail::log
