#include "store/frame_pieces.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/compression.h"

namespace taffrail::store {
namespace {

// A piece may be so much longer than asked for: a shorter rest behind it would compress badly.
constexpr size_t SlackOf(size_t piece_bytes) { return piece_bytes / 4; }

absl::Status Damaged() { return absl::DataLossError("pieces of a frame make no sense"); }

}  // namespace

std::vector<uint32_t> PieceEnds(size_t bytes, std::span<const uint32_t> cuts, size_t piece_bytes) {
  const size_t longest = piece_bytes + SlackOf(piece_bytes);
  std::vector<uint32_t> ends;
  size_t begin = 0;
  const auto end_at = [&](size_t end) {
    if (end > begin) ends.push_back(static_cast<uint32_t>(end));
    begin = std::max(begin, end);
  };
  size_t before = 0;  // the cut before
  const auto stretch_to = [&](size_t cut) {
    if (cut - begin > longest) end_at(before);
    while (cut - begin > longest) end_at(begin + piece_bytes);
    before = cut;
  };
  for (const uint32_t cut : cuts) {
    if (cut >= before + base::kMinStretchBytes && cut + base::kMinStretchBytes <= bytes) stretch_to(cut);
  }
  stretch_to(bytes);
  end_at(bytes);
  return ends;
}

void AppendPiece(std::string_view raw, std::span<const uint32_t> cuts, int zstd_level, std::string& table,
                 std::string& body) {
  const size_t before = body.size();
  if (base::ZstdCompress(raw, cuts, zstd_level, body).ok() && body.size() - before < raw.size()) {
    base::PutVarint(table, raw.size() << 1 | 1);
    base::PutVarint(table, body.size() - before);
    return;
  }
  body.resize(before);
  body.append(raw);
  base::PutVarint(table, raw.size() << 1);
}

absl::Status FramePieces::Open(const FrameParts& frame) {
  base::ByteReader reader(frame.stored);
  const uint64_t count = reader.Varint();
  if (count > reader.remaining()) return Damaged();
  pieces_.clear();
  pieces_.reserve(count);
  uint64_t raw_end = 0;
  uint64_t stored_end = 0;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t head = reader.Varint();
    const bool compressed = (head & 1) != 0;
    const uint64_t raw = head >> 1;
    const uint64_t stored = compressed ? reader.Varint() : raw;
    if (!reader.ok() || raw == 0 || raw > frame.raw_size || stored > frame.stored.size()) return Damaged();
    raw_end += raw;
    if (raw_end > frame.raw_size || stored_end + stored > frame.stored.size()) return Damaged();
    pieces_.push_back({.end = static_cast<uint32_t>(raw_end),
                       .stored_begin = static_cast<uint32_t>(stored_end),
                       .stored_bytes = static_cast<uint32_t>(stored),
                       .compressed = compressed});
    stored_end += stored;
  }
  if (raw_end != frame.raw_size || reader.remaining() != stored_end) return Damaged();
  stored_ = reader.Bytes(stored_end);
  return absl::OkStatus();
}

size_t FramePieces::PieceAt(size_t offset) const {
  const auto found = std::upper_bound(pieces_.begin(), pieces_.end(), offset,
                                      [](size_t at, const Piece& piece) { return at < piece.end; });
  return static_cast<size_t>(found - pieces_.begin());
}

absl::Status FramePieces::Read(size_t piece, char* raw) const {
  const Piece& of = pieces_[piece];
  const std::string_view stored = stored_.substr(of.stored_begin, of.stored_bytes);
  const uint32_t at = begin(piece);
  if (of.compressed) return base::ZstdDecompressInto(stored, raw + at, of.end - at);
  std::memcpy(raw + at, stored.data(), stored.size());
  return absl::OkStatus();
}

absl::Status FramePieces::ReadAll(char* raw) const {
  for (size_t piece = 0; piece < size(); ++piece) {
    if (!Read(piece, raw).ok()) return absl::DataLossError("frame does not decompress");
  }
  return absl::OkStatus();
}

absl::Status LazyFrame::Open(std::string_view data) {
  FrameParts frame;
  TAFFRAIL_RETURN_IF_ERROR(ParseFrame(data, frame));
  if (frame.codec == Codec::kPieces) {
    TAFFRAIL_RETURN_IF_ERROR(pieces_.Open(frame));
  } else if (frame.codec == Codec::kRaw && frame.raw_size != frame.stored.size()) {
    return absl::DataLossError("frame has a wrong size");
  }
  size_ = frame.raw_size;
  raw_ = std::make_unique_for_overwrite<char[]>(size_);
  if (frame.codec == Codec::kPieces) {
    loaded_.assign(pieces_.size(), false);
    there_begin_ = there_end_ = raw_.get();
    return absl::OkStatus();
  }
  there_begin_ = raw_.get();
  there_end_ = raw_.get() + size_;
  bytes_decoded_ = size_;
  if (frame.codec == Codec::kRaw) {
    std::memcpy(raw_.get(), frame.stored.data(), size_);
  } else if (!base::ZstdDecompressInto(frame.stored, raw_.get(), size_).ok()) {
    return absl::DataLossError("frame does not decompress");
  }
  return absl::OkStatus();
}

void LazyFrame::Load(const char* at, size_t size) {
  const auto begin = static_cast<size_t>(at - raw_.get());
  size = std::min(size, size_ - begin);
  if (size == 0 || loaded_.empty()) return;
  const size_t first = pieces_.PieceAt(begin);
  const size_t last = pieces_.PieceAt(begin + size - 1);
  for (size_t piece = first; piece <= last; ++piece) {
    if (loaded_[piece]) continue;
    loaded_[piece] = true;
    const size_t bytes = pieces_.end(piece) - pieces_.begin(piece);
    bytes_decoded_ += bytes;
    if (pieces_.Read(piece, raw_.get()).ok()) continue;
    ok_ = false;
    std::memset(raw_.get() + pieces_.begin(piece), 0, bytes);
  }
  there_begin_ = raw_.get() + pieces_.begin(first);
  there_end_ = raw_.get() + pieces_.end(last);
}

}  // namespace taffrail::store
