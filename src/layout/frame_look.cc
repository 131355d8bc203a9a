#include "layout/frame_look.h"

#include <algorithm>
#include <atomic>

namespace taffrail::layout {
namespace {

std::atomic<uint64_t> last_serial{0};

uint64_t SerialOf(detail::Frame& frame) {
  uint64_t serial = frame.serial.load(std::memory_order_relaxed);
  if (serial != 0) return serial;
  const uint64_t fresh = last_serial.fetch_add(1, std::memory_order_relaxed) + 1;
  return frame.serial.compare_exchange_strong(serial, fresh, std::memory_order_relaxed) ? fresh : serial;
}

}  // namespace

FrameLooks::FrameLooks(MemberWriter& writer, const std::vector<std::string>& lifted)
    : writer_(writer), lifted_(lifted), looks_(kLooks) {}

const FrameLook& FrameLooks::Of(detail::Frame& frame, const FieldPlace& place) {
  const uint64_t serial = SerialOf(frame);
  FrameLook& look = looks_[serial % kLooks];
  if (look.serial_ != serial || look.place_ != &place) {
    look.serial_ = 0;  // until it is whole: making it may throw
    Make(look, frame, place);
    look.serial_ = serial;
    look.place_ = &place;
  }
  return look;
}

void FrameLooks::Make(FrameLook& look, const detail::Frame& frame, const FieldPlace& place) {
  members_.clear();
  writer_.Read(frame.fields, place.reserved, members_);
  look.text_.clear();
  look.lifted_text_.clear();
  look.keys_.clear();
  look.pieces_.clear();
  std::vector<std::pair<size_t, size_t>> lifted(lifted_.size());
  for (const Member& member : members_) {
    const auto known = std::ranges::find(lifted_, member.key);
    if (known != lifted_.end()) {
      const size_t begin = look.lifted_text_.size();
      writer_.WriteValue(member, look.lifted_text_);
      lifted[static_cast<size_t>(known - lifted_.begin())] = {begin, look.lifted_text_.size() - begin};
      continue;
    }
    if (!look.text_.empty()) look.text_.Append(',');
    const auto begin = static_cast<uint32_t>(look.text_.size());
    writer_.Write(member, look.text_);
    look.keys_.append(member.key);
    look.pieces_.push_back({member.key, member.hash, begin, static_cast<uint32_t>(look.text_.size())});
  }
  // What the members' keys refer to will be forgotten.
  size_t at = 0;
  for (FrameLook::Piece& piece : look.pieces_) {
    piece.key = std::string_view(look.keys_).substr(at, piece.key.size());
    at += piece.key.size();
  }
  look.lifted_.clear();
  for (const auto& [begin, size] : lifted)
    look.lifted_.push_back(look.lifted_text_.view().substr(begin, size));
}

}  // namespace taffrail::layout
