// The fields of a scope, once and for all: made when the scope begins, never changed, shared by everything
// that refers to them.
//
// A line does not hold a reference of its own, which would cost two atomic operations a line on a cache line
// that two cores fight over. It relies on the scope's: when a scope ends, its reference is not given back at
// once but handed to the reclaimer, which the logging backend sets and which gives it back after all lines
// that the thread queued before.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "taffrail/value.h"

namespace taffrail::detail {

struct Frame {
  std::atomic<uint32_t> references{1};
  std::string fields;  // encoded; outer scopes' fields first, an overridden one in its first place
  std::shared_ptr<void> companion;  // what else goes with the work: set by who makes the frame, inherited
  std::atomic<uint64_t> serial{0};  // never given twice; by the first layout that meets it (frame_look.h)
  std::atomic<const std::string*> json{nullptr};  // of fields, made by the first line that needs it
  std::atomic<char*> kept{nullptr};               // FrameKeeper's

  Frame() = default;
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  ~Frame();

  // "a":1,"b":2 — members of an object that the caller writes. Thread-safe.
  std::string_view Json();
};

// The outer frame's fields (null: none), overridden and extended by these.
Frame* make_frame(Frame* outer, std::initializer_list<Field> fields) noexcept;

}  // namespace taffrail::detail

namespace taffrail::context {

using detail::Frame;

// Scopes with more bytes of fields keep what came first: a frame is written with every line.
inline constexpr size_t kFrameBytesMax = size_t{64} << 10;

// Gives back one reference after everything this thread logged so far has been written. Null: at once.
using Reclaimer = void (*)(Frame*) noexcept;
void SetReclaimer(Reclaimer reclaimer);

// Keeps a copy of each frame's fields where it outlives the process (log/queue_dir.h), from before the first
// line that refers to the frame until the frame goes.
struct FrameKeeper {
  char* (*keep)(const Frame& frame);  // null: there is no room
  void (*drop)(char* kept);
};
// Static. It gets all frames so far, provided that it is the first: until then they are remembered. Null:
// there will be none.
void SetFrameKeeper(const FrameKeeper* keeper);
// After a fork, in the child: as if there had been no keeper yet. `frames` are those that it kept.
void ForgetFrameKeeper(std::span<const uint64_t> frames);
// Around a fork.
void LockFrames();
void UnlockFrames(bool in_child);

}  // namespace taffrail::context
