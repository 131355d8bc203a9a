// The fields of a bound logger (log.h): a frame like a scope's, but on no thread's stack.
#include "context/frame.h"
#include "taffrail/context.h"
#include "taffrail/log.h"

namespace taffrail::detail {

Frame* make_bound_frame(Frame* outer, std::initializer_list<Field> fields) noexcept {
  return make_frame(outer, fields);
}

void drop_bound_frame(Frame* frame) noexcept { leave_frame(frame, current_frame); }

}  // namespace taffrail::detail
