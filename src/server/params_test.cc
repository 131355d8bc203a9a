#include "server/params.h"

#include <string>

#include "gtest/gtest.h"

namespace taffrail::server {
namespace {

constexpr int64_t kNow = 1'700'000'000'000'000'000;
constexpr int64_t kSecond = 1'000'000'000;

// What Finish says after `read` has read from the query.
template <typename Read>
std::string ErrorOf(std::string_view query, Read read) {
  const net::QueryParameters parameters = *net::QueryParameters::Parse(query);
  Params params(parameters, kNow);
  read(params);
  return std::string(params.Finish().message());
}

TEST(Params, ReadsEachKind) {
  const net::QueryParameters parameters =
      *net::QueryParameters::Parse("a=x&b=1,,2&c=7&d&e=two&from=-15m&to=2023-11-14T22:13:20Z");
  Params params(parameters, kNow);
  EXPECT_EQ(params.Text("a"), "x");
  EXPECT_EQ(params.Text("z", "none"), "none");
  EXPECT_EQ(params.List("b"), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(params.Count("c", 1, 10), 7u);
  EXPECT_EQ(params.Count("z", 1, 10), 1u);
  EXPECT_TRUE(params.Flag("d"));
  EXPECT_FALSE(params.Flag("z"));
  EXPECT_EQ(params.Choice("e", {"one", "two"}), "two");
  EXPECT_EQ(params.Choice("z", {"one", "two"}), "one");
  const store::TimeRange range = params.Range();
  EXPECT_EQ(range.from_ns, kNow - 900 * kSecond);
  EXPECT_EQ(range.to_ns, kNow);
  EXPECT_TRUE(params.Finish().ok()) << params.Finish();
}

TEST(Params, ErrorsNameTheParameter) {
  EXPECT_EQ(ErrorOf("n=x", [](Params& p) { p.Count("n", 0, 5); }),
            "parameter n: \"x\" is not a number from 0 to 5");
  EXPECT_EQ(ErrorOf("n=6", [](Params& p) { p.Count("n", 0, 5); }),
            "parameter n: \"6\" is not a number from 0 to 5");
  EXPECT_EQ(ErrorOf("f=maybe", [](Params& p) { p.Flag("f"); }),
            "parameter f: \"maybe\" is neither true nor false");
  EXPECT_EQ(ErrorOf("c=3",
                    [](Params& p) {
                      p.Choice("c", {"1", "2"});
                    }),
            "parameter c: \"3\" is none of 1, 2");
  EXPECT_NE(ErrorOf("from=soon", [](Params& p) { p.Range(); }).find("parameter from: "), std::string::npos);
  EXPECT_EQ(ErrorOf("from=now&to=-1h", [](Params& p) { p.Range(); }),
            "parameter from: is after parameter to");
}

TEST(Params, AMisspeltParameterIsRefused) {
  EXPECT_EQ(ErrorOf("form=-1h", [](Params& p) { p.Range(); }),
            "there is no parameter form; there are from, to");
}

TEST(Params, TheFirstMistakeIsTold) {
  EXPECT_EQ(ErrorOf("a=x&b=y",
                    [](Params& p) {
                      p.Count("b", 0, 1);
                      p.Count("a", 0, 1);
                    }),
            "parameter b: \"y\" is not a number from 0 to 1");
}

}  // namespace
}  // namespace taffrail::server
