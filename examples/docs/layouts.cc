// The code of docs/layouts.md.
#include <exception>
#include <utility>

#include "taffrail/config.h"
#include "taffrail/log.h"

namespace {

[[maybe_unused]] void OwnLayout() {
  // [own]
  using enum taffrail::SlotValue;
  taffrail::Config config;
  config.layouts = {{.name = "assistant",
                     .slots = {{"timestamp", kTimestamp},
                               {"level", kLevel},
                               {"message", kMessage},
                               {"correlation_id", kField, "correlation_id"},
                               {"service", kConstant, "agent_core"},
                               {"module", kModule},
                               {"metadata", kMetadata}}}};
  config.layout = "assistant";
  taffrail::init(std::move(config));
  // [/own]
}

[[maybe_unused]] void Errors(const taffrail::Logger& log, const std::exception& e) {
  // [errors]
  log.error("Session refused", taffrail::error(e));
  log.error("Session refused", taffrail::error(e, {.code = "SESSION_EXPIRED", .category = "authorization"}));
  taffrail::set_error_stacks(true);  // from here on errors have a stack_trace
  // [/errors]
}

}  // namespace
