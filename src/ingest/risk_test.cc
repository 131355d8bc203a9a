#include "ingest/risk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "ingest/mmdb_for_tests.h"

namespace taffrail::ingest {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string City(const std::string& country, const std::string& city, double latitude, double longitude) {
  return MmdbMap(
      {{"country", MmdbMap({{"iso_code", MmdbText(country)}})},
       {"city", MmdbMap({{"names", MmdbMap({{"en", MmdbText(city)}})}})},
       {"subdivisions", MmdbArray({MmdbMap({{"names", MmdbMap({{"en", MmdbText("Region")}})}})})},
       {"location", MmdbMap({{"latitude", MmdbDouble(latitude)}, {"longitude", MmdbDouble(longitude)}})}});
}

class RiskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = ::testing::TempDir() + "risk_" + std::to_string(getpid());
    std::filesystem::create_directories(dir_);
    Write("city.mmdb", WriteMmdb({{"192.0.2.0", 24, City("DE", "Berlin", 52.5, 13.4)},
                                  {"198.51.100.0", 25, City("NZ", "Auckland", -36.8, 174.7)}}));
    Write("asn.mmdb",
          WriteMmdb({{"192.0.2.0", 24,
                      MmdbMap({{"autonomous_system_number", MmdbUint(6, 64500)},
                               {"autonomous_system_organization", MmdbText("Example \"Net\"")}})}}));
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }
  void Write(const std::string& name, const std::string& bytes) {
    std::ofstream(dir_ + "/" + name, std::ios::binary) << bytes;
  }
  std::unique_ptr<GeoIp> Geo() { return *GeoIp::Open(dir_ + "/city.mmdb", dir_ + "/asn.mmdb"); }

  static std::string Ask(RiskEnricher& risk, const std::string& line, int64_t seconds) {
    return risk.MembersFor(JsonFieldsOf(line), seconds * 1'000'000'000);
  }
  static std::string Login(const std::string& user, const std::string& address, bool good) {
    return R"({"event":"authentication_)" + std::string(good ? "succeeded" : "failed") + R"(","user_id":")" +
           user + R"(","ip_address":")" + address + R"("})";
  }

  std::string dir_;
};

// REQ I-05
TEST_F(RiskTest, PlacesFromADatabase) {
  const auto geo = Geo();
  EXPECT_EQ(
      geo->Find("192.0.2.7").ToJson(),
      R"({"country":"DE","region":"Region","city":"Berlin","asn":64500,"organization":"Example \"Net\""})");
  EXPECT_EQ(geo->Find("198.51.100.127").country, "NZ");
  for (const char* unknown : {"198.51.100.128", "10.0.0.1", "", "no address", "2001:db8::1"}) {
    EXPECT_TRUE(geo->Find(unknown).empty()) << unknown;
  }
  EXPECT_NEAR(DistanceKm(geo->Find("192.0.2.7"), geo->Find("198.51.100.7")), 17'740, 100);
  EXPECT_TRUE(absl::IsNotFound(GeoIp::Open("/nowhere.mmdb", "").status()));
  Write("bad.mmdb", "no database");
  EXPECT_TRUE(absl::IsInvalidArgument(GeoIp::Open(dir_ + "/bad.mmdb", "").status()));
}

// REQ E-06
TEST_F(RiskTest, FactorsAddUpAndAreShown) {
  RiskEnricher risk(RiskPolicy{}, Geo());
  EXPECT_EQ(Ask(risk, Login("anna", "192.0.2.7", true), 1000),
            R"("geo":{"country":"DE","region":"Region","city":"Berlin","asn":64500,)"
            R"("organization":"Example \"Net\""},"risk_score":0,"risk_factors":{})");
  EXPECT_THAT(Ask(risk, Login("anna", "192.0.2.7", false), 1010),
              HasSubstr(R"("risk_factors":{"failure":20})"));
  EXPECT_THAT(Ask(risk, Login("anna", "192.0.2.7", false), 1020),
              HasSubstr(R"("risk_score":30,"risk_factors":{"failure":20,"repeated_failures":10})"));
  // From the other end of the world, ten seconds later.
  EXPECT_THAT(Ask(risk, Login("anna", "198.51.100.7", true), 1030),
              HasSubstr(R"("risk_score":75,"risk_factors":{"impossible_travel":40,"new_address":10,)"
                        R"("new_country":25},"suspicious":true)"));
  // Two days later there was time to travel back, and the place is known.
  EXPECT_THAT(Ask(risk, Login("anna", "192.0.2.7", true), 200'000), HasSubstr(R"("risk_score":0)"));
}

TEST_F(RiskTest, FailuresOfAnAddressOverManyUsersCountTogetherWithinTheWindow) {
  RiskEnricher risk(RiskPolicy{}, nullptr);
  std::string last;
  for (int i = 0; i < 6; ++i)
    last = Ask(risk, Login("user" + std::to_string(i), "203.0.113.1", false), 1000 + i);
  EXPECT_EQ(last,
            R"("risk_score":60,"risk_factors":{"failure":20,"repeated_failures":40},"suspicious":true)");
  EXPECT_THAT(Ask(risk, Login("user9", "203.0.113.1", false), 2000), Not(HasSubstr("repeated")));
}

TEST_F(RiskTest, MemoryIsBoundedAndTheLongestUnseenIsForgotten) {
  RiskPolicy policy;
  policy.keys_max = 10;
  RiskEnricher risk(policy, nullptr);
  for (int i = 0; i < 1000; ++i) Ask(risk, Login("user" + std::to_string(i), "", false), 1000 + i);
  EXPECT_THAT(Ask(risk, Login("user999", "", false), 2000), HasSubstr("repeated_failures"));
}

}  // namespace
}  // namespace taffrail::ingest
