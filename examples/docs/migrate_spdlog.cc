// The code of docs/migrate.md about spdlog.
#include <spdlog/spdlog.h>

#include <memory>
#include <string>

#include "taffrail/adapters/spdlog.h"
#include "taffrail/config.h"
#include "taffrail/log.h"

namespace samples {

void SpdlogAdapter() {
  // [adapter]
  taffrail::init(taffrail::Config::from_env());
  auto sink = std::make_shared<taffrail::adapters::SpdlogSink>();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("app", sink));
  spdlog::set_level(spdlog::level::trace);  // Taffrail's levels decide
  spdlog::info("order {} accepted", 17);    // a line of the logger "app"
  // [/adapter]
}

void SpdlogCalls(int order, const std::string& customer) {
  // [before]
  spdlog::info("order {} of {} accepted in {} ms", order, customer, 45);
  // [/before]
  // [after]
  static const taffrail::Logger log("orders");
  log.info("Order accepted", taffrail::kv("order_id", order), taffrail::kv("customer", customer),
           taffrail::kv("duration_ms", 45));
  // [/after]
}

}  // namespace samples
