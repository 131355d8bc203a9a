#include "demo/people.h"

#include <array>
#include <string_view>

namespace examples::demo {
namespace {

constexpr std::array<std::string_view, 20> kFirstNames = {
    "Anna",  "Björn",  "Chloé", "Dmitri", "Élodie", "Fatima", "Günther", "Hana",  "Íñigo", "Jürgen",
    "Keiko", "Łukasz", "María", "Nguyễn", "Olu",    "Priya",  "Renée",   "Søren", "Tomáš", "Zoë"};
constexpr std::array<std::string_view, 16> kLastNames = {
    "Müller", "Smith",  "García", "Kowalska", "田中",     "Иванов", "Okafor",   "Silva",
    "O'Neil", "Dubois", "Rossi",  "Hansen",   "Nakamura", "Kim",    "Virtanen", "Haddad"};

// One mailbox in forty refuses its mail, so that jobs fail, are tried again and are given up.
constexpr int kRefusingMailboxEvery = 40;
constexpr int kViewerEvery = 5;

}  // namespace

uint64_t Scramble(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

std::string Hex(uint64_t value, int digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out(static_cast<size_t>(digits), '0');
  for (auto digit = out.rbegin(); digit != out.rend(); ++digit, value >>= 4) {
    *digit = kDigits[value & 15];
  }
  return out;
}

int OrganizationOf(int number) {
  // Halving: half the people in organization 0, a quarter in 1, … and the rest spread over the others.
  int organization = 0;
  for (uint64_t bits = Scramble(static_cast<uint64_t>(number)); (bits & 1) != 0; bits >>= 1) {
    ++organization;
  }
  return number == 0 ? 0 : organization % kOrganizationCount;
}

std::string OrganizationId(int organization) { return "org_" + std::to_string(10001 + 37 * organization); }

std::string ProjectId(int organization, int number) {
  const uint64_t ordinal =
      static_cast<uint64_t>(organization) * kProjectsPerOrganization + static_cast<uint64_t>(number);
  return "prj_" + Hex(Scramble(ordinal + 3000), 6);
}

std::string ReportId(int organization, int number) {
  return "rpt_" + std::to_string(10001 + 37 * organization) + "_" + std::to_string(number);
}

Person PersonNumber(int number) {
  const auto seed = static_cast<uint64_t>(number);
  const uint64_t bits = Scramble(seed + 1000);
  const std::string_view first = kFirstNames[bits % kFirstNames.size()];
  const std::string_view last = kLastNames[(bits >> 8) % kLastNames.size()];
  const bool refuses = number % kRefusingMailboxEvery == kRefusingMailboxEvery - 1;
  return {.id = "usr_" + Hex(bits >> 16, 8),
          .organization_id = OrganizationId(OrganizationOf(number)),
          .name = std::string(first) + " " + std::string(last),
          .email = "user" + std::to_string(number) + (refuses ? "@bounce.example" : "@mail.example"),
          .role = number % kViewerEvery == kViewerEvery - 1 ? "viewer" : "member",
          .password = "pw-" + Hex(Scramble(seed + 2000), 16)};
}

}  // namespace examples::demo
