#include "audit/statement.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "audit/tile.h"

namespace taffrail::audit {
namespace {

constexpr std::string_view kHeader = "taffrail.statement/v1";

absl::Status Bad(std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("not a statement: {}", what));
}

}  // namespace

std::string Statement::ToText() const {
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n", kHeader, kind == Kind::kRotate ? "rotate" : "prune",
                     origin, size, kind == Kind::kRotate ? new_key : fmt::format("{}", first_record), time_s,
                     reason);
}

absl::StatusOr<Statement> ParseStatement(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() <= 7) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return Bad("its last line has no end");
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  if (lines.size() != 7 || lines[0] != kHeader) return Bad(fmt::format("seven lines, the first {}", kHeader));
  if (lines[1] != "rotate" && lines[1] != "prune") return Bad("it is neither rotate nor prune");
  const auto size = ParseDecimal(lines[3]);
  const auto time_s = ParseDecimal(lines[5]);
  if (lines[2].empty() || !size || !time_s || lines[6].empty()) return Bad("origin, size, time or reason");
  Statement statement;
  statement.kind = lines[1] == "rotate" ? Statement::Kind::kRotate : Statement::Kind::kPrune;
  statement.origin = lines[2];
  statement.size = *size;
  statement.time_s = *time_s;
  statement.reason = lines[6];
  if (statement.kind == Statement::Kind::kRotate) {
    statement.new_key = lines[4];
    TAFFRAIL_RETURN_IF_ERROR(PublicKey::Parse(lines[4]).status());
    return statement;
  }
  const auto first = ParseDecimal(lines[4]);
  if (!first || *first % kTileWidth != 0 || *first > *size) return Bad("the first record that is kept");
  statement.first_record = *first;
  return statement;
}

absl::StatusOr<KeyChain> FollowStatements(std::vector<PublicKey> trusted, std::string_view origin,
                                          std::span<const std::string> notes) {
  KeyChain chain{std::move(trusted), 0};
  for (size_t i = 0; i < notes.size(); ++i) {
    TAFFRAIL_ASSIGN_OR_RETURN(const Note note, ParseNote(notes[i]));
    TAFFRAIL_ASSIGN_OR_RETURN(const Statement statement, ParseStatement(note.text));
    if (statement.origin != origin) {
      return absl::PermissionDeniedError(fmt::format("statement {} is of the log {}", i, statement.origin));
    }
    if (statement.kind == Statement::Kind::kPrune) {
      TAFFRAIL_RETURN_IF_ERROR(VerifyNote(note, chain.keys).status());
      chain.first_record = std::max(chain.first_record, statement.first_record);
      continue;
    }
    const PublicKey next = *PublicKey::Parse(statement.new_key);
    TAFFRAIL_RETURN_IF_ERROR(VerifyNote(note, std::span(&next, 1)).status());
    // Someone who trusts the new key already need not know the old one.
    if (std::find(chain.keys.begin(), chain.keys.end(), next) != chain.keys.end()) continue;
    TAFFRAIL_RETURN_IF_ERROR(VerifyNote(note, chain.keys).status());
    chain.keys.push_back(next);
  }
  return chain;
}

}  // namespace taffrail::audit
