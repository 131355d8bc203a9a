// The life of a service as a process: its common flags, running until it is told to end, and the closing
// line.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "http/server.h"
#include "service/logging.h"

namespace CLI {
class App;
}

namespace examples::service {

struct ProgramOptions {
  http::ServerOptions server;
  LogOptions log;
  std::string summary;    // file for the closing line; empty: the standard output
  std::string port_file;  // file that names the port once the service answers; for --port 0
};

// --address, --port, --threads, --taffrail-url, --log-file, --console, --log-level, --summary, --port-file
void AddOptions(CLI::App& app, ProgramOptions& options);

// Signals must be held back before any thread starts, so that no thread but the waiting one takes them.
void BlockSignals();

// Serves until SIGINT or SIGTERM; then finishes requests in progress, runs drain (jobs that are still
// queued), delivers the log and writes {"service":…,"lines_logged":…,"lines_delivered":…,"lines_dropped":…}.
// The exit code of main: 0 when every line was delivered, else 1.
int Serve(const std::string& service, const ProgramOptions& options, Logging& logging,
          const http::Handler& handler, const std::function<void()>& drain);

// main for both services: parse has been done, body builds what is served and calls Serve. Errors become one
// line on the standard error and exit code 2.
int RunMain(const std::string& service, const std::function<int()>& body);

}  // namespace examples::service
