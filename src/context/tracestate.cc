// W3C Trace Context level 1, §3.3, of whose two key grammars the newer (level 2) is the wider:
//   list  = member 0*31( OWS "," OWS member ), where a member may be empty
//   key   = ( a-z / 0-9 ) 0*255( a-z / 0-9 / "_-*/" ), with one "@" before a system of at most 14
//   value = 0*255( %x20-7E without "," and "=" ) and a last character that is no space
#include <algorithm>

#include "context/header_text.h"
#include "taffrail/trace.h"

namespace taffrail {
namespace {

using context::NextPiece;

constexpr size_t kKeyBytesMax = 256;
constexpr size_t kTenantBytesMax = 241;
constexpr size_t kSystemBytesMax = 14;
constexpr size_t kValueBytesMax = 256;
constexpr size_t kLongMemberBytes = 128;  // the first to go when all do not fit (§3.3.1.5)

bool IsKeyPart(std::string_view part, size_t max_bytes, bool digit_first) {
  const auto good = [](char c) {
    return context::IsLowerAlpha(c) || context::IsDigit(c) || c == '_' || c == '-' || c == '*' || c == '/';
  };
  return !part.empty() && part.size() <= max_bytes && std::ranges::all_of(part, good) &&
         (context::IsLowerAlpha(part[0]) || (digit_first && context::IsDigit(part[0])));
}

bool IsKey(std::string_view key) {
  const size_t at = key.find('@');
  if (at == std::string_view::npos) return IsKeyPart(key, kKeyBytesMax, true);
  return IsKeyPart(key.substr(0, at), kTenantBytesMax, true) &&
         IsKeyPart(key.substr(at + 1), kSystemBytesMax, false);
}

bool IsValue(std::string_view value) {
  const auto good = [](char c) { return c >= ' ' && c <= '~' && c != ',' && c != '='; };
  return !value.empty() && value.size() <= kValueBytesMax && std::ranges::all_of(value, good) &&
         value.back() != ' ';
}

}  // namespace

bool TraceState::set(std::string_view key, std::string_view value) {
  if (!IsKey(key) || !IsValue(value)) return false;
  std::pair<std::string, std::string> member(key, value);  // copied first: they may be views into members_
  remove(member.first);
  members_.insert(members_.begin(), std::move(member));
  if (members_.size() > kMembersMax) members_.pop_back();
  return true;
}

bool TraceState::remove(std::string_view key) {
  return std::erase_if(members_, [&](const auto& member) { return member.first == key; }) > 0;
}

std::string_view TraceState::get(std::string_view key) const {
  for (const auto& [name, value] : members_) {
    if (name == key) return value;
  }
  return {};
}

TraceState parse_tracestate(std::string_view header) {
  TraceState state;
  size_t count = 0;
  for (std::string_view piece; NextPiece(header, ',', piece);) {
    if (piece.empty()) continue;
    const size_t equals = piece.find('=');
    if (equals == std::string_view::npos) return {};
    const std::string_view key = piece.substr(0, equals);
    const std::string_view value = piece.substr(equals + 1);
    if (!IsKey(key) || !IsValue(value) || ++count > TraceState::kMembersMax) return {};
    if (state.get(key).empty()) state.members_.emplace_back(key, value);
  }
  return state;
}

std::string format_tracestate(const TraceState& state) {
  const auto size = [](const auto& member) { return member.first.size() + 1 + member.second.size(); };
  const auto& members = state.members();
  size_t total = 0;  // with a comma after each
  for (const auto& member : members) total += size(member) + 1;
  // From the right: those that are long and no longer fit, then the others.
  std::vector<bool> dropped(members.size());
  for (const size_t at_least : {kLongMemberBytes + 1, size_t{0}}) {
    for (size_t i = members.size(); i-- > 0 && total > TraceState::kBytesMax + 1;) {
      if (dropped[i] || size(members[i]) < at_least) continue;
      dropped[i] = true;
      total -= size(members[i]) + 1;
    }
  }
  std::string header;
  for (size_t i = 0; i < members.size(); ++i) {
    if (dropped[i]) continue;
    if (!header.empty()) header.push_back(',');
    header.append(members[i].first).append("=").append(members[i].second);
  }
  return header;
}

}  // namespace taffrail
