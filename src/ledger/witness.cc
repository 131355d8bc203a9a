#include "ledger/witness.h"

#include <fmt/format.h>

#include <utility>

#include "ledger/files.h"

namespace taffrail::ledger {
namespace {

constexpr size_t kMaxRequestBytes = audit::kMaxNoteBytes + (16 << 10);

absl::Status Bad(std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("not an add-checkpoint request: {}", what));
}

WitnessAnswer Refuse(int status, std::string text) {
  return {status, "text/plain; charset=utf-8", text + "\n"};
}

WitnessAnswer Conflict(uint64_t size) { return {409, "text/x.tlog.size", fmt::format("{}\n", size)}; }

}  // namespace

std::string AddCheckpoint::ToString() const {
  std::string body = fmt::format("old {}\n", old_size);
  for (const audit::Hash& hash : proof) body += audit::Base64(audit::AsBytes(hash)) + '\n';
  return body + '\n' + checkpoint;
}

absl::StatusOr<AddCheckpoint> ParseAddCheckpoint(std::string_view body) {
  if (body.size() > kMaxRequestBytes) return Bad(fmt::format("longer than {} bytes", kMaxRequestBytes));
  AddCheckpoint request;
  bool first = true;
  while (true) {
    const size_t end = body.find('\n');
    if (end == std::string_view::npos) return Bad("no empty line before the checkpoint");
    const std::string_view line = body.substr(0, end);
    body.remove_prefix(end + 1);
    if (first) {
      const auto size = line.starts_with("old ") ? audit::ParseDecimal(line.substr(4)) : std::nullopt;
      if (!size) return Bad("it begins with \"old SIZE\"");
      request.old_size = *size;
      first = false;
      continue;
    }
    if (line.empty()) break;
    const auto bytes = audit::FromBase64(line);
    const auto hash = bytes ? audit::HashFromBytes(*bytes) : std::nullopt;
    if (!hash) return Bad("a line of the proof is not base64 of 32 bytes");
    if (request.proof.size() == audit::kMaxProofHashes) return Bad("more hashes than a proof has");
    request.proof.push_back(*hash);
  }
  request.checkpoint = body;
  return request;
}

Witness::Witness(WitnessOptions options)
    : options_(std::move(options)), env_(options_.env != nullptr ? *options_.env : base::Env::Posix()) {}

absl::StatusOr<audit::Checkpoint> Witness::LastOf(const std::string& origin) {
  const std::string path = base::JoinPath(options_.dir, EncodeName(origin));
  if (!env_.Exists(path)) return audit::Checkpoint{origin, 0, audit::EmptyRoot(), {}};
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string bytes, base::ReadFile(env_, path, audit::kMaxNoteBytes));
  TAFFRAIL_ASSIGN_OR_RETURN(audit::SignedCheckpoint last, audit::ParseCheckpoint(bytes));
  return std::move(last.checkpoint);
}

WitnessAnswer Witness::Add(std::string_view body) {
  const absl::StatusOr<AddCheckpoint> request = ParseAddCheckpoint(body);
  if (!request.ok()) return Refuse(400, std::string(request.status().message()));
  const absl::StatusOr<audit::SignedCheckpoint> parsed = audit::ParseCheckpoint(request->checkpoint);
  if (!parsed.ok()) return Refuse(400, std::string(parsed.status().message()));
  const audit::Checkpoint& next = parsed->checkpoint;
  std::vector<audit::PublicKey> keys;
  for (const audit::PublicKey& key : options_.logs) {
    if (key.name() == next.origin) keys.push_back(key);
  }
  if (keys.empty()) return Refuse(404, "this witness was not told of the log " + next.origin);
  const absl::Status signature = audit::VerifyNote(parsed->note, keys).status();
  if (!signature.ok()) return Refuse(403, std::string(signature.message()));
  if (request->old_size > next.size) return Refuse(400, "the old size is above that of the checkpoint");

  absl::MutexLock lock(&mutex_);
  const absl::StatusOr<audit::Checkpoint> last = LastOf(next.origin);
  if (!last.ok()) return Refuse(500, std::string(last.status().message()));
  if (last->size != request->old_size) return Conflict(last->size);
  if (last->size == next.size && last->root != next.root) return Conflict(last->size);
  // Every history extends the empty one; there is nothing to prove then, and nothing may be sent as a proof.
  const bool extends = last->size == 0 ? request->proof.empty()
                                       : audit::VerifyConsistency(last->size, next.size, request->proof,
                                                                  last->root, next.root);
  if (!extends)
    return Refuse(422, "the proof does not show that the checkpoint extends the last one cosigned");
  absl::Status kept = env_.CreateDirs(options_.dir);
  if (kept.ok()) {
    kept = base::WriteFileAtomically(env_, base::JoinPath(options_.dir, EncodeName(next.origin)),
                                     request->checkpoint);
  }
  if (!kept.ok()) return Refuse(500, std::string(kept.message()));
  const auto time_s = static_cast<uint64_t>(env_.NowNs() / 1'000'000'000);
  absl::StatusOr<audit::NoteSignature> cosigned = audit::Cosign(parsed->note.text, time_s, *options_.signer);
  if (!cosigned.ok()) return Refuse(500, std::string(cosigned.status().message()));
  const audit::Note note{"", {*std::move(cosigned)}};
  return {200, "text/plain; charset=utf-8", note.ToString().substr(1)};  // without the note's empty line
}

}  // namespace taffrail::ledger
