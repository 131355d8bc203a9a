#include "audit/checkpoint.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

namespace taffrail::audit {
namespace {

constexpr std::string_view kProofHeader = "c2sp.org/tlog-proof@v1";
constexpr size_t kMaxExtraBytes = 64 << 10;

// Takes a line that ends with a newline; nothing when there is none.
std::optional<std::string_view> TakeLine(std::string_view& text) {
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

absl::Status BadCheckpoint(std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("not a checkpoint: {}", what));
}
absl::Status BadProof(std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("not a tlog-proof file: {}", what));
}

}  // namespace

std::string Checkpoint::ToText() const {
  std::string text = fmt::format("{}\n{}\n{}\n", origin, size, Base64(AsBytes(root)));
  for (const std::string& line : extensions) text += line + '\n';
  return text;
}

absl::StatusOr<Checkpoint> ParseCheckpointText(std::string_view text) {
  const auto origin = TakeLine(text);
  const auto size = TakeLine(text);
  const auto root = TakeLine(text);
  if (!origin || !size || !root || origin->empty()) return BadCheckpoint("it needs origin, size and root");
  Checkpoint checkpoint;
  checkpoint.origin = *origin;
  const auto number = ParseDecimal(*size);
  if (!number) return BadCheckpoint(fmt::format("\"{}\" is no size", *size));
  checkpoint.size = *number;
  const auto bytes = FromBase64(*root);
  const auto hash = bytes ? HashFromBytes(*bytes) : std::nullopt;
  if (!hash) return BadCheckpoint("the root is not base64 of 32 bytes");
  checkpoint.root = *hash;
  while (!text.empty()) {
    const auto line = TakeLine(text);
    if (!line || line->empty()) return BadCheckpoint("an extension line is empty");
    checkpoint.extensions.emplace_back(*line);
  }
  return checkpoint;
}

absl::StatusOr<SignedCheckpoint> ParseCheckpoint(std::string_view bytes) {
  SignedCheckpoint result;
  TAFFRAIL_ASSIGN_OR_RETURN(result.note, ParseNote(bytes));
  TAFFRAIL_ASSIGN_OR_RETURN(result.checkpoint, ParseCheckpointText(result.note.text));
  return result;
}

absl::StatusOr<SignedCheckpoint> OpenCheckpoint(std::string_view bytes, std::span<const PublicKey> keys,
                                                std::string_view origin) {
  TAFFRAIL_ASSIGN_OR_RETURN(SignedCheckpoint result, ParseCheckpoint(bytes));
  TAFFRAIL_RETURN_IF_ERROR(VerifyNote(result.note, keys).status());
  if (result.checkpoint.origin != origin) {
    return absl::PermissionDeniedError(
        fmt::format("a checkpoint of the log {}, and {} was asked for", result.checkpoint.origin, origin));
  }
  return result;
}

std::string LogProof::ToString() const {
  std::string text = fmt::format("{}\n", kProofHeader);
  if (!extra.empty()) text += fmt::format("extra {}\n", Base64(extra));
  text += fmt::format("index {}\n", index);
  for (const Hash& hash : hashes) text += Base64(AsBytes(hash)) + '\n';
  return text + '\n' + checkpoint;
}

absl::StatusOr<LogProof> ParseLogProof(std::string_view bytes) {
  if (bytes.size() > kMaxProofBytes) return BadProof(fmt::format("longer than {} bytes", kMaxProofBytes));
  if (TakeLine(bytes) != kProofHeader)
    return BadProof(fmt::format("it does not begin with {}", kProofHeader));
  LogProof proof;
  auto line = TakeLine(bytes);
  constexpr std::string_view kExtra = "extra ";
  if (line && line->starts_with(kExtra)) {
    auto extra = FromBase64(line->substr(kExtra.size()));
    if (!extra || extra->empty() || extra->size() > kMaxExtraBytes) return BadProof("extra is not base64");
    proof.extra = *std::move(extra);
    line = TakeLine(bytes);
  }
  constexpr std::string_view kIndex = "index ";
  const auto index =
      line && line->starts_with(kIndex) ? ParseDecimal(line->substr(kIndex.size())) : std::nullopt;
  if (!index) return BadProof("no line with the index");
  proof.index = *index;
  for (line = TakeLine(bytes); line && !line->empty(); line = TakeLine(bytes)) {
    const auto decoded = FromBase64(*line);
    const auto hash = decoded ? HashFromBytes(*decoded) : std::nullopt;
    if (!hash) return BadProof("a line is not base64 of 32 bytes");
    if (proof.hashes.size() == kMaxProofHashes) return BadProof("more hashes than a tree has levels");
    proof.hashes.push_back(*hash);
  }
  if (!line) return BadProof("no empty line before the checkpoint");
  proof.checkpoint = bytes;
  TAFFRAIL_RETURN_IF_ERROR(ParseCheckpoint(proof.checkpoint).status());
  return proof;
}

absl::StatusOr<SignedCheckpoint> VerifyLogProof(const LogProof& proof, std::string_view entry,
                                                std::span<const PublicKey> keys, std::string_view origin) {
  TAFFRAIL_ASSIGN_OR_RETURN(SignedCheckpoint checkpoint, OpenCheckpoint(proof.checkpoint, keys, origin));
  if (!VerifyInclusion(proof.index, checkpoint.checkpoint.size, LeafHash(entry), proof.hashes,
                       checkpoint.checkpoint.root)) {
    return absl::DataLossError(
        fmt::format("the record is not number {} of the log of {} records that the checkpoint signs: record, "
                    "number or proof was changed",
                    proof.index, checkpoint.checkpoint.size));
  }
  return checkpoint;
}

}  // namespace taffrail::audit
