// Replay: from segments on the disk back to batches.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "base/bytes.h"
#include "store/wal_format.h"

namespace taffrail::store {
namespace {

// A segment is at most a few memtables, or one group (kMaxLogRecordBytes).
constexpr uint64_t kMaxSegmentBytes = uint64_t{4} << 30;

class Replayer {
 public:
  // complain == nullptr: the first damage ends it.
  Replayer(base::Env& env, const std::string& dir, uint64_t flushed_sequence, const WalVisitor& visit,
           const std::function<void(std::string)>* complain)
      : env_(env), dir_(dir), flushed_sequence_(flushed_sequence), visit_(visit), complain_(complain) {}

  absl::StatusOr<WalReplay> Run();

 private:
  struct Found {
    bool has_begin = false;
    WalSegment before;
  };

  absl::Status List();
  absl::StatusOr<Found> ReadBegin(uint64_t id);
  std::vector<WalSegment> Chain();
  absl::Status ReplaySegment(WalSegment& segment, bool last);
  absl::Status ReplayRecord(const LogRecord& record, const std::string& name, WalSegment& segment);
  absl::Status ReplayGroup(const WalGroup& group, const std::string& place);
  void DecideLast();
  // Reports damage; an error when it ends the replay.
  absl::Status Damage(const std::string& name, uint64_t offset, std::string_view what);

  base::Env& env_;
  const std::string& dir_;
  const uint64_t flushed_sequence_;
  const WalVisitor& visit_;
  const std::function<void(std::string)>* complain_;
  std::map<uint64_t, Found> found_;
  bool any_group_ = false;
  uint64_t expected_sequence_ = 0;
  uint64_t last_group_ = 0;  // offset of the segment's last group record; 0: none yet
  WalReplay result_;
};

absl::Status Replayer::Damage(const std::string& name, uint64_t offset, std::string_view what) {
  std::string message = fmt::format("{}: at byte {}: {}", base::JoinPath(dir_, name), offset, what);
  if (complain_ == nullptr) return absl::DataLossError(message + "; try `taffrail store repair`");
  (*complain_)(std::move(message));
  return absl::OkStatus();
}

absl::StatusOr<Replayer::Found> Replayer::ReadBegin(uint64_t id) {
  const std::string name = WalName(id);
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string data,
                            base::ReadFile(env_, base::JoinPath(dir_, name), kMaxSegmentBytes));
  Found found;
  LogRecord record;
  FramedLogReader reader(data, id);
  const FramedLogReader::Outcome outcome = reader.Next(record);
  const bool whole = outcome == FramedLogReader::Outcome::kRecord;
  std::string_view repeated;
  found.has_begin = whole && reader.HeaderOk() && record.type == kWalBegin &&
                    ParseWalBegin(record.payload, found.before, repeated);
  if (found.has_begin) return found;
  // A crash while the segment was made leaves nothing whole in it.
  if (whole || outcome == FramedLogReader::Outcome::kDamaged) {
    TAFFRAIL_RETURN_IF_ERROR(Damage(name, 0, "the beginning is damaged"));
    found.has_begin = true;  // salvage: take what follows
  }
  return found;
}

absl::Status Replayer::List() {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string> names, env_.List(dir_));
  for (const std::string& name : names) {
    uint64_t id = 0;
    if (!ParseWalName(name, id)) continue;
    TAFFRAIL_ASSIGN_OR_RETURN(found_[id], ReadBegin(id));
    result_.next_segment_id = std::max(result_.next_segment_id, id + 1);
  }
  return absl::OkStatus();
}

// The segments that count, oldest first, with the durable bytes that their successors vouch for; 0 for the
// last.
std::vector<WalSegment> Replayer::Chain() {
  std::vector<WalSegment> chain;
  WalSegment next;
  for (auto it = found_.rbegin(); it != found_.rend(); ++it) {
    if (it->second.has_begin && (chain.empty() || it->first == next.id || complain_ != nullptr)) {
      chain.push_back({.id = it->first, .bytes = it->first == next.id ? next.bytes : 0});
      next = it->second.before;
    } else {
      result_.unused.push_back(it->first);
    }
  }
  std::reverse(chain.begin(), chain.end());
  return chain;
}

