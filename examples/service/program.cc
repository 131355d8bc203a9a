#include "service/program.h"

#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>

#include <taffrail/log.h>
#include "json/writer.h"

namespace examples::service {
namespace {

using taffrail::kv;

const taffrail::Logger log("service");

// Long enough for a server that is being restarted at the same moment.
constexpr int64_t kDeliverTimeoutMs = 20'000;

sigset_t StopSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

int WaitForSignal() {
  const sigset_t set = StopSignals();
  int signal = 0;
  sigwait(&set, &signal);
  return signal;
}

void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  file << text << '\n';
  if (!file.flush()) {
    throw std::runtime_error("cannot write " + path);
  }
}

void WriteSummary(const std::string& service, const std::string& path, const LogSummary& summary) {
  json::Writer out;
  out.BeginObject();
  out.Field("service", service);
  out.Field("lines_logged", summary.lines_logged);
  out.Field("lines_delivered", summary.lines_delivered);
  out.Field("lines_dropped", summary.lines_dropped);
  out.EndObject();
  const std::string line = std::move(out).Take();
  if (path.empty()) {
    std::puts(line.c_str());
    std::fflush(stdout);
  } else {
    WriteFile(path, line);
  }
}

}  // namespace

void AddOptions(CLI::App& app, ProgramOptions& options) {
  app.add_option("--address", options.server.address, "to listen on")->capture_default_str();
  app.add_option("--port", options.server.port, "to listen on; 0: any free one")->capture_default_str();
  app.add_option("--port-file", options.port_file, "write the port to this file once the service answers");
  app.add_option("--threads", options.server.threads, "requests in progress at a time")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--taffrail-url", options.log.taffrail_url, "send lines to this Taffrail or Loki server");
  app.add_option("--log-file", options.log.log_file, "write lines to this file");
  app.add_flag("--console", options.log.console, "write lines to the standard error");
  app.add_option("--log-level", options.log.level, "trace, debug, info, warning, error, critical or off")
      ->capture_default_str();
  app.add_option("--summary", options.summary,
                 "write the closing JSON line to this file, not to the standard output");
}

void BlockSignals() {
  const sigset_t set = StopSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int Serve(const std::string& service, const ProgramOptions& options, Logging& logging,
          const http::Handler& handler, const std::function<void()>& drain) {
  {
    http::Server server(options.server, handler);
    log.info("Service started", kv("address", options.server.address), kv("port", server.port()));
    if (!options.port_file.empty()) {
      WriteFile(options.port_file, std::to_string(server.port()));
    }
    const int signal = WaitForSignal();
    log.info("Service stopping", kv("signal", signal));
    server.Stop();
  }
  drain();
  log.info("Service stopped");
  const LogSummary summary = logging.Finish(kDeliverTimeoutMs);
  WriteSummary(service, options.summary, summary);
  return summary.lines_delivered == summary.lines_logged && summary.lines_dropped == 0 ? 0 : 1;
}

int RunMain(const std::string& service, const std::function<int()>& body) {
  try {
    BlockSignals();
    return body();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", service.c_str(), error.what());
    return 2;
  }
}

}  // namespace examples::service
