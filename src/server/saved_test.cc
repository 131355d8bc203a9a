#include "server/saved.h"

#include <string>

#include "base/mem_env.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace taffrail::server {
namespace {

using ::testing::HasSubstr;

constexpr char kValue[] = R"({"query":"level:ERROR"})";

class Saved : public ::testing::Test {
 protected:
  std::string List() {
    const auto list = saved_.List("views");
    EXPECT_TRUE(list.ok()) << list.status();
    return list.ok() ? *list : "";
  }
  base::MemEnv env_;
  SavedObjects saved_{env_, "/data"};
};

TEST_F(Saved, ComesBackUnderItsName) {
  EXPECT_EQ(List(), "{\"items\":[]}\n");
  ASSERT_TRUE(saved_.Put("views", "Errors / \"today\" \xc3\xa9", kValue).ok());
  EXPECT_EQ(List(), std::string("{\"items\":[{\"name\":\"Errors / \\\"today\\\" \xc3\xa9\",") +
                        R"("updated":"2023-11-14T22:13:20.000Z","value":)" + kValue + "}]}\n");
  ASSERT_TRUE(saved_.Get("views", "Errors / \"today\" \xc3\xa9").ok());
  EXPECT_TRUE(absl::IsNotFound(saved_.Get("dashboards", "Errors / \"today\" \xc3\xa9").status()));
  ASSERT_TRUE(saved_.Delete("views", "Errors / \"today\" \xc3\xa9").ok());
  EXPECT_EQ(List(), "{\"items\":[]}\n");
  EXPECT_TRUE(absl::IsNotFound(saved_.Delete("views", "x")));
}

TEST_F(Saved, NoNameLeavesTheDirectory) {
  for (const std::string name : {"..", "../../etc/passwd", ".", "a/b", "%2e%2e", "a\b"}) {
    ASSERT_TRUE(saved_.Put("views", name, kValue).ok()) << name;
    EXPECT_TRUE(saved_.Get("views", name).ok()) << name;
  }
  const auto outside = env_.List("/data");
  ASSERT_TRUE(outside.ok());
  EXPECT_THAT(*outside, ::testing::ElementsAre("saved"));
}

TEST_F(Saved, RefusesWhatIsNoObjectOrTooMuch) {
  EXPECT_TRUE(absl::IsInvalidArgument(saved_.Put("views", "x", "[1]")));
  EXPECT_TRUE(absl::IsInvalidArgument(saved_.Put("views", "x", "{\"a\":1} {}")));
  EXPECT_TRUE(absl::IsInvalidArgument(saved_.Put("views", "", kValue)));
  EXPECT_TRUE(absl::IsInvalidArgument(saved_.Put("views", std::string(81, 'x'), kValue)));
  const std::string huge = "{\"a\":\"" + std::string(SavedObjects::kMaxObjectBytes, 'x') + "\"}";
  EXPECT_TRUE(absl::IsInvalidArgument(saved_.Put("views", "x", huge)));
  for (size_t i = 0; i < SavedObjects::kMaxObjects; ++i) {
    ASSERT_TRUE(saved_.Put("views", std::to_string(i), "{}").ok());
  }
  EXPECT_TRUE(absl::IsResourceExhausted(saved_.Put("views", "one more", kValue)));
  EXPECT_TRUE(saved_.Put("views", "7", kValue).ok());  // replacing is no more
  EXPECT_THAT(List(), HasSubstr(kValue));
}

TEST_F(Saved, APowerFailureLeavesTheOldOrTheNew) {
  ASSERT_TRUE(saved_.Put("views", "x", R"({"n":1})").ok());
  const uint64_t before = env_.operations();
  ASSERT_TRUE(saved_.Put("views", "x", R"({"n":2})").ok());
  const uint64_t each = env_.operations() - before;
  for (uint64_t crash_at = 1; crash_at <= each; ++crash_at) {
    ASSERT_TRUE(saved_.Put("views", "x", R"({"n":1})").ok());
    env_.CrashAtOperation(env_.operations() + crash_at);
    const bool done = saved_.Put("views", "x", R"({"n":2})").ok();
    env_.Crash(crash_at);
    const auto kept = saved_.Get("views", "x");
    ASSERT_TRUE(kept.ok()) << kept.status() << " at " << crash_at;
    EXPECT_THAT(*kept, ::testing::AnyOf(HasSubstr(R"({"n":2})"), HasSubstr(done ? "never" : R"({"n":1})")));
  }
}

}  // namespace
}  // namespace taffrail::server
