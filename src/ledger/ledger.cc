#include "ledger/ledger.h"
#include "ledger/prune.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "absl/time/time.h"
#include "audit/tile.h"

namespace taffrail::ledger {
namespace {

using audit::GrowingTree;
using audit::Hash;
using audit::kEntriesLevel;
using audit::kTileWidth;
using audit::Tile;

// A group commit, and with it the journal's largest record, stays below this.
constexpr size_t kMaxGroupBytes = size_t{32} << 20;
// Segments of the journal end here: a start reads what is left of them.
constexpr uint64_t kSegmentBytes = uint64_t{8} << 20;

absl::Status Retryable(const absl::Status& status) {
  if (status.ok() || absl::IsResourceExhausted(status) || absl::IsUnavailable(status)) return status;
  return absl::UnavailableError(std::string(status.message()));
}

absl::Status Broken(const std::string& dir, std::string_view file, std::string_view what) {
  return absl::DataLossError(
      fmt::format("{}/{}: {}; the ledger does not open. `taffrail audit verify {}` says what was done to it",
                  dir, file, what, dir));
}

}  // namespace

struct Ledger::Pending {
  uint64_t count = 0;
  std::vector<std::string> entries;
  std::vector<Hash> leaves;
  std::string journal;
  uint64_t first = 0;
  absl::Status status;
  bool done = false;
};

// What a checkpoint needs, taken at one moment.
struct Ledger::Snapshot {
  audit::Checkpoint checkpoint;
  uint64_t from = 0;  // size of the checkpoint before
  std::vector<std::pair<Tile, std::string>> tiles;
};

Ledger::Ledger(LedgerOptions options)
    : options_(std::move(options)),
      env_(options_.env != nullptr ? *options_.env : base::Env::Posix()),
      source_(env_, options_.dir),
      tiles_(env_, options_.dir),
      journal_(env_, options_.dir) {}

absl::StatusOr<std::unique_ptr<Ledger>> Ledger::Open(LedgerOptions options) {
  auto ledger = std::unique_ptr<Ledger>(new Ledger(std::move(options)));
  TAFFRAIL_RETURN_IF_ERROR(ledger->Load());
  if (ledger->options_.background) ledger->thread_ = std::thread([raw = ledger.get()] { raw->Run(); });
  return ledger;
}

Ledger::~Ledger() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (!thread_.joinable()) return;
  thread_.join();
  Publish().IgnoreError();  // the journal has what cannot be signed now
}

std::string Ledger::EntryOf(std::string_view line) {
  if (line.size() <= audit::kMaxEntryBytes) return std::string(line);
  return fmt::format(R"({{"taffrail_entry":"sha256","sha256":"{}","bytes":{}}})",
                     audit::Hex(audit::AsBytes(audit::Sha256(line))), line.size());
}

absl::Status Ledger::Load() {
  TAFFRAIL_RETURN_IF_ERROR(env_.CreateDirs(options_.dir));
  TAFFRAIL_ASSIGN_OR_RETURN(lock_, env_.Lock(base::JoinPath(options_.dir, "LOCK")));
  absl::StatusOr<std::string> bytes = source_.Read(std::string(kCheckpointFile));
  if (absl::IsNotFound(bytes.status())) {
    TAFFRAIL_RETURN_IF_ERROR(CreateEmpty());
    bytes = source_.Read(std::string(kCheckpointFile));
  }
  TAFFRAIL_RETURN_IF_ERROR(bytes.status());
  std::vector<audit::PublicKey> keys = options_.old_keys;
  keys.push_back(options_.signer->public_key());
  absl::StatusOr<audit::SignedCheckpoint> opened = audit::OpenCheckpoint(*bytes, keys, origin());
  if (!opened.ok()) {
    return absl::Status(opened.status().code(), fmt::format("{}/{}: {}", options_.dir, kCheckpointFile,
                                                            std::string(opened.status().message())));
  }
  // The name of what was read may not be durable yet: its writer may have died just then.
  TAFFRAIL_RETURN_IF_ERROR(env_.SyncDir(options_.dir));
  TAFFRAIL_RETURN_IF_ERROR(LoadTree(opened->checkpoint));
  TAFFRAIL_RETURN_IF_ERROR(LoadJournal());
  uint64_t size = 0;
  {
    absl::MutexLock publishing(&publishing_);
    last_ = *opened;
    absl::MutexLock lock(&mutex_);
    state_.checkpoint = *std::move(bytes);
    state_.signed_size = opened->checkpoint.size;
    state_.size = size = tree_.size();
  }
  const std::string key_file = base::JoinPath(options_.dir, kPublicKeyFile);
  if (!env_.Exists(key_file)) {
    const std::string key = options_.signer->public_key().ToString() + "\n";
    TAFFRAIL_RETURN_IF_ERROR(base::WriteFileAtomically(env_, key_file, key));
  }
  if (size > opened->checkpoint.size) TAFFRAIL_RETURN_IF_ERROR(Publish());
  journal_.RemoveBelow(size);
  return absl::OkStatus();
}

