// The code of docs/migrate.md about Boost.Log, standard streams and text logs.
#include <iostream>

#include "taffrail/adapters/stream.h"
#include "taffrail/config.h"
#include "taffrail/log.h"

namespace samples {

void Streams() {
  // [streams]
  taffrail::init(taffrail::Config::from_env());
  const taffrail::adapters::StreamRedirect clog(std::clog, "legacy");
  const taffrail::adapters::StreamRedirect cerr(std::cerr, "legacy", taffrail::Level::kError);
  std::clog << "imported " << 17
            << " rows\n";  // {"level":"INFO","logger":"legacy","message":"imported 17 rows"}
  // [/streams]
}

void OldFormat() {
  // [old-format]
  taffrail::Config config;
  // 2024-12-19 10:30:15 - name - INFO - msg for those who still read the old file; JSON for everything new.
  config.sinks = {{.sink = taffrail::file_sink("/var/log/app/app.log"), .layout = "text-dashed"},
                  {.sink = taffrail::file_sink("/var/log/app/app.jsonl"), .layout = "nested"}};
  taffrail::init(std::move(config));
  // [/old-format]
}

}  // namespace samples
