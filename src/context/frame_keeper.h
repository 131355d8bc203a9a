// The two places where a frame meets its keeper (frame.h).
#pragma once

#include "context/frame.h"

namespace taffrail::context {

void KeepFrame(Frame& frame);
void DropFrame(Frame& frame);

}  // namespace taffrail::context