// The first start of a ledger. Once its key stands there, so does a checkpoint: both gone would be a ledger
// that somebody emptied.
absl::Status Ledger::CreateEmpty() {
  if (env_.Exists(base::JoinPath(options_.dir, kPublicKeyFile))) {
    return Broken(options_.dir, kCheckpointFile, "it is missing, though the ledger had one");
  }
  absl::MutexLock publishing(&publishing_);
  return WriteCheckpoint({origin(), 0, audit::EmptyRoot(), {}});
}

// The right edge of every level must lead to the root, and the last bundle to its tile.
absl::Status Ledger::LoadTree(const audit::Checkpoint& checkpoint) {
  std::array<std::vector<Hash>, audit::kTileLevels> edges;
  for (int level = 0; audit::LevelSize(level, checkpoint.size) > 0; ++level) {
    const uint64_t index = audit::LevelSize(level, checkpoint.size) / kTileWidth;
    const Tile tile{level, index, audit::WidthOf(level, index, checkpoint.size)};
    if (tile.width == 0) continue;
    absl::StatusOr<std::vector<Hash>> hashes = audit::ReadTile(source_, level, index, checkpoint.size);
    if (!hashes.ok())
      return Broken(options_.dir, audit::TilePath(tile), std::string(hashes.status().message()));
    edges[static_cast<size_t>(level)] = *std::move(hashes);
  }
  const uint64_t bundle = checkpoint.size / kTileWidth;
  const Tile tile{kEntriesLevel, bundle, audit::WidthOf(kEntriesLevel, bundle, checkpoint.size)};
  std::string tail;
  if (tile.width > 0) {
    const absl::StatusOr<std::string> bytes = audit::ReadEntries(source_, bundle, checkpoint.size);
    if (!bytes.ok())
      return Broken(options_.dir, audit::TilePath(tile), std::string(bytes.status().message()));
    const absl::StatusOr<std::vector<std::string_view>> entries = audit::DecodeEntries(*bytes);
    if (!entries.ok()) {
      return Broken(options_.dir, audit::TilePath(tile), std::string(entries.status().message()));
    }
    for (uint64_t i = 0; i < tile.width; ++i) {
      if (i >= entries->size() || audit::LeafHash((*entries)[i]) != edges[0][i]) {
        return Broken(
            options_.dir, audit::TilePath(tile),
            fmt::format("record {} is not the one that its tile has the hash of", bundle * kTileWidth + i));
      }
      audit::AppendEntry((*entries)[i], tail);
    }
  }
  if (audit::RootOfEdges(edges) != checkpoint.root) {
    return Broken(
        options_.dir, "tile",
        fmt::format("the tiles of the last records, up to {}, do not lead to the root that was signed",
                    checkpoint.size));
  }
  absl::MutexLock lock(&mutex_);
  tree_ = GrowingTree::Resume(checkpoint.size, std::move(edges));
  first_bundle_ = bundle;
  bundle_bytes_ = tail.size();
  if (!tail.empty()) bundles_.push_back(std::move(tail));
  return absl::OkStatus();
}

absl::Status Ledger::LoadJournal() {
  uint64_t signed_size = 0;
  {
    absl::MutexLock lock(&mutex_);
    signed_size = tree_.size();
  }
  std::optional<std::pair<uint64_t, std::vector<Hash>>> tile;  // the last one read, of level 0
  return journal_.Replay([&](uint64_t index, std::string_view entry, const std::string& file) {
    const Hash leaf = audit::LeafHash(entry);
    if (index >= signed_size) {
      absl::MutexLock lock(&mutex_);
      if (index != tree_.size()) {
        return Broken(
            options_.dir, file.substr(options_.dir.size() + 1),
            fmt::format("it begins with record {}, and the checkpoint ends before {}", index, tree_.size()));
      }
      Pending pending;
      pending.count = 1;
      pending.entries.emplace_back(entry);
      pending.leaves.push_back(leaf);
      Admit({&pending});
      return absl::OkStatus();
    }
    if (!tile || tile->first != index / kTileWidth) {
      absl::StatusOr<std::vector<Hash>> hashes = audit::ReadTile(source_, 0, index / kTileWidth, signed_size);
      // Pruned, or missing: verify says so; here it is not what the checkpoint's extension hangs on.
      if (!hashes.ok()) return absl::OkStatus();
      tile.emplace(index / kTileWidth, *std::move(hashes));
    }
    if (tile->second[index % kTileWidth] == leaf) return absl::OkStatus();
    return Broken(options_.dir, file.substr(options_.dir.size() + 1),
                  fmt::format("its record {} is not the one that was signed", index));
  });
}

