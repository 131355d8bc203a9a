// A record of the queue, taken apart.
#pragma once

#include "layout/line.h"
#include "taffrail/detail/encoding.h"

namespace taffrail::log {

detail::RecordHead HeadOf(const char* record);

// The line of a kLine record, all but its time and thread; borrowed from the record.
layout::Line LineOf(const detail::RecordHead& head, const char* record);

// The frames that a kLine record refers to; null where there is none.
struct RecordFrames {
  detail::Frame* context;
  detail::Frame* bound;
};
RecordFrames FramesOf(const char* record);

}  // namespace taffrail::log
