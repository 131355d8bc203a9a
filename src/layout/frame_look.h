// How the fields of a scope or a bound logger look in a line. Rendered once a frame, then copied: frames
// never change, and most lines share theirs with the line before.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "context/frame.h"
#include "layout/members.h"
#include "layout/out_buffer.h"

namespace taffrail::layout {

// An object of the line, or a part of one, in which fields stand.
struct FieldPlace {
  KeySet reserved;  // names that are the layout's own there
};

class FrameLook {
 public:
  struct Piece {
    std::string_view key;
    uint32_t hash;
    uint32_t begin, end;  // of text()
  };
  // "a":1,"b":2
  std::string_view text() const { return text_.view(); }
  const std::vector<Piece>& pieces() const { return pieces_; }
  std::string_view Text(const Piece& piece) const {
    return text().substr(piece.begin, piece.end - piece.begin);
  }
  // The value, as JSON, of a field that is lifted out; nothing when the frame has none of this name.
  std::string_view Lifted(size_t index) const { return lifted_[index]; }

 private:
  friend class FrameLooks;
  uint64_t serial_ = 0;  // the frame's; 0: nobody's
  const void* place_ = nullptr;
  OutBuffer text_;
  OutBuffer lifted_text_;
  std::string keys_;  // where the pieces' keys stand
  std::vector<Piece> pieces_;
  std::vector<std::string_view> lifted_;
};

// Not thread-safe.
class FrameLooks {
 public:
  // `lifted`: names of fields that stand by themselves elsewhere in the line.
  FrameLooks(MemberWriter& writer, const std::vector<std::string>& lifted);
  // Valid until the next call.
  const FrameLook& Of(detail::Frame& frame, const FieldPlace& place);

 private:
  // As many requests at once as threads of a busy service; each entry holds up to a few times
  // context::kFrameBytesMax.
  static constexpr size_t kLooks = 128;

  void Make(FrameLook& look, const detail::Frame& frame, const FieldPlace& place);

  MemberWriter& writer_;
  std::vector<std::string> lifted_;
  std::vector<FrameLook> looks_;
  std::vector<Member> members_;
};

}  // namespace taffrail::layout
