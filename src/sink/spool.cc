#include "sink/spool.h"

#include <algorithm>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/hash.h"

namespace taffrail::sink {
namespace {

constexpr char kMagic[] = "TFSPOOL\1";  // the last byte is the version
constexpr size_t kMagicBytes = 8;
constexpr size_t kSegmentHeadBytes = kMagicBytes + sizeof(uint64_t);
constexpr uint32_t kFrameMagic = 0x46537454;  // "TtSF"
constexpr size_t kFrameHeadBytes = 4 + 4 + 4 + 4 + 8;
constexpr size_t kCursorBytes = 8 + 8 + 8;

// Lines of one frame are read, delivered and, when damaged, lost together; a frame of its own for each line
// would cost as much again as a short line.
constexpr size_t kFrameBytes = size_t{256} << 10;
// A line has at most 4 MiB. A reader allocates no more on the word of a file.
constexpr uint32_t kMaxFrameBytes = uint32_t{64} << 20;
// A spool is given back segment by segment: an eighth of it, but no more than is read back in one piece to
// find where damage ends, and no less than a block of the file system.
constexpr uint64_t kMaxSegmentBytes = uint64_t{16} << 20;
constexpr uint64_t kMinSegmentBytes = uint64_t{4} << 10;
constexpr int kDirs = 16;  // processes that are given the same directory

std::string FrameHead(uint64_t id, uint64_t offset, std::string_view payload, size_t lines) {
  std::string head;
  base::PutFixed(head, kFrameMagic);
  base::PutFixed(head, static_cast<uint32_t>(payload.size()));
  base::PutFixed(head, static_cast<uint32_t>(lines));
  // The place is part of it: a frame that was copied elsewhere, or left by an older file, is none.
  base::PutFixed(head, static_cast<uint32_t>(base::Hash64(head, id + offset)));
  base::PutFixed(head, base::Hash64(payload, id));
  return head;
}

void AppendLine(const Entry& entry, std::string& out) {
  out.push_back(static_cast<char>(entry.level));
  out.push_back(static_cast<char>(entry.category));
  base::PutFixed(out, entry.time_ns);
  base::PutString(out, entry.logger);
  base::PutString(out, entry.line);
}

bool ParseLines(std::string_view payload, uint32_t lines, OwnedLines& out) {
  std::vector<Entry> entries;
  base::ByteReader reader(payload);
  for (uint32_t i = 0; i < lines && reader.ok(); ++i) {
    Entry entry{};
    entry.level = static_cast<Level>(reader.Fixed<uint8_t>());
    const auto category = reader.Fixed<uint8_t>();
    if (category > static_cast<uint8_t>(Category::kSecurity)) return false;
    entry.category = static_cast<Category>(category);
    entry.time_ns = reader.Fixed<int64_t>();
    entry.logger = reader.String();
    entry.line = reader.String();
    entries.push_back(entry);
  }
  if (!reader.ok() || !reader.AtEnd()) return false;
  for (const Entry& entry : entries) out.Add(entry);
  return true;
}

std::optional<uint64_t> ParseName(std::string_view name) {
  constexpr std::string_view kSuffix = ".spool";
  constexpr size_t kDigits = 20;
  if (name.size() != kDigits + kSuffix.size() || !name.ends_with(kSuffix)) return std::nullopt;
  uint64_t number = 0;
  for (const char c : name.substr(0, kDigits)) {
    if (c < '0' || c > '9' || number > std::numeric_limits<uint64_t>::max() / 100) return std::nullopt;
    number = number * 10 + static_cast<uint64_t>(c - '0');
  }
  return number;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Spool>> Spool::Open(base::Env& env, const SpoolOptions& options) {
  std::unique_ptr<Spool> spool;
  std::vector<std::string> others;
  for (int i = 1; i <= kDirs; ++i) {
    SpoolOptions own = options;
    if (i > 1) own.dir += "." + std::to_string(i);
    if (spool != nullptr) {
      others.push_back(own.dir);
      continue;
    }
    TAFFRAIL_RETURN_IF_ERROR(env.CreateDirs(own.dir));
    auto lock = env.Lock(base::JoinPath(own.dir, "lock"));
    if (lock.ok()) {
      spool.reset(new Spool(env, own, *std::move(lock)));
    } else if (!absl::IsFailedPrecondition(lock.status())) {
      return lock.status();
    }
  }
  if (spool == nullptr) return absl::FailedPreconditionError(options.dir + ": in use");
  TAFFRAIL_RETURN_IF_ERROR(spool->Load());
  for (const std::string& dir : others) TAFFRAIL_RETURN_IF_ERROR(spool->Adopt(dir));
  return spool;
}

absl::Status Spool::Load() {
  TAFFRAIL_ASSIGN_OR_RETURN(const auto names, env_.List(options_.dir));
  absl::MutexLock lock(&mutex_);
  for (const std::string& name : names) {
    const auto number = ParseName(name);
    if (!number) continue;
    TAFFRAIL_ASSIGN_OR_RETURN(const uint64_t size, env_.FileSize(Path(*number)));
    segments_.push_back({*number, size});
    bytes_ += size;
    next_number_ = *number + 1;
  }
  // Damaged, or not there: then from the beginning, and some lines arrive twice.
  const auto cursor = base::ReadFile(env_, base::JoinPath(options_.dir, "cursor"), kCursorBytes);
  if (cursor.ok() && cursor->size() == kCursorBytes) {
    base::ByteReader reader(*cursor);
    const Position at{reader.Fixed<uint64_t>(), reader.Fixed<uint64_t>()};
    if (reader.Fixed<uint64_t>() == base::Hash64({cursor->data(), kCursorBytes - 8})) read_ = done_ = at;
  }
  next_number_ = std::max(next_number_, done_.segment + 1);
  return absl::OkStatus();
}

absl::Status Spool::Adopt(const std::string& dir) {
  const auto names = env_.List(dir);
  if (!names.ok()) return absl::OkStatus();  // nobody needed it yet
  const auto lock = env_.Lock(base::JoinPath(dir, "lock"));
  if (!lock.ok()) return absl::OkStatus();
  absl::MutexLock own(&mutex_);
  for (const std::string& name : *names) {
    if (!ParseName(name)) continue;
    TAFFRAIL_ASSIGN_OR_RETURN(const uint64_t size, env_.FileSize(base::JoinPath(dir, name)));
    TAFFRAIL_RETURN_IF_ERROR(env_.Rename(base::JoinPath(dir, name), Path(next_number_)));
    segments_.push_back({next_number_++, size});
    bytes_ += size;
  }
  return absl::OkStatus();
}

std::string Spool::Path(uint64_t number) const {
  return base::JoinPath(options_.dir, fmt::format("{:020}.spool", number));
}

uint64_t Spool::SegmentBytes() const {
  return std::clamp(options_.max_bytes / 8, kMinSegmentBytes, kMaxSegmentBytes);
}

size_t Spool::Append(std::span<const Entry> entries, absl::Status& why) {
  absl::MutexLock lock(&mutex_);
  size_t done = 0;
  std::string payload;
  while (done < entries.size()) {
    payload.clear();
    size_t end = done;
    const uint64_t enough = std::min<uint64_t>(kFrameBytes, SegmentBytes());
    while (end < entries.size() && payload.size() < enough) AppendLine(entries[end++], payload);
    if (payload.size() > kMaxFrameBytes) {
      why = absl::InvalidArgumentError("a line too large to be spooled");
      return done;
    }
    why = AppendFrame(payload, end - done);
    if (!why.ok()) return done;
    done = end;
  }
  return done;
}

absl::Status Spool::AppendFrame(std::string_view payload, size_t lines) {
  if (bytes_ + kFrameHeadBytes + payload.size() > options_.max_bytes)
    return absl::ResourceExhaustedError(fmt::format("the spool has its {} bytes", options_.max_bytes));
  if (active_ != nullptr && segments_.back().size >= SegmentBytes()) active_ = nullptr;
  if (active_ == nullptr) TAFFRAIL_RETURN_IF_ERROR(NewSegment());
  Segment& segment = segments_.back();
  std::string frame = FrameHead(active_id_, segment.size, payload, lines);
  frame.append(payload);
  const absl::Status status = active_->Append(frame);
  if (status.ok()) {
    segment.size += frame.size();
    bytes_ += frame.size();
    return status;
  }
  // How much of it is there is unknown; nothing comes after it in this file.
  active_ = nullptr;
  const uint64_t size = env_.FileSize(Path(segment.number)).value_or(segment.size + frame.size());
  bytes_ += size - std::min(size, segment.size);
  segment.size = std::max(size, segment.size);
  return status;
}

absl::Status Spool::NewSegment() {
  env_.Random({reinterpret_cast<char*>(&active_id_), sizeof(active_id_)});
  std::string head(kMagic, kMagicBytes);
  base::PutFixed(head, active_id_);
  TAFFRAIL_ASSIGN_OR_RETURN(auto file, env_.Create(Path(next_number_)));
  TAFFRAIL_RETURN_IF_ERROR(file->Append(head));  // else the next attempt takes the same number
  segments_.push_back({next_number_++, head.size()});
  bytes_ += head.size();
  active_ = std::move(file);
  return absl::OkStatus();
}

Spool::Position Spool::end() const {
  absl::MutexLock lock(&mutex_);
  return segments_.empty() ? Position{} : Position{segments_.back().number, segments_.back().size};
}

uint64_t Spool::bytes() const {
  absl::MutexLock lock(&mutex_);
  return bytes_;
}

bool Spool::FindSegment(Segment& segment, bool& closed) {
  absl::MutexLock lock(&mutex_);
  for (const Segment& candidate : segments_) {
    const uint64_t from = candidate.number == read_.segment ? read_.offset : 0;
    if (candidate.number < read_.segment || from >= candidate.size) continue;
    read_ = {candidate.number, from};
    segment = candidate;
    closed = active_ == nullptr || candidate.number != segments_.back().number;
    return true;
  }
  return false;
}

absl::Status Spool::OpenReader(const Segment& segment) {
  if (reader_ != nullptr && reader_number_ == segment.number && reader_->size() >= segment.size)
    return absl::OkStatus();
  TAFFRAIL_ASSIGN_OR_RETURN(reader_, env_.OpenRead(Path(segment.number)));
  reader_number_ = segment.number;
  std::string head(kSegmentHeadBytes, '\0');
  reader_id_ = 0;  // of no segment: every frame of it looks damaged
  if (reader_->Read(0, head.size(), head.data()).ok() && head.starts_with({kMagic, kMagicBytes})) {
    base::ByteReader bytes(std::string_view(head).substr(kMagicBytes));
    reader_id_ = bytes.Fixed<uint64_t>();
  }
  return absl::OkStatus();
}

bool Spool::ParseFrame(std::string_view head, uint64_t offset, Frame& frame) const {
  if (head.size() < kFrameHeadBytes) return false;
  base::ByteReader reader(head);
  if (reader.Fixed<uint32_t>() != kFrameMagic) return false;
  frame.payload_at = offset + kFrameHeadBytes;
  frame.payload_size = reader.Fixed<uint32_t>();
  frame.lines = reader.Fixed<uint32_t>();
  const auto check = reader.Fixed<uint32_t>();
  frame.checksum = reader.Fixed<uint64_t>();
  return check == static_cast<uint32_t>(base::Hash64(head.substr(0, 12), reader_id_ + offset)) &&
         frame.payload_size <= kMaxFrameBytes;
}

absl::Status Spool::Read(size_t max_bytes, size_t max_lines, OwnedLines& out) {
  Segment segment;
  bool closed = false;
  while (out.bytes() < max_bytes && out.lines() < max_lines && FindSegment(segment, closed)) {
    TAFFRAIL_RETURN_IF_ERROR(OpenReader(segment));
    // Smaller than it was: somebody truncated it, and the rest is gone.
    segment.size = closed ? std::min(segment.size, reader_->size()) : segment.size;
    if (read_.offset < kSegmentHeadBytes) read_.offset = kSegmentHeadBytes;
    if (read_.offset < segment.size) TAFFRAIL_RETURN_IF_ERROR(ReadFrame(segment, out));
    if (read_.offset < segment.size) continue;
    if (closed) read_.offset = std::numeric_limits<uint64_t>::max();  // nothing more comes in this one
  }
  return absl::OkStatus();
}

absl::Status Spool::ReadFrame(const Segment& segment, OwnedLines& out) {
  std::string head(std::min<uint64_t>(kFrameHeadBytes, segment.size - read_.offset), '\0');
  TAFFRAIL_RETURN_IF_ERROR(reader_->Read(read_.offset, head.size(), head.data()));
  Frame frame;
  if (!ParseFrame(head, read_.offset, frame)) return SkipDamage(segment);
  const uint64_t end = frame.payload_at + frame.payload_size;
  if (end > segment.size) return SkipDamage(segment);
  std::string payload(frame.payload_size, '\0');
  TAFFRAIL_RETURN_IF_ERROR(reader_->Read(frame.payload_at, payload.size(), payload.data()));
  if (base::Hash64(payload, reader_id_) != frame.checksum || !ParseLines(payload, frame.lines, out))
    return SkipDamage(segment);
  read_.offset = end;
  return absl::OkStatus();
}

absl::Status Spool::SkipDamage(const Segment& segment) {
  std::string rest(segment.size - read_.offset, '\0');
  TAFFRAIL_RETURN_IF_ERROR(reader_->Read(read_.offset, rest.size(), rest.data()));
  const std::string_view magic(reinterpret_cast<const char*>(&kFrameMagic), sizeof(kFrameMagic));
  for (size_t at = rest.find(magic, 1); at != std::string::npos; at = rest.find(magic, at + 1)) {
    Frame frame;
    const bool found =
        ParseFrame(std::string_view(rest).substr(at, kFrameHeadBytes), read_.offset + at, frame);
    if (!found) continue;
    ++damaged_;
    read_.offset += at;
    return absl::OkStatus();
  }
  read_.offset = segment.size;  // a torn tail: what a process was writing when it ended
  return absl::OkStatus();
}

absl::Status Spool::Done() {
  if (read_ == done_) return absl::OkStatus();
  done_ = read_;
  TAFFRAIL_RETURN_IF_ERROR(WriteCursor());
  absl::MutexLock lock(&mutex_);
  while (!segments_.empty()) {
    const Segment front = segments_.front();
    const bool dealt_with =
        front.number < done_.segment || (front.number == done_.segment && done_.offset >= front.size);
    const bool active = active_ != nullptr && segments_.size() == 1;
    // The one that is being written goes as well when it has some size: its room may be needed.
    if (!dealt_with || (active && front.size < SegmentBytes() / 2)) break;
    if (active) active_ = nullptr;
    TAFFRAIL_RETURN_IF_ERROR(env_.Remove(Path(front.number)));
    bytes_ -= std::min(bytes_, front.size);
    segments_.pop_front();
  }
  return absl::OkStatus();
}

absl::Status Spool::WriteCursor() const {
  std::string cursor;
  base::PutFixed(cursor, done_.segment);
  base::PutFixed(cursor, done_.offset);
  base::PutFixed(cursor, base::Hash64(cursor));
  const std::string path = base::JoinPath(options_.dir, "cursor");
  TAFFRAIL_ASSIGN_OR_RETURN(auto file, env_.Create(path + ".tmp"));
  TAFFRAIL_RETURN_IF_ERROR(file->Append(cursor));
  TAFFRAIL_RETURN_IF_ERROR(file->Close());
  return env_.Rename(path + ".tmp", path);
}

}  // namespace taffrail::sink
