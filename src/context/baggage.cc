// W3C Baggage, candidate recommendation of 2024:
//   baggage  = member 0*63( OWS "," OWS member )
//   member   = token OWS "=" OWS value *( OWS ";" OWS property )
//   property = token [ OWS "=" OWS value ]
// A value is visible ASCII without '"', ',', ';' and '\'; every other byte, and '%', is percent-encoded.
#include "taffrail/baggage.h"

#include <algorithm>

#include "context/header_text.h"
#include "context/percent.h"

namespace taffrail {
namespace {

using context::NextPiece;
using context::Trim;

bool IsToken(std::string_view text) {
  const auto good = [](char c) {
    return context::IsAlphaNumeric(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  };
  return !text.empty() && std::ranges::all_of(text, good);
}

bool IsValueChar(char c) {
  return c > ' ' && c < '\x7f' && std::string_view("\",;\\").find(c) == std::string_view::npos;
}
bool IsPlain(char c) { return IsValueChar(c) && c != '%'; }

// The properties without the white space between them; false when one is malformed.
bool Normalise(std::string_view properties, std::string& out) {
  out.clear();
  if (Trim(properties).empty()) return true;
  for (std::string_view piece; NextPiece(properties, ';', piece);) {
    const size_t equals = piece.find('=');
    const std::string_view key = Trim(piece.substr(0, equals));
    if (!IsToken(key)) return false;
    if (!out.empty()) out.push_back(';');
    out.append(key);
    if (equals == std::string_view::npos) continue;
    const std::string_view value = Trim(piece.substr(equals + 1));
    if (!std::ranges::all_of(value, IsValueChar)) return false;
    out.append("=").append(value);
  }
  return true;
}

void AppendMember(const BaggageMember& member, std::string& out) {
  if (!out.empty()) out.push_back(',');
  out.append(member.key).push_back('=');
  context::AppendPercentEncoded(member.value, IsPlain, out);
  if (!member.properties.empty()) out.append(";").append(member.properties);
}

bool Fits(const std::vector<BaggageMember>& members) {
  if (members.size() > Baggage::kMembersMax) return false;
  std::string header;
  for (const BaggageMember& member : members) AppendMember(member, header);
  return header.size() <= Baggage::kBytesMax;
}

bool ParseMember(std::string_view piece, BaggageMember& member) {
  const size_t equals = piece.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view rest = piece.substr(equals + 1);
  const size_t end = rest.find(';');
  const std::string_view value = Trim(rest.substr(0, end));
  member.key = Trim(piece.substr(0, equals));
  if (!IsToken(member.key) || !std::ranges::all_of(value, IsValueChar)) return false;
  member.value = context::ValidUtf8(context::PercentDecoded(value));
  return Normalise(end == std::string_view::npos ? std::string_view() : rest.substr(end + 1),
                   member.properties);
}

}  // namespace

bool Baggage::set(std::string_view key, std::string_view value, std::string_view properties) {
  BaggageMember fresh{.key = std::string(key), .value = context::ValidUtf8(value), .properties = {}};
  if (!IsToken(key) || !Normalise(properties, fresh.properties)) return false;
  std::vector<BaggageMember> members = members_;
  const auto same = [&](const BaggageMember& member) { return member.key == key; };
  const auto first = std::ranges::find_if(members, same);
  if (first == members.end()) {
    members.push_back(std::move(fresh));
  } else {
    *first = std::move(fresh);
    members.erase(std::remove_if(first + 1, members.end(), same), members.end());
  }
  if (!Fits(members)) return false;
  members_ = std::move(members);
  return true;
}

bool Baggage::remove(std::string_view key) {
  return std::erase_if(members_, [&](const BaggageMember& member) { return member.key == key; }) > 0;
}

std::string_view Baggage::get(std::string_view key) const {
  for (const BaggageMember& member : members_) {
    if (member.key == key) return member.value;
  }
  return {};
}

Baggage parse_baggage(std::string_view header) {
  Baggage baggage;
  std::string written;  // as it would go out again: decoding may make a value longer
  for (std::string_view piece; NextPiece(header, ',', piece);) {
    BaggageMember member;
    if (!ParseMember(piece, member)) continue;
    AppendMember(member, written);
    if (written.size() > Baggage::kBytesMax || baggage.members_.size() == Baggage::kMembersMax) break;
    baggage.members_.push_back(std::move(member));
  }
  return baggage;
}

std::string format_baggage(const Baggage& baggage) {
  std::string header;
  for (const BaggageMember& member : baggage.members()) AppendMember(member, header);
  return header;
}

}  // namespace taffrail
