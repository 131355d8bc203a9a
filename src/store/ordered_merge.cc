#include "store/ordered_merge.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "record/batch_gather.h"

namespace taffrail::store {
namespace {

// A run this long goes to the sink as it is: gathering costs more than another call.
constexpr size_t kDirectRows = 256;
// Interleaved rows are handed over in batches of this many rows or bytes.
constexpr size_t kGatherRows = 8192;
constexpr size_t kGatherBytes = size_t{8} << 20;
// Decoded blocks that may be held at once. Where more overlap, those not used for longest are dropped and
// read again: slow, but no multiple of the store's overlap in memory.
constexpr size_t kHeldBytes = size_t{96} << 20;

// Position in the order. Descending merges turn the signs, so that "less" always means "comes earlier".
struct Key {
  int64_t time;
  uint64_t sequence;
  friend auto operator<=>(const Key&, const Key&) = default;  // NOLINT(modernize-use-nullptr)
};

Key KeyOf(const record::RecordBatch& batch, size_t row, bool descending) {
  const int64_t time = batch.timestamp_ns[row];
  const uint64_t sequence = batch.sequence.empty() ? row : batch.sequence[row];
  return descending ? Key{~time, ~sequence} : Key{time, sequence};
}

// An opened source: its keys, and, while held, its rows.
struct Active {
  RowSource source;
  OpenedRows rows;  // batch is null when dropped
  std::vector<Key>
      keys;         // in the order of the merge; rows.rows[i] belongs to keys[i] or, descending, from the end
  size_t next = 0;  // first key that has not gone to the sink
  size_t memory_bytes = 0;
  uint64_t used = 0;  // when last

  const Key& head() const { return keys[next]; }
  bool done() const { return next == keys.size(); }
};

class Merger {
 public:
  Merger(std::vector<RowSource> sources, bool descending, const RowSink& sink)
      : waiting_(std::move(sources)), descending_(descending), sink_(sink) {}

  absl::Status Run();

 private:
  struct Piece {  // of rows to gather, in merge order
    Active* active;
    size_t first;  // key numbers
    size_t last;
  };

  // The rows of all pieces of one source.
  struct Held {
    std::shared_ptr<const record::RecordBatch> batch;
    expr::Selection rows;  // ascending
    size_t next = 0;       // in rows
    std::optional<record::BatchGather::Source> source;
  };

  int64_t Bound(const RowSource& source) const {
    return descending_ ? ~source.max_timestamp_ns : source.min_timestamp_ns;
  }
  bool MustOpen(const Active* best) const {
    return next_waiting_ < waiting_.size() &&
           (best == nullptr || Bound(waiting_[next_waiting_]) <= best->head().time);
  }
  Active* Best() const;
  absl::Status OpenNext();
  absl::Status Hold(Active& active);
  void DropOthers(const Active& keep);
  size_t RunEnd(const Active& best) const;
  expr::Selection RowsOf(const Active& active, size_t first, size_t last) const;
  absl::Status Emit(Active& active, size_t first, size_t last);
  absl::Status HoldPieces(Active& active, size_t first, size_t last, Held& held);
  absl::Status EmitPieces();
  absl::Status Send(const record::RecordBatch& batch, const expr::Selection& rows);

