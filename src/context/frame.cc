#include "context/frame.h"

#include <vector>

#include "context/frame_keeper.h"
#include "context/trace.h"
#include "record/layout_fields.h"
#include "taffrail/context.h"
#include "taffrail/detail/queue.h"

namespace taffrail::detail {

constinit thread_local Frame* current_frame = nullptr;

Frame::~Frame() {
  delete json.load(std::memory_order_relaxed);
  context::DropFrame(*this);
}

std::string_view Frame::Json() {
  const std::string* made = json.load(std::memory_order_acquire);
  if (made == nullptr) {
    auto* fresh = new std::string("{");
    record::AppendMembers(fields, *fresh);
    fresh->erase(0, 1);
    if (json.compare_exchange_strong(made, fresh, std::memory_order_acq_rel)) {
      made = fresh;
    } else {
      delete fresh;  // another thread was faster; `made` is its
    }
  }
  return *made;
}

}  // namespace taffrail::detail

namespace taffrail::context {
namespace {

std::atomic<Reclaimer> reclaimer{nullptr};

struct Piece {
  std::string key;
  std::string_view bytes;
};

std::vector<Piece> Split(std::string_view fields) {
  std::vector<Piece> pieces;
  record::FieldCursor cursor(fields);
  const char* begin = cursor.at();
  for (record::EncodedField field; cursor.Next(field); begin = cursor.at()) {
    pieces.push_back({record::WrittenKey(field), {begin, static_cast<size_t>(cursor.at() - begin)}});
  }
  return pieces;
}

// The outer fields, each replaced by the inner one of its name, then the other inner ones.
std::string Merge(std::string_view outer, std::string_view inner) {
  std::vector<Piece> merged = Split(outer);
  for (Piece& piece : Split(inner)) {
    bool replaced = false;
    for (Piece& existing : merged) {
      if (existing.key != piece.key) continue;
      existing.bytes = piece.bytes;
      replaced = true;
    }
    if (!replaced) merged.push_back(std::move(piece));
  }
  std::string fields;
  for (const Piece& piece : merged) {
    if (fields.size() + piece.bytes.size() <= kFrameBytesMax) fields.append(piece.bytes);
  }
  return fields;
}

}  // namespace

void SetReclaimer(Reclaimer new_reclaimer) { reclaimer.store(new_reclaimer, std::memory_order_release); }

}  // namespace taffrail::context

namespace taffrail {
namespace detail {

Frame* make_frame(Frame* outer, std::initializer_list<Field> fields) noexcept {
  try {
    std::string encoded;
    FieldWriter writer(encoded);
    for (const Field& field : fields) writer.field(field.key, field.value);
    auto* frame = new Frame;
    frame->fields = context::Merge(outer == nullptr ? std::string_view() : outer->fields, encoded);
    if (outer != nullptr) frame->companion = outer->companion;
    context::KeepFrame(*frame);
    return frame;
  } catch (...) {  // user code that writes a value threw: the scope has the outer fields only
    retain_frame(outer);
    return outer;
  }
}

Frame* push_frame(std::initializer_list<Field> fields) noexcept { return make_frame(current_frame, fields); }

void retain_frame(Frame* frame) noexcept {
  if (frame != nullptr) frame->references.fetch_add(1, std::memory_order_relaxed);
}

void release_frame(Frame* frame) noexcept {
  if (frame != nullptr && frame->references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete frame;
}

Frame* swap_frame(Frame* frame) noexcept {
  Frame* before = current_frame;
  current_frame = frame;
  return before;
}

void leave_frame(Frame* entered, Frame* before) noexcept {
  // A scope that is destroyed on another thread than it was made on (a coroutine's) must leave that one's
  // context alone.
  if (current_frame == entered) current_frame = before;
  if (entered == nullptr) return;
  if (const auto reclaim = context::reclaimer.load(std::memory_order_acquire)) {
    reclaim(entered);
  } else {
    release_frame(entered);
  }
}

}  // namespace detail

Context capture() noexcept {
  Context context;
  context.frame_ = detail::current_frame;
  context.trace_ = detail::current_trace;
  detail::retain_frame(context.frame_);
  detail::retain_trace(context.trace_);
  return context;
}

std::string Context::get(std::string_view key) const {
  if (frame_ == nullptr) return {};
  record::FieldCursor cursor(frame_->fields);
  for (record::EncodedField field; cursor.Next(field);) {
    if (record::WrittenKey(field) != key) continue;
    if (field.kind == detail::Kind::kString) return std::string(field.payload);
    std::string json;
    record::AppendJsonValue(field, json);
    return json;
  }
  return {};
}

std::string context_value(std::string_view key) { return capture().get(key); }

}  // namespace taffrail
