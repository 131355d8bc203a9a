#include <taffrail/config.h>
#include <taffrail/context.h>
#include <taffrail/log.h>

int main() {
  taffrail::Config config;
  config.service = "application";
  config.layout = "nested";
  taffrail::init(config);
  const taffrail::Logger log("main");
  const taffrail::Scope scope({{"request_id", "req_1"}});
  log.info("Task created", taffrail::kv("duration_ms", 45));
}
