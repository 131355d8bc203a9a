// Who uses the demo. The provider (which knows passwords), the task service (which knows names and roles) and
// the traffic driver (which logs in) each make the same people from their number, so that nothing need be
// shared on disk.
#pragma once

#include <cstdint>
#include <string>

namespace examples::demo {

inline constexpr int kUserCount = 200;
inline constexpr int kOrganizationCount = 12;

struct Person {
  std::string id;               // usr_a1b2c3d4
  std::string organization_id;  // org_12345
  std::string name;
  std::string email;
  std::string role;      // "member", or "viewer", who may look but not change
  std::string password;  // the demo's secret; a test checks that it is in no log line
};

// Number 0 is the busiest. REQUIRES: 0 <= number < kUserCount.
Person PersonNumber(int number);

// The organizations differ in size as real ones do: person 0's is the largest.
int OrganizationOf(int number);
std::string OrganizationId(int organization);

inline constexpr int kProjectsPerOrganization = 4;
std::string ProjectId(int organization, int number);
inline constexpr int kReportsPerOrganization =
    3;  // a short one, a middle one, and one that is slow to compute
std::string ReportId(int organization, int number);

// Spreads the bits of a counter (splitmix64's last step): ids that look random and are the same in every run.
uint64_t Scramble(uint64_t value);
std::string Hex(uint64_t value, int digits);

}  // namespace examples::demo
