#include "ledger/files.h"

#include <fmt/format.h>

#include <utility>

namespace taffrail::ledger {
namespace {

// A full bundle of the longest entries; checkpoints and tiles are far below.
constexpr uint64_t kMaxFileBytes = audit::kMaxBundleBytes;

}  // namespace

absl::StatusOr<std::string> DirectorySource::Read(const std::string& path) {
  return base::ReadFile(env_, base::JoinPath(dir_, path), kMaxFileBytes);
}

absl::Status TileWriter::Write(const audit::Tile& tile, std::string_view bytes) {
  const std::string path = base::JoinPath(dir_, audit::TilePath(tile));
  const std::string dir = base::Dirname(path);
  if (written_.contains(path)) return absl::OkStatus();
  if (!made_.contains(dir)) TAFFRAIL_RETURN_IF_ERROR(env_.CreateDirs(dir));
  made_.insert(dir);
  dirs_.insert(dir);
  // One whose sync failed once is never trusted again, and nothing refers to it.
  if (env_.Exists(path)) TAFFRAIL_RETURN_IF_ERROR(env_.Remove(path));
  TAFFRAIL_ASSIGN_OR_RETURN(const auto file, env_.Create(path));
  TAFFRAIL_RETURN_IF_ERROR(file->Append(bytes));
  TAFFRAIL_RETURN_IF_ERROR(file->Sync());
  TAFFRAIL_RETURN_IF_ERROR(file->Close());
  written_.insert(path);
  return absl::OkStatus();
}

absl::Status TileWriter::Sync() {
  while (!dirs_.empty()) {
    TAFFRAIL_RETURN_IF_ERROR(env_.SyncDir(*dirs_.begin()));
    dirs_.erase(dirs_.begin());
  }
  return absl::OkStatus();
}

void TileWriter::RemovePartials(int level, uint64_t index) {
  const std::string dir = base::JoinPath(dir_, audit::TilePath({level, index}) + ".p");
  const absl::StatusOr<std::vector<std::string>> names = env_.List(dir);
  if (!names.ok()) return;
  for (const std::string& name : *names) env_.Remove(base::JoinPath(dir, name)).IgnoreError();
  env_.RemoveDir(dir).IgnoreError();
  made_.erase(dir);
}

std::string EncodeName(std::string_view name) {
  std::string encoded;
  for (const char c : name) {
    const bool plain =
        (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (plain) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<uint8_t>(c));
    }
  }
  return encoded;
}

std::string LedgerDir(std::string_view data_dir, std::string_view tenant, std::string_view ledger_class) {
  return base::JoinPath(base::JoinPath(base::JoinPath(data_dir, "audit"), EncodeName(tenant)),
                        EncodeName(ledger_class));
}

}  // namespace taffrail::ledger
