#include "cmd/serve_config.h"

#include <gtest/gtest.h>

#include "redact/policy.h"

namespace taffrail::cmd {
namespace {

std::string ErrorOf(std::string_view text) {
  server::Options options;
  return std::string(ApplyConfig(text, "taffrail.yaml", options).message());
}

TEST(ServeConfig, SetsWhatItSaysAndLeavesTheRest) {
  server::Options options;
  const size_t memtable_bytes = options.store.memtable_bytes;
  ASSERT_TRUE(ApplyConfig("listen: 0.0.0.0:80\ndata: /srv/logs\nstore:\n  min_free_mb: 512\n"
                          "limits: {query_timeout_s: 5}\n",
                          "taffrail.yaml", options)
                  .ok());
  EXPECT_EQ(options.address, "0.0.0.0");
  EXPECT_EQ(options.port, 80);
  EXPECT_EQ(options.data_dir, "/srv/logs");
  EXPECT_EQ(options.store.min_free_bytes, uint64_t{512} << 20);
  EXPECT_EQ(options.store.memtable_bytes, memtable_bytes);
  EXPECT_EQ(options.limits.query_timeout_ms, 5000);
}

TEST(ServeConfig, AnEmptyFileIsFine) { EXPECT_EQ(ErrorOf("# nothing yet\n"), ""); }

TEST(ServeConfig, MistakesNameFileLineAndFix) {  // REQ P-05
  EXPECT_EQ(
      ErrorOf("data: /x\nlisten: nowhere\n"),
      "taffrail.yaml:2: \"nowhere\" is no address to listen on; write ADDRESS:PORT, as in 127.0.0.1:4880");
  EXPECT_EQ(
      ErrorOf("store:\n  min_free: 1\n"),
      "taffrail.yaml:2: there is no store.min_free; there are memtable_mb, min_free_mb, commit_window_us, "
      "idle_flush_s, cache_mb, merge_mb_per_s");
  EXPECT_EQ(ErrorOf("store:\n  memtable_mb: lots\n"),
            "taffrail.yaml:2: store.memtable_mb must be a whole number from 4 to 4096");
  EXPECT_EQ(
      ErrorOf("\n\ntypo: 1\n"),
      "taffrail.yaml:3: there is no typo; there are listen, data, store, ingest, retention, limits, tenants, "
      "http, redaction and audit");
  EXPECT_NE(ErrorOf("store: 3\n").find("taffrail.yaml:1: store holds keys"), std::string::npos);
  EXPECT_NE(ErrorOf("a: [1,\n").find("taffrail.yaml:"), std::string::npos);
  EXPECT_NE(ErrorOf("- a\n").find("taffrail.yaml:1"), std::string::npos);
}

// REQ D-03
TEST(ServeConfig, Deduplication) {
  server::Options options;
  EXPECT_EQ(options.deduplication.field, "");
  ASSERT_TRUE(
      ApplyConfig("ingest: {dedup_field: event.id, dedup_window: 5000}\n", "taffrail.yaml", options).ok());
  EXPECT_EQ(options.deduplication.field, "event.id");
  EXPECT_EQ(options.deduplication.window_lines, 5000u);
  EXPECT_EQ(options.deduplication.window_ns, 0);
  ASSERT_TRUE(ApplyConfig("ingest: {dedup_window: 10m}\n", "taffrail.yaml", options).ok());
  EXPECT_EQ(options.deduplication.window_ns, int64_t{600} * 1'000'000'000);
  EXPECT_EQ(options.deduplication.window_lines, ingest::DeduplicationOptions::kLinesOfTime);
  for (const char* wrong : {"0", "16000001", "10ms", "8d", "-5m", "lots", "[1]"}) {
    EXPECT_NE(ErrorOf(std::string("ingest:\n  dedup_window: ") + wrong + "\n")
                  .find("taffrail.yaml:2: ingest.dedup_window must be"),
              std::string::npos)
        << wrong;
  }
  EXPECT_EQ(ErrorOf("ingest: {dedupe: id}\n"),
            "taffrail.yaml:1: there is no ingest.dedupe; there are dedup_field, dedup_window");
}

// REQ D-03
TEST(ServeConfig, AdminToken) {
  server::Options options;
  ASSERT_TRUE(ApplyConfig("http: {admin_token: 0123456789abcdef}\n", "taffrail.yaml", options).ok());
  EXPECT_EQ(options.admin_token, "0123456789abcdef");
  EXPECT_NE(ErrorOf("http: {admin_token: short}\n").find("http.admin_token must have 16 bytes"),
            std::string::npos);
}

// REQ Q-07 Q-08
TEST(ServeConfig, TenantsAndTheirQueries) {
  server::Options options;
  EXPECT_FALSE(options.tenants.enabled);
  ASSERT_TRUE(ApplyConfig("tenants: {enabled: true, max: 7, memtable_mb: 4, cache_mb: 0}\n"
                          "limits: {max_concurrent_queries: 2, max_queued_queries: 0}\n",
                          "taffrail.yaml", options)
                  .ok());
  EXPECT_TRUE(options.tenants.enabled);
  EXPECT_EQ(options.tenants.max_tenants, 7u);
  EXPECT_EQ(options.tenants.memtable_bytes, size_t{4} << 20);
  EXPECT_EQ(options.tenants.cache_bytes, 0u);
  EXPECT_EQ(options.limits.max_concurrent_queries, 2);
  EXPECT_EQ(options.limits.max_queued_queries, 0u);
  EXPECT_EQ(ErrorOf("tenants: {enabled: maybe}\n"), "taffrail.yaml:1: tenants.enabled must be true or false");
}

// REQ R-01 R-03
TEST(ServeConfig, Retention) {
  server::Options options;
  ASSERT_TRUE(ApplyConfig("retention: {max_age_days: 30, max_size_mb: 2048, min_free_mb: 512}\n",
                          "taffrail.yaml", options)
                  .ok());
  EXPECT_EQ(options.retention.max_age_days, 30);
  EXPECT_EQ(options.retention.max_size_bytes, uint64_t{2} << 30);
  EXPECT_EQ(options.retention.min_free_bytes, uint64_t{512} << 20);
  EXPECT_EQ(ErrorOf("retention:\n  max_age_days: forever\n"),
            "taffrail.yaml:2: retention.max_age_days must be a whole number from 0 to 36500");
  EXPECT_NE(ErrorOf("retention: {min_free_mb: 64}\n").find("must be above store.min_free_mb, which is 64"),
            std::string::npos);
}

// REQ U-04
TEST(ServeConfig, Redaction) {
  server::Options options;
  ASSERT_TRUE(ApplyConfig("redaction:\n  mode: mask\n  hash_key: k\n  canary: cnry-51b27a\n"
                          "  fields:\n    - {path: user.email, action: hash}\n",
                          "taffrail.yaml", options)
                  .ok());
  EXPECT_EQ(options.redaction, ingest::RedactionMode::kMask);
  ASSERT_NE(options.redaction_policy, nullptr);
  EXPECT_EQ(options.redaction_policy->Judge("user.email").action, redact::Action::kHash);
  EXPECT_EQ(ErrorOf("redaction: {mode: loud}\n"),
            "taffrail.yaml:1: redaction.mode must be one of off, watch, warn, mask");
  EXPECT_NE(ErrorOf("redaction:\n  enabled: true\n").find("redaction.enabled is for services"),
            std::string::npos);
  EXPECT_NE(ErrorOf("data: x\nredaction:\n  fields:\n    - {path: 'a[0]'}\n")
                .find("taffrail.yaml:4: the path \"a[0]\""),
            std::string::npos)
      << ErrorOf("data: x\nredaction:\n  fields:\n    - {path: 'a[0]'}\n");
  EXPECT_NE(ErrorOf("redaction: {canary: x}\n").find("canary must be"), std::string::npos);
}

TEST(ServeConfig, AddressesToListenOn) {
  const auto listen = [](const std::string& text) {
    server::Options options;
    const absl::Status status = ApplyListen(text, options);
    return status.ok() ? options.address + " " + std::to_string(options.port) : "error";
  };
  EXPECT_EQ(listen("127.0.0.1:4880"), "127.0.0.1 4880");
  EXPECT_EQ(listen("[::1]:0"), "::1 0");
  EXPECT_EQ(listen(":80"), "0.0.0.0 80");
  EXPECT_EQ(listen("9000"), "127.0.0.1 9000");
  EXPECT_EQ(listen("127.0.0.1:99999"), "error");
  EXPECT_EQ(listen("localhost"), "error");
  EXPECT_EQ(listen(""), "error");
}

}  // namespace
}  // namespace taffrail::cmd
