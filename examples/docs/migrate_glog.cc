// The code of docs/migrate.md about glog.
#include <glog/logging.h>

#include "taffrail/adapters/glog.h"
#include "taffrail/config.h"
#include "taffrail/log.h"

namespace samples {

void GlogAdapter(const char* program) {
  // [adapter]
  taffrail::init(taffrail::Config::from_env());
  google::InitGoogleLogging(program);
  for (const auto severity : {google::GLOG_INFO, google::GLOG_WARNING, google::GLOG_ERROR}) {
    google::SetLogDestination(severity, "");  // glog writes no files of its own
  }
  static taffrail::adapters::GlogSink sink("legacy");
  google::AddLogSink(&sink);
  // [/adapter]
}

void GlogCalls(int order, bool slow) {
  // [before]
  LOG(INFO) << "order " << order << " accepted";
  LOG_IF(WARNING, slow) << "order " << order << " was slow";
  LOG_EVERY_N(INFO, 100) << "still alive";
  // [/before]
  // [after]
  static const taffrail::Logger log("orders");
  log.info("Order accepted", taffrail::kv("order_id", order));
  if (slow) log.warning("Order was slow", taffrail::kv("order_id", order));
  log.info("Still alive");  // with a rate limit or an aggregate in the configuration
  // [/after]
}

}  // namespace samples