// Joins a group to the tree. Its entries are durable.
void Ledger::Admit(const std::vector<Pending*>& group) {
  for (Pending* pending : group) {
    pending->first = tree_.size();
    for (size_t i = 0; i < pending->entries.size(); ++i) {
      if (tree_.size() / kTileWidth == first_bundle_ + bundles_.size()) bundles_.emplace_back();
      const size_t before = bundles_.back().size();
      audit::AppendEntry(pending->entries[i], bundles_.back());
      bundle_bytes_ += bundles_.back().size() - before;
      tree_.Append(pending->leaves[i]);
    }
  }
  state_.size = tree_.size();
}

absl::StatusOr<uint64_t> Ledger::Append(std::span<const std::string_view> lines) {
  if (lines.empty()) return State().size;
  Pending pending;
  pending.count = lines.size();
  for (const std::string_view line : lines) {
    pending.entries.push_back(EntryOf(line));
    pending.leaves.push_back(audit::LeafHash(pending.entries.back()));
    Journal::AddEntry(pending.entries.back(), pending.journal);
  }
  {
    absl::MutexLock lock(&mutex_);
    if (PendingBytes() > options_.max_pending_bytes && !state_.publish_error.ok()) {
      return Retryable(state_.publish_error);
    }
    const auto room = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return PendingBytes() <= options_.max_pending_bytes || !state_.publish_error.ok() ||
             !options_.background;
    };
    mutex_.Await(absl::Condition(&room));
    queue_.push_back(&pending);
    const auto ready = [this, &pending]()
                           ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return pending.done || !writing_; };
    mutex_.Await(absl::Condition(&ready));
    if (!pending.done) writing_ = true;
  }
  if (!pending.done) {
    while (!pending.done) LeadAppend();
    absl::MutexLock lock(&mutex_);
    writing_ = false;
  }
  if (!pending.status.ok()) return pending.status;
  return pending.first;
}

// Writes one group. REQUIRES: this thread has set writing_.
void Ledger::LeadAppend() {
  std::vector<Pending*> group;
  std::string entries;
  uint64_t first = 0;
  uint64_t count = 0;
  uint64_t signed_size = 0;
  {
    absl::MutexLock lock(&mutex_);
    first = tree_.size();
    signed_size = state_.signed_size;
    size_t bytes = 0;
    while (!queue_.empty() && (group.empty() || bytes + queue_.front()->journal.size() <= kMaxGroupBytes)) {
      bytes += queue_.front()->journal.size();
      group.push_back(queue_.front());
      queue_.pop_front();
    }
  }
  for (const Pending* pending : group) {
    entries += pending->journal;
    count += pending->count;
  }
  if (journal_.segment_bytes() > kSegmentBytes) journal_.EndSegment();
  const absl::Status status = Retryable(journal_.Append(first, count, entries));
  journal_.RemoveBelow(signed_size);
  absl::MutexLock lock(&mutex_);
  if (status.ok()) Admit(group);
  for (Pending* pending : group) {
    pending->status = status;
    pending->done = true;
  }
}

absl::Status Ledger::WriteTiles(const Snapshot& snapshot) {
  for (const auto& [tile, bytes] : snapshot.tiles) TAFFRAIL_RETURN_IF_ERROR(tiles_.Write(tile, bytes));
  return tiles_.Sync();
}

absl::Status Ledger::WriteCheckpoint(const audit::Checkpoint& checkpoint) {
  audit::SignedCheckpoint next{checkpoint, {checkpoint.ToText(), {}}};
  TAFFRAIL_ASSIGN_OR_RETURN(audit::NoteSignature signature,
                            audit::SignText(next.note.text, *options_.signer));
  next.note.signatures.push_back(std::move(signature));
  // A signer that is another program may be another key by mistake; nobody could verify what it signs.
  TAFFRAIL_RETURN_IF_ERROR(
      audit::VerifyNote(next.note, std::span(&options_.signer->public_key(), 1)).status());
  const std::string path = base::JoinPath(options_.dir, kCheckpointFile);
  const std::string bytes = next.note.ToString();
  TAFFRAIL_RETURN_IF_ERROR(base::WriteFileAtomically(env_, path, bytes));
  last_ = std::move(next);
  absl::MutexLock lock(&mutex_);
  state_.checkpoint = bytes;
  state_.signed_size = checkpoint.size;
  state_.checkpoint_ns = env_.NowNs();
  state_.cosignatures = 0;
  ++state_.checkpoints;
  return absl::OkStatus();
}

