// The logging thread's side of the queues: everything that the inline path of taffrail/detail/queue.h leaves
// out.
#pragma once

#include "taffrail/detail/queue.h"

namespace taffrail::log {

// The next line of this thread looks at the mode again, instead of using the room it has found before.
void ForgetRoom();
// The backend has just read this thread's queue, and its processor looked ahead of that: the first lines of
// cache are asked for, so that the next records need not wait for them.
void FetchQueueBack();
// context::Reclaimer: gives the frame back after all lines that this thread has queued.
void ReclaimFrame(detail::Frame* frame) noexcept;

}  // namespace taffrail::log
