#include "ledger/statements.h"

#include <fmt/format.h>

#include <utility>

#include "audit/note.h"

namespace taffrail::ledger {
namespace {

constexpr uint64_t kMaxKeysBytes = 64 << 10;

std::string DirOf(const std::string& dir) { return base::JoinPath(dir, "statements"); }

bool IsNumber(std::string_view name) {
  return name.size() == 6 && name.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ReadStatements(base::Env& env, const std::string& dir) {
  std::vector<std::string> notes;
  const absl::StatusOr<std::vector<std::string>> names = env.List(DirOf(dir));
  if (absl::IsNotFound(names.status())) return notes;
  TAFFRAIL_RETURN_IF_ERROR(names.status());
  for (const std::string& name : *names) {
    if (!IsNumber(name)) continue;
    TAFFRAIL_ASSIGN_OR_RETURN(std::string note,
                              base::ReadFile(env, base::JoinPath(DirOf(dir), name), audit::kMaxNoteBytes));
    notes.push_back(std::move(note));
  }
  return notes;
}

absl::Status AddStatement(base::Env& env, const std::string& dir, const audit::Statement& statement,
                          const std::vector<audit::Signer*>& signers) {
  audit::Note note{statement.ToText(), {}};
  TAFFRAIL_RETURN_IF_ERROR(audit::ParseStatement(note.text).status());
  for (audit::Signer* signer : signers) {
    TAFFRAIL_ASSIGN_OR_RETURN(audit::NoteSignature signature, audit::SignText(note.text, *signer));
    note.signatures.push_back(std::move(signature));
  }
  TAFFRAIL_RETURN_IF_ERROR(env.CreateDirs(DirOf(dir)));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string> names, env.List(DirOf(dir)));
  int next = 1;
  for (const std::string& name : names) {
    if (IsNumber(name)) next = std::max(next, std::stoi(name) + 1);
  }
  return base::WriteFileAtomically(env, base::JoinPath(DirOf(dir), fmt::format("{:06}", next)),
                                   note.ToString());
}

absl::StatusOr<std::vector<audit::PublicKey>> ReadPublicKeys(base::Env& env, const std::string& path) {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string text, base::ReadFile(env, path, kMaxKeysBytes));
  std::vector<audit::PublicKey> keys;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    at = end + 1;
    if (line.empty() || line.starts_with('#')) continue;
    TAFFRAIL_ASSIGN_OR_RETURN(audit::PublicKey key, audit::PublicKey::Parse(line));
    keys.push_back(std::move(key));
  }
  if (keys.empty()) return absl::InvalidArgumentError(fmt::format("{}: no verifier key in it", path));
  return keys;
}

}  // namespace taffrail::ledger
