#include "ledger/journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "audit/hash.h"
#include "base/bytes.h"
#include "base/hash.h"

namespace taffrail::ledger {
namespace {

constexpr std::string_view kPrefix = "journal.";
constexpr uint8_t kGroup = 1;
// Segments end after some MiB (ledger.cc) plus the largest group; more is not one of ours.
constexpr uint64_t kMaxSegmentBytes = uint64_t{2} << 30;

std::optional<uint64_t> Digits(std::string_view text) {
  const size_t zeros = std::min(text.find_first_not_of('0'), text.size() - 1);
  return text.empty() ? std::nullopt : audit::ParseDecimal(text.substr(zeros));
}

}  // namespace

uint64_t Journal::IdOf(const Segment& segment) {
  return base::Hash64(fmt::format("{:020}.{:010}", segment.first, segment.generation));
}

void Journal::AddEntry(std::string_view entry, std::string& entries) { base::PutString(entries, entry); }

absl::Status Journal::Replay(const Take& take) {
  segments_.clear();
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string> names, env_.List(dir_));
  for (const std::string& name : names) {
    if (!std::string_view(name).starts_with(kPrefix)) continue;
    const std::string_view numbers = std::string_view(name).substr(kPrefix.size());
    const size_t dot = numbers.find('.');
    const auto first = Digits(numbers.substr(0, dot));
    const auto generation = dot == std::string_view::npos ? std::nullopt : Digits(numbers.substr(dot + 1));
    if (!first || !generation) continue;
    segments_.push_back({*first, *generation, base::JoinPath(dir_, name)});
  }
  std::sort(segments_.begin(), segments_.end(),
            [](const Segment& a, const Segment& b) { return a.generation < b.generation; });
  uint64_t next = segments_.empty() ? 0 : segments_.front().first;
  for (size_t i = 0; i < segments_.size(); ++i) {
    next_generation_ = segments_[i].generation + 1;
    if (segments_[i].first > next) {
      return absl::DataLossError(
          fmt::format("{}: begins with record {}, and the journal before it ends with {}", segments_[i].path,
                      segments_[i].first, next));
    }
    // Entries that a later segment has as well are its own: their first writing had failed.
    uint64_t end = UINT64_MAX;
    for (size_t later = i + 1; later < segments_.size(); ++later) end = std::min(end, segments_[later].first);
    next = segments_[i].first;
    TAFFRAIL_RETURN_IF_ERROR(ReplaySegment(segments_[i], end, next, take));
  }
  end_ = next;
  return absl::OkStatus();
}

absl::Status Journal::ReplaySegment(const Segment& segment, uint64_t end, uint64_t& next, const Take& take) {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string bytes, base::ReadFile(env_, segment.path, kMaxSegmentBytes));
  store::FramedLogReader reader(bytes, IdOf(segment));
  store::LogRecord record;
  while (true) {
    const store::FramedLogReader::Outcome outcome = reader.Next(record);
    const auto damaged = [&](std::string_view what) {
      return absl::DataLossError(
          fmt::format("{} at offset {}: {}, where record {} of the ledger should be; "
                      "what was acknowledged from there on is damaged",
                      segment.path, reader.offset(), what, next));
    };
    if (outcome == store::FramedLogReader::Outcome::kDamaged) return damaged("a group that does not check");
    if (outcome != store::FramedLogReader::Outcome::kRecord) return absl::OkStatus();
    if (!reader.HeaderOk()) return damaged("whole groups behind a header that is not the file's");
    base::ByteReader group(record.payload);
    const uint64_t first = group.Varint();
    const uint64_t count = group.Varint();
    if (record.type != kGroup || !group.ok() || first != next)
      return damaged("a group that does not belong here");
    for (uint64_t i = 0; i < count; ++i, ++next) {
      const std::string_view entry = group.String();
      if (!group.ok()) return damaged("a group that is cut off");
      if (next >= end) return absl::OkStatus();
      TAFFRAIL_RETURN_IF_ERROR(take(next, entry, segment.path));
    }
  }
}

absl::Status Journal::Begin(uint64_t first) {
  Segment segment{first, next_generation_, {}};
  segment.path = base::JoinPath(dir_, fmt::format("{}{:020}.{:010}", kPrefix, first, next_generation_));
  TAFFRAIL_ASSIGN_OR_RETURN(auto writer, store::FramedLogWriter::Create(env_, segment.path, IdOf(segment)));
  // From here on the segment may be met by a replay, and then it ends the one before.
  ++next_generation_;
  segments_.push_back(segment);
  TAFFRAIL_RETURN_IF_ERROR(env_.SyncDir(dir_));
  writer_ = std::move(writer);
  return absl::OkStatus();
}

absl::Status Journal::Append(uint64_t first, uint64_t count, std::string_view entries) {
  if (writer_ == nullptr) TAFFRAIL_RETURN_IF_ERROR(Begin(first));
  const absl::Status status = writer_->Append(kGroup, [&](std::string& out) {
    base::PutVarint(out, first);
    base::PutVarint(out, count);
    out.append(entries);
  });
  if (status.ok()) {
    end_ = first + count;
  } else {
    writer_.reset();
  }
  return status;
}

void Journal::RemoveBelow(uint64_t size) {
  // One after the other, the oldest first: should a later one come back after a power failure, so does none
  // whose end it marks.
  while (!segments_.empty()) {
    const bool last = segments_.size() == 1;
    if (last ? (writer_ != nullptr || end_ > size) : segments_[1].first > size) return;
    const absl::Status removed = env_.Remove(segments_.front().path);
    if ((!removed.ok() && !absl::IsNotFound(removed)) || !env_.SyncDir(dir_).ok()) return;
    segments_.erase(segments_.begin());
  }
}

}  // namespace taffrail::ledger