absl::Status Replayer::ReplaySegment(WalSegment& segment, bool last) {
  const std::string name = WalName(segment.id);
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string data,
                            base::ReadFile(env_, base::JoinPath(dir_, name), kMaxSegmentBytes));
  std::string_view durable = data;
  if (!last && segment.bytes > 0) {
    if (data.size() < segment.bytes)
      TAFFRAIL_RETURN_IF_ERROR(Damage(name, data.size(), "the end is missing"));
    durable = durable.substr(0, segment.bytes);
  }
  FramedLogReader reader(durable, segment.id);
  for (LogRecord record;;) {
    const FramedLogReader::Outcome outcome = reader.Next(record);
    if (outcome == FramedLogReader::Outcome::kEnd) break;
    if (outcome == FramedLogReader::Outcome::kRecord) {
      TAFFRAIL_RETURN_IF_ERROR(ReplayRecord(record, name, segment));
      continue;
    }
    const bool torn = outcome == FramedLogReader::Outcome::kTorn;
    if (torn && last) {
      result_.torn_bytes = data.size() - reader.offset();
      break;
    }
    TAFFRAIL_RETURN_IF_ERROR(Damage(name, reader.offset(), "damaged record"));
    if (torn) break;
    reader.SkipDamage();
  }
  segment.bytes = reader.offset();
  return absl::OkStatus();
}

absl::Status Replayer::ReplayRecord(const LogRecord& record, const std::string& name, WalSegment& segment) {
  std::string_view payload = record.payload;
  if (record.type == kWalBegin) {
    WalSegment before;
    if (!ParseWalBegin(record.payload, before, payload))
      return Damage(name, record.offset, "record makes no sense");
    if (payload.empty()) return absl::OkStatus();
  }
  WalGroup group;
  if ((record.type != kWalGroup && record.type != kWalBegin) || !ParseWalGroup(payload, group)) {
    return Damage(name, record.offset, "record makes no sense");
  }
  const bool gap =
      any_group_ ? group.first_sequence != expected_sequence_ : group.first_sequence > flushed_sequence_;
  if (gap && group.end_sequence() > flushed_sequence_) {
    TAFFRAIL_RETURN_IF_ERROR(Damage(
        name, record.offset, fmt::format("rows before sequence {} are missing", group.first_sequence)));
  }
  any_group_ = true;
  expected_sequence_ = segment.end_sequence = group.end_sequence();
  // Maybe the last of all: the next segment repeats it, see wal.h.
  last_group_ = record.type == kWalGroup ? record.offset : 0;
  result_.repeated = group.end_sequence() > flushed_sequence_ ? payload : std::string_view();
  return ReplayGroup(group, fmt::format("{}: at byte {}", base::JoinPath(dir_, name), record.offset));
}

absl::Status Replayer::ReplayGroup(const WalGroup& group, const std::string& place) {
  uint64_t sequence = group.first_sequence;
  for (const WalEntry& entry : group.entries) {
    const uint64_t first = sequence;
    sequence += entry.rows;
    if (first < flushed_sequence_ || entry.rows == 0) continue;  // in a part already
    uint64_t line_bytes = 0;
    absl::StatusOr<record::RecordBatch> batch = DecodeWalEntry(entry, place, line_bytes);
    if (!batch.ok()) {
      if (complain_ == nullptr) return batch.status();
      (*complain_)(std::string(batch.status().message()));
      continue;
    }
    batch->sequence.resize(entry.rows);
    std::iota(batch->sequence.begin(), batch->sequence.end(), first);
    visit_(*std::move(batch), line_bytes);
  }
  return absl::OkStatus();
}

// Of the last segment counts what was followed by another write, and therefore synced.
void Replayer::DecideLast() {
  if (result_.segments.empty()) return;
  result_.last = result_.segments.back();
  if (last_group_ > 0) {
    result_.last.bytes = last_group_;
  } else {  // not even its "begin"
    result_.unused.push_back(result_.last.id);
    result_.last = found_[result_.last.id].before;
    result_.segments.pop_back();
  }
  result_.last.end_sequence = result_.next_sequence;
}

absl::StatusOr<WalReplay> Replayer::Run() {
  TAFFRAIL_RETURN_IF_ERROR(List());
  result_.segments = Chain();
  for (WalSegment& segment : result_.segments) {
    last_group_ = 0;
    result_.repeated.clear();
    TAFFRAIL_RETURN_IF_ERROR(ReplaySegment(segment, segment.id == result_.segments.back().id));
  }
  result_.next_sequence = std::max(flushed_sequence_, expected_sequence_);
  DecideLast();
  return std::move(result_);
}

}  // namespace

absl::StatusOr<WalReplay> ReplayWal(base::Env& env, const std::string& dir, uint64_t flushed_sequence,
                                    const WalVisitor& visit) {
  return Replayer(env, dir, flushed_sequence, visit, nullptr).Run();
}

absl::StatusOr<WalReplay> SalvageWal(base::Env& env, const std::string& dir, uint64_t flushed_sequence,
                                     const WalVisitor& visit,
                                     const std::function<void(std::string)>& complain) {
  return Replayer(env, dir, flushed_sequence, visit, &complain).Run();
}

}  // namespace taffrail::store
