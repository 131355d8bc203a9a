#include "ingest/deduplicate.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "expr/field_values.h"
#include "record/batch_gather.h"

namespace taffrail::ingest {
namespace {

// A window leaves in so many steps, so that commits of one line do not make a chunk each.
constexpr int kSteps = 64;
constexpr size_t kChunkIds = 4096;

expr::Selection AllRows(const record::RecordBatch& batch) {
  expr::Selection rows(batch.rows());
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

}  // namespace

void Deduplicator::Claim::Settle(size_t rows, uint64_t end_sequence) {
  if (owner_ != nullptr) std::exchange(owner_, nullptr)->Settle(ticket_, ids_, rows, end_sequence);
}

Deduplicator::Deduplicator(DeduplicationOptions options, base::Env& env)
    : options_(std::move(options)), env_(env) {
  env_.Random({reinterpret_cast<char*>(&seed_), sizeof(seed_)});
}

// Texts and numbers that are not empty are ids, and compared as texts.
void Deduplicator::IdsOf(const record::RecordBatch& batch, const expr::Selection& rows, Ids& ids) const {
  const expr::FieldValues values(batch, {expr::FieldRef::Source::kField, options_.field}, rows);
  ids.resize(rows.size());
  std::string text;
  for (size_t i = 0; i < rows.size(); ++i) {
    const expr::FieldValues::Source& source = values.sources()[values.source(i)];
    std::string_view id;
    if (source.column != nullptr && source.column->key.kind == record::Kind::kString) {
      id = source.column->text(values.index(i));
    } else {
      const expr::Value value = values.Read(i);
      if (std::holds_alternative<std::string>(value) || std::holds_alternative<int64_t>(value) ||
          std::holds_alternative<expr::Number>(value)) {
        id = text = expr::ToText(value);
      }
    }
    ids[i] = id.empty() ? base::Hash128() : base::HashTo128(id, seed_);
  }
}

absl::Status Deduplicator::Refill(store::Store& store) {
  const uint64_t end = store.Info().next_sequence;
  store::ScanRequest request;
  request.columns.fields.push_back({expr::FieldRef::Source::kField, options_.field});
  request.from_sequence = end - std::min(end, options_.window_lines);
  std::vector<std::pair<uint64_t, base::Hash128>> found;
  Ids ids;
  const auto take = [&](const record::RecordBatch& batch, const expr::Selection& rows) {
    IdsOf(batch, rows, ids);
    for (size_t i = 0; i < rows.size(); ++i) {
      const uint64_t sequence = batch.sequence[rows[i]];
      if (sequence >= request.from_sequence && ids[i] != base::Hash128()) found.push_back({sequence, ids[i]});
    }
    return true;
  };
  TAFFRAIL_RETURN_IF_ERROR(store.Scan(request, take, nullptr));
  std::ranges::sort(found, {}, [](const auto& entry) { return entry.first; });
  const int64_t now_ns = env_.MonotonicNs();
  absl::MutexLock lock(&mutex_);
  // Lines stored twice while nobody looked count where they are newest.
  absl::flat_hash_set<base::Hash128, IdHash> seen;
  std::vector<bool> newest(found.size());
  for (size_t i = found.size(); i-- > 0;) newest[i] = seen.insert(found[i].second).second;
  seen = {};
  for (size_t i = 0; i < found.size();) {
    Ids chunk;
    uint64_t chunk_end = 0;
    const uint64_t step_end = found[i].first + std::max<uint64_t>(1, options_.window_lines / kSteps);
    for (; i < found.size() && chunk.size() < kChunkIds && found[i].first < step_end; ++i) {
      if (newest[i]) chunk.push_back(found[i].second);
      chunk_end = found[i].first + 1;
    }
    Accept(std::move(chunk), chunk_end, now_ns);
  }
  end_sequence_ = end;
  Forget(now_ns);
  return absl::OkStatus();
}

uint64_t Deduplicator::HolderOf(const Ids& ids) const {
  if (under_way_.empty()) return 0;
  for (const base::Hash128& id : ids) {
    const auto found = under_way_.find(id);
    if (found != under_way_.end()) return found->second;
  }
  return 0;
}

Deduplicator::Claim Deduplicator::Take(record::RecordBatch& batch) {
  Claim claim;
  IdsOf(batch, AllRows(batch), claim.ids_);
  if (std::ranges::all_of(claim.ids_, [](const base::Hash128& id) { return id == base::Hash128(); })) {
    claim.ids_.clear();  // the commit still moves the window on, with the next that has ids
    return claim;
  }
  expr::Selection kept;
  {
    absl::MutexLock lock(&mutex_);
    // All ids or none: two commits that wait for each other's would wait for ever.
    for (uint64_t holder = HolderOf(claim.ids_); holder != 0; holder = HolderOf(claim.ids_)) {
      const auto settled = [this, holder]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return !open_tickets_.contains(holder);
      };
      mutex_.Await(absl::Condition(&settled));
    }
    Forget(env_.MonotonicNs());
    claim.owner_ = this;
    claim.ticket_ = ++last_ticket_;
    open_tickets_.insert(claim.ticket_);
    for (uint32_t row = 0; row < claim.ids_.size(); ++row) {
      const base::Hash128& id = claim.ids_[row];
      const bool is_new = id == base::Hash128() ||
                          (!accepted_.contains(id) && under_way_.try_emplace(id, claim.ticket_).second);
      if (is_new) kept.push_back(row);
    }
    duplicates_ += claim.ids_.size() - kept.size();
  }
  if (kept.size() == claim.ids_.size()) return claim;
  for (size_t i = 0; i < kept.size(); ++i) claim.ids_[i] = claim.ids_[kept[i]];
  claim.ids_.resize(kept.size());
  batch = kept.empty() ? record::RecordBatch() : record::Reordered(batch, kept);
  return claim;
}

void Deduplicator::Settle(uint64_t ticket, const Ids& ids, size_t rows, uint64_t end_sequence) {
  const int64_t now_ns = env_.MonotonicNs();
  absl::MutexLock lock(&mutex_);
  Ids durable;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] == base::Hash128()) continue;
    under_way_.erase(ids[i]);
    if (i < rows) durable.push_back(ids[i]);
  }
  open_tickets_.erase(ticket);
  if (durable.empty()) return;
  Accept(std::move(durable), end_sequence, now_ns);
  Forget(now_ns);
}

