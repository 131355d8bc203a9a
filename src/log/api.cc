// The free functions of config.h and log.h.
#include "log/core.h"
#include "taffrail/config.h"
#include "taffrail/log.h"

namespace taffrail {

void init(Config config) { log::Core::Get().Init(std::move(config)); }
bool shutdown(int64_t timeout_ms) noexcept { return log::Core::Get().Shutdown(timeout_ms); }
bool flush(int64_t timeout_ms) noexcept { return log::Core::Get().Flush(timeout_ms); }
void set_level(std::string_view logger, Level level) { log::Core::Get().registry().SetLevel(logger, level); }
void reset_level(std::string_view logger) { log::Core::Get().registry().ResetLevel(logger); }
Stats stats() noexcept { return log::Core::Get().GetStats(); }

}  // namespace taffrail
