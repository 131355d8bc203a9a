#include "server/tenant_id.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace taffrail::server {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<std::string> Named(const std::string& header, const std::string& cookie = {}) {
  net::HttpRequest request;
  if (!header.empty()) request.headers.Add("X-Scope-OrgID", header);
  if (!cookie.empty()) request.headers.Add("Cookie", cookie);
  return TenantOf(request);
}

// REQ Q-08
TEST(TenantId, IsTheHeader) {
  EXPECT_EQ(Named("acme").value(), "acme");
  EXPECT_EQ(Named("a-B_9.!*'()").value(), "a-B_9.!*'()");
  EXPECT_EQ(Named(std::string(150, 'a')).value().size(), 150u);
}

TEST(TenantId, ACookieStandsInForIt) {
  EXPECT_EQ(Named("", "taffrail_tenant=acme").value(), "acme");
  EXPECT_EQ(Named("", "a=b; taffrail_tenant=acme; c=d").value(), "acme");
  EXPECT_EQ(Named("acme", "taffrail_tenant=other").value(), "acme");
  EXPECT_EQ(Named("", "not_taffrail_tenant=acme; taffrail_tenant2=x").status().code(),
            absl::StatusCode::kUnauthenticated);
}

// REQ Q-08
TEST(TenantId, WhatIsNoneIsRefusedInLokisWords) {
  EXPECT_EQ(Named("").status().message(), "no org id");
  EXPECT_EQ(Named("a|b").status().message(), "multiple org IDs present");
  EXPECT_EQ(Named("a/b").status().message(), "tenant ID contains unsupported character '/'");
  EXPECT_THAT(std::string(Named("\xC3\xA9").status().message()), HasSubstr("'\\xc3'"));
  EXPECT_EQ(Named(std::string(151, 'a')).status().message(), "tenant ID is too long: max 150 characters");
  EXPECT_EQ(Named("..").status().message(), "tenant ID is '.' or '..'");
  EXPECT_EQ(Named(".").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Named(std::string("a\0b", 3)).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace taffrail::server