void Deduplicator::Accept(Ids ids, uint64_t end_sequence, int64_t now_ns) {
  for (const base::Hash128& id : ids) accepted_.insert(id);
  // Commits side by side may settle in another order than the store has numbered them.
  const uint64_t begin_sequence = std::exchange(end_sequence_, std::max(end_sequence_, end_sequence));
  if (!chunks_.empty()) {
    Chunk& last = chunks_.back();
    const bool fits =
        last.ids.size() + ids.size() <= kChunkIds &&
        end_sequence_ - std::min(last.begin_sequence, end_sequence_) <= options_.window_lines / kSteps &&
        (options_.window_ns == 0 || now_ns - last.begin_ns <= options_.window_ns / kSteps);
    if (fits) {
      last.ids.insert(last.ids.end(), ids.begin(), ids.end());
      last.end_sequence = end_sequence_;
      last.end_ns = now_ns;
      return;
    }
  }
  chunks_.push_back({begin_sequence, end_sequence_, now_ns, now_ns, std::move(ids)});
}

void Deduplicator::Forget(int64_t now_ns) {
  while (!chunks_.empty()) {
    const Chunk& oldest = chunks_.front();
    const bool too_many = oldest.end_sequence + options_.window_lines <= end_sequence_;
    const bool too_old = options_.window_ns > 0 && oldest.end_ns + options_.window_ns < now_ns;
    if (!too_many && !too_old) return;
    if (options_.window_ns > 0 && !too_old) left_early_ += oldest.ids.size();
    for (const base::Hash128& id : oldest.ids) accepted_.erase(id);
    chunks_.pop_front();
  }
}

DeduplicationCounts Deduplicator::counts() const {
  absl::MutexLock lock(&mutex_);
  return {duplicates_, accepted_.size(), left_early_};
}

}  // namespace taffrail::ingest