  std::vector<RowSource> waiting_;  // by bound, from next_waiting_
  size_t next_waiting_ = 0;
  const bool descending_;
  const RowSink& sink_;
  std::vector<std::unique_ptr<Active>> active_;
  std::vector<Piece> pieces_;
  size_t piece_rows_ = 0;
  size_t piece_bytes_ = 0;
  size_t held_bytes_ = 0;  // while pieces are gathered
  uint64_t clock_ = 0;
  bool stopped_ = false;
};

Active* Merger::Best() const {
  Active* best = nullptr;
  for (const auto& active : active_) {
    if (!active->done() && (best == nullptr || active->head() < best->head())) best = active.get();
  }
  return best;
}

absl::Status Merger::OpenNext() {
  auto active = std::make_unique<Active>();
  active->source = std::move(waiting_[next_waiting_++]);
  TAFFRAIL_RETURN_IF_ERROR(Hold(*active));
  const OpenedRows& rows = active->rows;
  if (rows.rows.empty()) return absl::OkStatus();
  active->keys.reserve(rows.rows.size());
  for (const uint32_t row : rows.rows) active->keys.push_back(KeyOf(*rows.batch, row, descending_));
  if (descending_) std::reverse(active->keys.begin(), active->keys.end());
  active_.push_back(std::move(active));
  return absl::OkStatus();
}

absl::Status Merger::Hold(Active& active) {
  active.used = ++clock_;
  if (active.rows.batch != nullptr) return absl::OkStatus();
  TAFFRAIL_RETURN_IF_ERROR(active.source.open(active.rows));
  if (active.rows.batch != nullptr) active.memory_bytes = active.rows.batch->MemoryBytes();
  DropOthers(active);
  return absl::OkStatus();
}

void Merger::DropOthers(const Active& keep) {
  size_t held = keep.memory_bytes;
  for (const auto& active : active_) {
    if (active.get() != &keep && active->rows.batch != nullptr) held += active->memory_bytes;
  }
  while (held > kHeldBytes) {
    Active* oldest = nullptr;
    for (const auto& active : active_) {
      if (active.get() == &keep || active->rows.batch == nullptr) continue;
      if (oldest == nullptr || active->used < oldest->used) oldest = active.get();
    }
    if (oldest == nullptr) return;
    oldest->rows = OpenedRows();
    held -= oldest->memory_bytes;
  }
}

// Up to where the best source's rows come before all others'.
size_t Merger::RunEnd(const Active& best) const {
  const auto begin = best.keys.begin() + static_cast<ptrdiff_t>(best.next);
  auto end = best.keys.end();
  for (const auto& other : active_) {
    if (other.get() == &best || other->done()) continue;
    // Runs are mostly short when sources interleave: look near before far.
    auto near = begin;
    for (ptrdiff_t step = 1; near != end && *near < other->head(); step *= 2) {
      near += std::min(step, end - near);
    }
    end = std::lower_bound(begin, near, other->head());
  }
  if (next_waiting_ < waiting_.size()) {
    const int64_t bound = Bound(waiting_[next_waiting_]);
    end = std::partition_point(begin, end, [bound](const Key& key) { return key.time < bound; });
  }
  return static_cast<size_t>(end - best.keys.begin());
}

// The row numbers of keys [first, last), ascending.
expr::Selection Merger::RowsOf(const Active& active, size_t first, size_t last) const {
  const expr::Selection& rows = active.rows.rows;
  const size_t begin = descending_ ? rows.size() - last : first;
  const auto from = rows.begin() + static_cast<ptrdiff_t>(begin);
  return expr::Selection(from, from + static_cast<ptrdiff_t>(last - first));
}

absl::Status Merger::Send(const record::RecordBatch& batch, const expr::Selection& rows) {
  if (stopped_) return absl::OkStatus();
  TAFFRAIL_ASSIGN_OR_RETURN(const bool more, sink_(batch, rows));
  stopped_ = !more;
  return absl::OkStatus();
}

absl::Status Merger::Emit(Active& active, size_t first, size_t last) {
  active.next = last;
  if (last - first >= kDirectRows || active_.size() == 1) {
    TAFFRAIL_RETURN_IF_ERROR(EmitPieces());
    TAFFRAIL_RETURN_IF_ERROR(Hold(active));
    return Send(*active.rows.batch, RowsOf(active, first, last));
  }
  pieces_.push_back({&active, first, last});
  piece_rows_ += last - first;
  piece_bytes_ += (last - first) * (active.memory_bytes / active.keys.size());
  return piece_rows_ >= kGatherRows || piece_bytes_ >= kGatherBytes ? EmitPieces() : absl::OkStatus();
}

// The pieces of one source, whose keys follow on each other. Held as it is, or, when memory is short, copied
// out.
absl::Status Merger::HoldPieces(Active& active, size_t first, size_t last, Held& held) {
  TAFFRAIL_RETURN_IF_ERROR(Hold(active));
  held.batch = active.rows.batch;
  held.rows = RowsOf(active, first, last);
  held_bytes_ += active.memory_bytes;
  if (held_bytes_ > kHeldBytes) {
    record::BatchGather gather;
    record::BatchGather::Source source(*held.batch);
    size_t taken = 0;
    for (const uint32_t row : held.rows) taken += gather.Append(source, row, row + 1);
    if (taken == held.rows.size()) {
      held.batch = std::make_shared<const record::RecordBatch>(gather.Finish());
      std::iota(held.rows.begin(), held.rows.end(), 0);
      held_bytes_ -= active.memory_bytes;
    }
  }
  held.source.emplace(*held.batch);
  return absl::OkStatus();
}

// Gathers the pieces, earliest row first, into as few batches as they fit.
absl::Status Merger::EmitPieces() {
  if (pieces_.empty()) return absl::OkStatus();
  std::map<Active*, std::pair<size_t, size_t>> ranges;
  for (const Piece& piece : pieces_) {
    const auto [it, added] = ranges.try_emplace(piece.active, piece.first, piece.last);
    if (!added) it->second.second = piece.last;
  }
  std::map<Active*, Held> held;
  held_bytes_ = 0;
  for (const auto& [active, range] : ranges) {
    TAFFRAIL_RETURN_IF_ERROR(HoldPieces(*active, range.first, range.second, held[active]));
  }
  if (descending_) std::reverse(pieces_.begin(), pieces_.end());
  record::BatchGather gather;
  std::vector<record::RecordBatch> batches;
  for (const Piece& piece : pieces_) {
    Held& from = held[piece.active];
    for (size_t n = piece.first; n < piece.last; ++n, ++from.next) {
      const uint32_t row = from.rows[from.next];
      if (gather.Append(*from.source, row, row + 1) == 1) continue;
      batches.push_back(gather.Finish());
      gather.Append(*from.source, row, row + 1);
    }
  }
  pieces_.clear();
  piece_rows_ = piece_bytes_ = 0;
  batches.push_back(gather.Finish());
  if (descending_) std::reverse(batches.begin(), batches.end());
  for (const record::RecordBatch& batch : batches) {
    expr::Selection all(batch.rows());
    std::iota(all.begin(), all.end(), 0);
    TAFFRAIL_RETURN_IF_ERROR(Send(batch, all));
  }
  return absl::OkStatus();
}

absl::Status Merger::Run() {
  std::stable_sort(waiting_.begin(), waiting_.end(),
                   [this](const RowSource& a, const RowSource& b) { return Bound(a) < Bound(b); });
  while (!stopped_) {
    Active* best = Best();
    if (MustOpen(best)) {
      TAFFRAIL_RETURN_IF_ERROR(OpenNext());
      continue;
    }
    if (best == nullptr) break;
    TAFFRAIL_RETURN_IF_ERROR(Emit(*best, best->next, RunEnd(*best)));
    const bool finished = best->done();
    if (!finished) continue;
    TAFFRAIL_RETURN_IF_ERROR(EmitPieces());  // pieces refer to it
    std::erase_if(active_, [best](const auto& active) { return active.get() == best; });
  }
  return stopped_ ? absl::OkStatus() : EmitPieces();
}

}  // namespace

OpenedRows InOrder(std::shared_ptr<const record::RecordBatch> batch, expr::Selection rows) {
  const auto before = [&](uint32_t a, uint32_t b) {
    return KeyOf(*batch, a, /*descending=*/false) < KeyOf(*batch, b, /*descending=*/false);
  };
  if (std::is_sorted(rows.begin(), rows.end(), before)) return {std::move(batch), std::move(rows)};
  std::sort(rows.begin(), rows.end(), before);
  OpenedRows result;
  result.batch = std::make_shared<const record::RecordBatch>(record::Reordered(*batch, rows));
  result.rows.resize(rows.size());
  std::iota(result.rows.begin(), result.rows.end(), 0);
  return result;
}

absl::Status MergeInOrder(std::vector<RowSource> sources, bool descending, const RowSink& sink) {
  return Merger(std::move(sources), descending, sink).Run();
}

}  // namespace taffrail::store