// What others say comes after: they must never know of a checkpoint that a crash takes from us.
void Ledger::AskCosigner() {
  if (options_.cosigner == nullptr) return;
  const std::vector<audit::NoteSignature> signatures = options_.cosigner->Cosign(last_, source_);
  if (signatures.empty()) return;
  audit::Note note = last_.note;
  note.signatures.insert(note.signatures.end(), signatures.begin(), signatures.end());
  const std::string bytes = note.ToString();
  if (!base::WriteFileAtomically(env_, base::JoinPath(options_.dir, kCheckpointFile), bytes).ok()) return;
  last_.note = std::move(note);
  absl::MutexLock lock(&mutex_);
  state_.checkpoint = bytes;
  state_.cosignatures = signatures.size();
}

absl::Status Ledger::Publish() {
  absl::MutexLock publishing(&publishing_);
  Snapshot snapshot;
  {
    absl::MutexLock lock(&mutex_);
    const uint64_t size = tree_.size();
    snapshot.from = last_.checkpoint.size;
    if (size == snapshot.from) return absl::OkStatus();
    snapshot.checkpoint = {origin(), size, tree_.Root(), {}};
    for (int level = 0; audit::LevelSize(level, size) > 0; ++level) {
      const uint64_t end = audit::LevelSize(level, size);
      if (end == audit::LevelSize(level, snapshot.from)) continue;
      for (uint64_t k = audit::LevelSize(level, snapshot.from) / kTileWidth; k * kTileWidth < end; ++k) {
        const Tile tile{level, k, audit::WidthOf(level, k, size)};
        snapshot.tiles.emplace_back(tile, audit::EncodeHashes(tree_.HashesOf(tile)));
      }
    }
    for (size_t i = 0; i < bundles_.size(); ++i) {
      const uint64_t k = first_bundle_ + i;
      snapshot.tiles.emplace_back(Tile{kEntriesLevel, k, audit::WidthOf(kEntriesLevel, k, size)},
                                  bundles_[i]);
    }
  }
  absl::Status status = WriteTiles(snapshot);
  if (status.ok()) status = WriteCheckpoint(snapshot.checkpoint);
  {
    absl::MutexLock lock(&mutex_);
    state_.publish_error = status;
    if (!status.ok()) return status;
    tree_.ForgetFullTiles(snapshot.checkpoint.size);
    const uint64_t keep = snapshot.checkpoint.size / kTileWidth;
    for (; first_bundle_ < keep; ++first_bundle_) {
      bundle_bytes_ -= bundles_.front().size();
      bundles_.pop_front();
    }
  }
  tiles_.Forget();
  for (const auto& [tile, bytes] : snapshot.tiles) {
    if (tile.width == kTileWidth) tiles_.RemovePartials(tile.level, tile.index);
  }
  AskCosigner();
  return absl::OkStatus();
}

absl::Status Ledger::Prune(uint64_t before, uint64_t gone, std::string reason) {
  const absl::MutexLock lock(&publishing_);  // the signer is nobody else's meanwhile
  return ledger::Prune(
      env_, options_.dir,
      PruneStatement(origin(), last_.checkpoint.size, before, env_.NowNs(), std::move(reason)), gone,
      *options_.signer);
}

LedgerState Ledger::State() const {
  absl::MutexLock lock(&mutex_);
  return state_;
}

void Ledger::Run() {
  const absl::Duration interval = absl::Milliseconds(options_.checkpoint_interval_ms);
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      const auto any = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return stopping_ || state_.size > state_.signed_size;
      };
      mutex_.Await(absl::Condition(&any));
      const auto enough = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return stopping_ || (state_.publish_error.ok() &&
                             (state_.size - state_.signed_size >= options_.checkpoint_records ||
                              PendingBytes() > options_.max_pending_bytes / 2));
      };
      mutex_.AwaitWithTimeout(absl::Condition(&enough), interval);
      if (stopping_) return;
    }
    Publish().IgnoreError();  // kept in the state
  }
}

}  // namespace taffrail::ledger
