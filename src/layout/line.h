// One line on its way from the queue to its looks: everything borrowed from the record, the call site and the
// scopes.
#pragma once

#include <cstdint>
#include <string_view>

#include "taffrail/detail/call.h"

namespace taffrail::layout {

struct Line {
  int64_t time_ns = 0;  // Unix time
  Level level = Level::kInfo;
  const detail::CallSite* site = nullptr;
  const detail::LoggerNode* logger = nullptr;
  std::string_view message;
  // The call's fields: values whose names and kinds the site knows (detail/encoding.h), or, with `values`
  // null, fields encoded with their keys (record/layout_fields.h).
  const char* values = nullptr;
  std::string_view fields;
  detail::Frame* context = nullptr;  // the scopes' fields; null: none
  detail::Frame* bound = nullptr;    // a bound logger's, which stand before the call's own; null: none
  bool message_clipped = false;
  bool fields_clipped = false;  // some were left out
  uint64_t thread_id = 0;
  std::string_view thread_name;
};

}  // namespace taffrail::layout
