// A ledger's files: where they lie, and how tiles come to the disk (docs/format/ledger.md).
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "audit/reader.h"
#include "audit/tile.h"
#include "base/env.h"
#include "base/status.h"

namespace taffrail::ledger {

inline constexpr std::string_view kCheckpointFile = "checkpoint";
inline constexpr std::string_view kPublicKeyFile = "key.pub";

// Reads a log from a directory in the tlog-tiles layout. Thread-safe.
class DirectorySource final : public audit::Source {
 public:
  DirectorySource(base::Env& env, std::string dir) : env_(env), dir_(std::move(dir)) {}
  absl::StatusOr<std::string> Read(const std::string& path) override;

 private:
  base::Env& env_;
  const std::string dir_;
};

// Writes tiles. They are durable when Sync returns ok.
//
// A tile of one width never changes while a ledger is open, so that what is on disk is left alone when a
// checkpoint is tried again: the first try may have reached the disk after all, and then refers to it.
class TileWriter {
 public:
  TileWriter(base::Env& env, std::string dir) : env_(env), dir_(std::move(dir)) {}

  [[nodiscard]] absl::Status Write(const audit::Tile& tile, std::string_view bytes);
  [[nodiscard]] absl::Status Sync();
  // A checkpoint is durable: what was written for it is not written again in any case.
  void Forget() { written_.clear(); }
  // Removes the partial files of a tile that is full; what cannot be removed stays.
  void RemovePartials(int level, uint64_t index);

 private:
  base::Env& env_;
  const std::string dir_;
  std::set<std::string> written_;  // since the last checkpoint; their bytes are durable
  std::set<std::string> dirs_;     // with names in them that may not be
  std::set<std::string> made_;     // directories known to exist
};

// One ledger's directory below a store's: DIR/audit/<tenant>/<class>, both percent-encoded.
std::string LedgerDir(std::string_view data_dir, std::string_view tenant, std::string_view ledger_class);
std::string EncodeName(std::string_view name);

}  // namespace taffrail::ledger
