// The server over a file system that fails on demand: what a sender is told, and what is kept.
#include "server/server.h"

#include <string>

#include "base/mem_env.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "net/http_client.h"

namespace taffrail::server {
namespace {

using ::testing::HasSubstr;

class ServerOverMemEnv : public ::testing::Test {
 protected:
  void SetUp() override {
    Options options{.data_dir = "/data", .port = 0, .env = &env_};
    options.store.min_free_bytes = 1 << 20;
    auto server = Server::Start(options);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  net::HttpClientResponse Send(const std::string& method, const std::string& path, std::string body = {},
                               net::Headers headers = {}) {
    net::HttpClient client;
    const auto response = client.Send({.method = method,
                                       .url = "http://127.0.0.1:" + std::to_string(server_->port()) + path,
                                       .headers = std::move(headers),
                                       .body = std::move(body)});
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : net::HttpClientResponse();
  }
  std::string Raw() { return Send("GET", "/api/v1/search?limit=0&format=raw").body; }

  base::MemEnv env_;
  std::unique_ptr<Server> server_;
};

// REQ I-04
TEST_F(ServerOverMemEnv, AFullDiskIsToldAndLosesNothing) {
  EXPECT_EQ(Send("POST", "/api/v1/ingest", "{\"n\":1}\n").status, 200);
  env_.SetCapacity(1 << 10);
  const auto refused = Send("POST", "/api/v1/ingest", "{\"n\":2}\n");
  EXPECT_EQ(refused.status, 503) << refused.body;
  EXPECT_TRUE(refused.retry_after_ms.has_value());
  EXPECT_THAT(refused.body, HasSubstr("\"accepted_lines\":0,\"failed_line\":1"));
  EXPECT_EQ(Send("GET", "/readyz").status, 503);
  const auto push = Send("POST", "/loki/api/v1/push", R"({"streams":[{"stream":{},"values":[["1","x"]]}]})",
                         {{"Content-Type", "application/json"}});
  EXPECT_EQ(push.status, 503) << push.body;
  EXPECT_THAT(Send("GET", "/metrics").body,
              HasSubstr("taffrail_ingest_refused_total{reason=\"disk_full\"} 2\n"));
  EXPECT_EQ(Raw(), "{\"n\":1}\n");

  env_.SetCapacity(uint64_t{1} << 40);
  EXPECT_EQ(Send("POST", "/api/v1/ingest", "{\"n\":3}\n").status, 200);
  EXPECT_EQ(Send("GET", "/readyz").status, 200);
  EXPECT_EQ(Raw(), "{\"n\":1}\n{\"n\":3}\n");
}

// REQ I-04 D-02
TEST_F(ServerOverMemEnv, WhatWasAcknowledgedSurvivesACrash) {
  ASSERT_EQ(Send("POST", "/api/v1/ingest", "{\"n\":1}\n{\"n\":2}\n").status, 200);
  ASSERT_EQ(Send("POST", "/loki/api/v1/push", R"({"streams":[{"stream":{},"values":[["1","x"]]}]})",
                 {{"Content-Type", "application/json"}})
                .status,
            204);
  server_.reset();
  env_.Crash(1);
  SetUp();
  EXPECT_EQ(Raw(), "x\n{\"n\":1}\n{\"n\":2}\n");
}

TEST_F(ServerOverMemEnv, AnUnknownPathIsAProblem) {
  const auto missing = Send("GET", "/api/v2/nothing");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.headers.Get("Content-Type"), "application/problem+json");
  EXPECT_EQ(Send("DELETE", "/api/v1/ingest").status, 405);
}

TEST_F(ServerOverMemEnv, TheStoreIsLocked) {
  Options options{.data_dir = "/data", .port = 0, .env = &env_};
  EXPECT_EQ(Server::Start(options).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ServerOverMemEnv, ATakenPortIsNamed) {
  Options options{.data_dir = "/other", .port = server_->port(), .env = &env_};
  const absl::Status status = Server::Start(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr(std::to_string(server_->port())));
}

}  // namespace
}  // namespace taffrail::server
