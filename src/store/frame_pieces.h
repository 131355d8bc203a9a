// A frame whose bytes are decompressed as they are asked for.
//
//   payload := varint pieces, each: varint raw bytes << 1 | compressed [compressed: varint stored bytes]
//              the pieces, one after the other: a zstd frame each, or as they are        docs/format/part.md
//
// A column of 65 536 values is a few planes of 64 KiB. Who wants five of its values wants a piece of each
// plane, and decompressing the rest would be most of what a look-up costs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "store/frame.h"

namespace taffrail::store {

// The pieces of a frame, in its payload.
class FramePieces {
 public:
  // Checks that they are as many bytes as the frame says. The payload must outlive this.
  [[nodiscard]] absl::Status Open(const FrameParts& frame);

  size_t size() const { return pieces_.size(); }
  uint32_t begin(size_t piece) const { return piece == 0 ? 0 : pieces_[piece - 1].end; }
  uint32_t end(size_t piece) const { return pieces_[piece].end; }
  // The piece that has the byte at `offset`. REQUIRES: offset < the frame's raw size.
  size_t PieceAt(size_t offset) const;

  // Writes a piece to its place in `raw`, which is that of the whole frame.
  [[nodiscard]] absl::Status Read(size_t piece, char* raw) const;
  [[nodiscard]] absl::Status ReadAll(char* raw) const;

 private:
  struct Piece {
    uint32_t end = 0;  // in the raw frame
    uint32_t stored_begin = 0;
    uint32_t stored_bytes = 0;
    bool compressed = false;
  };
  std::string_view stored_;
  std::vector<Piece> pieces_;
};

// The decompressed bytes of a frame, of which those are there that Need was called for.
class LazyFrame {
 public:
  // Takes a frame in pieces, which must outlive this; of any other all bytes are there at once.
  [[nodiscard]] absl::Status Open(std::string_view data);

  std::string_view raw() const { return {raw_.get(), size_}; }
  // Makes sure of the bytes [at, at + size), as far as the frame has them. REQUIRES: `at` within raw() or at
  // its end.
  void Need(const char* at, size_t size) {
    if (at >= there_begin_ && static_cast<size_t>(there_end_ - at) >= size && at <= there_end_) return;
    Load(at, size);
  }
  void NeedAll() { Need(raw_.get(), size_); }

  // False once a piece did not decompress; its bytes are then zeros.
  bool ok() const { return ok_; }
  size_t bytes_decoded() const { return bytes_decoded_; }

 private:
  void Load(const char* at, size_t size);

  FramePieces pieces_;
  std::unique_ptr<char[]> raw_;
  size_t size_ = 0;
  std::vector<bool> loaded_;  // by piece
  // A stretch of raw_ that is there, where the last call looked.
  const char* there_begin_ = nullptr;
  const char* there_end_ = nullptr;
  size_t bytes_decoded_ = 0;
  bool ok_ = true;
};

// Where pieces end: at cuts, and within long stretches at every `piece_bytes`; short stretches share one.
std::vector<uint32_t> PieceEnds(size_t bytes, std::span<const uint32_t> cuts, size_t piece_bytes);
// Appends the piece's entry to `table` and its bytes to `body`.
void AppendPiece(std::string_view raw, std::span<const uint32_t> cuts, int zstd_level, std::string& table,
                 std::string& body);

}  // namespace taffrail::store
