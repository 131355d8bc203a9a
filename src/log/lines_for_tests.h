// The lines of real log calls, rendered by a layout of the test's choice: what the calls of this thread put
// into its queue is taken from there before the backend sees it, so that time and thread can be set.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "context/frame.h"
#include "layout/layout.h"
#include "log/record_reader.h"
#include "taffrail/context.h"
#include "taffrail/detail/queue.h"

namespace taffrail::log {

class CapturedCalls {
 public:
  CapturedCalls() : ring_(std::make_unique_for_overwrite<char[]>(kRingBytes)), before_(detail::thread_queue) {
    queue_.data = queue_.at = ring_.get();
    queue_.end = queue_.data + kRingBytes;
    detail::thread_queue = &queue_;
  }
  ~CapturedCalls() {
    detail::thread_queue = before_;
    ForEach([](const detail::RecordHead& head, const char*) {
      if (head.kind == detail::RecordKind::kReleaseFrame) detail::release_frame(head.frame);
    });
  }
  CapturedCalls(const CapturedCalls&) = delete;
  CapturedCalls& operator=(const CapturedCalls&) = delete;

  // The last call's line as `set` completes it, without the newline. Its scopes must still be there.
  template <typename Set>
  std::string Last(layout::Layout& layout, Set set) const {
    const char* last = nullptr;
    ForEach([&](const detail::RecordHead& head, const char* record) {
      if (head.kind == detail::RecordKind::kLine) last = record;
    });
    if (last == nullptr) return {};
    layout::Line line = LineOf(HeadOf(last), last);
    set(line);
    layout::SitePlans plans;
    layout::OutBuffer out;
    layout.Append(line, plans, out);
    EXPECT_EQ(out.back(), '\n');
    return std::string(out.view().substr(0, out.size() - 1));
  }

 private:
  static constexpr size_t kRingBytes = size_t{64} << 20;

  template <typename Each>
  void ForEach(Each each) const {
    for (const char* at = queue_.data; at != queue_.at; at += HeadOf(at).size) each(HeadOf(at), at);
  }

  std::unique_ptr<char[]> ring_;
  detail::ThreadQueue queue_;
  detail::ThreadQueue* before_;
};

}  // namespace taffrail::log
