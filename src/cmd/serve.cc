// `taffrail serve`: the server in the foreground, until it is told to stop.
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "base/memory_limit.h"
#include "cmd/command.h"
#include "cmd/serve_config.h"
#include "cmd/warm_heap.h"
#include "server/server.h"

namespace taffrail::cmd {
namespace {

constexpr char kDefaultDataDir[] = "taffrail-data";

struct ServeArguments {
  std::string config;
  std::string data_dir;
  std::string listen;
  std::string ui_dir;
};

// Signals that end the server wait for WaitForStop; threads started from here on leave them alone.
class StopSignals {
 public:
  StopSignals() {
    signal(SIGHUP, SIG_IGN);  // the terminal that started us may close; there is nothing to reload yet
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  // A second signal then ends the process at once.
  void Wait() {
    int received = 0;
    sigwait(&signals_, &received);
    pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
  }

 private:
  sigset_t signals_;
};

// Of decoded blocks, unless store.cache_mb says: what dashboards ask again is in memory on a machine that has
// some, and a small one keeps its memory for the rest. What a day of five million lines is asked for takes
// 128 MiB, so more than a gibibyte pays only for who looks at weeks.
size_t DefaultCacheBytes() {
  constexpr uint64_t kLeastBytes = uint64_t{32} << 20;
  constexpr uint64_t kMostBytes = uint64_t{1} << 30;
  return std::clamp(base::UsableMemoryBytes() / 16, kLeastBytes, kMostBytes);
}

absl::StatusOr<server::Options> OptionsOf(const ServeArguments& arguments, base::Env& env) {
  server::Options options;
  options.env = &env;
  options.data_dir = kDefaultDataDir;
  options.store.cache_bytes = DefaultCacheBytes();
  if (!arguments.config.empty()) {
    constexpr uint64_t kConfigBytesMax = 1 << 20;  // nobody writes more by hand
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string text, base::ReadFile(env, arguments.config, kConfigBytesMax));
    TAFFRAIL_RETURN_IF_ERROR(ApplyConfig(text, arguments.config, options));
  }
  if (!arguments.data_dir.empty()) options.data_dir = arguments.data_dir;
  if (!arguments.listen.empty()) TAFFRAIL_RETURN_IF_ERROR(ApplyListen(arguments.listen, options));
  options.ui_dir = arguments.ui_dir;
  // Goes before the file, which more people can read than the environment of one process.
  if (const char* token = std::getenv("TAFFRAIL_ADMIN_TOKEN"); token != nullptr && *token != '\0') {
    if (std::string_view(token).size() < server::AdminGate::kTokenBytesMin) {
      return absl::InvalidArgumentError(
          fmt::format("TAFFRAIL_ADMIN_TOKEN has fewer than {} bytes", server::AdminGate::kTokenBytesMin));
    }
    options.admin_token = token;
  }
  return options;
}

std::string UrlOf(const std::string& address, uint16_t port) {
  const bool ipv6 = address.find(':') != std::string::npos;
  return fmt::format("http://{}:{}", ipv6 ? "[" + address + "]" : address, port);
}

absl::StatusOr<ExitCode> Serve(const ServeArguments& arguments, Program& program) {
  TAFFRAIL_ASSIGN_OR_RETURN(const server::Options options, OptionsOf(arguments, program.env));
  StopSignals signals;
  TAFFRAIL_ASSIGN_OR_RETURN(const auto server, server::Server::Start(options));
  WarmHeap();
  fmt::print("taffrail is ready on {}, data in {}\n", UrlOf(options.address, server->port()),
             options.data_dir);
  std::fflush(stdout);
  signals.Wait();
  server->Stop();
  if (!program.quiet) fmt::print(stderr, "taffrail stopped\n");
  return ExitCode::kDone;
}

}  // namespace

void AddServe(Command app, Program& program) {
  auto arguments = std::make_shared<ServeArguments>();
  const Command command = AddCommand(
      app, program,
      {"Run", "serve", "Start the server with its store",
       "  taffrail serve                                   store in ./taffrail-data, http://127.0.0.1:4880\n"
       "  taffrail serve --data /var/lib/taffrail --listen 0.0.0.0:4880\n"
       "  taffrail serve --config /etc/taffrail.yaml"},
      [arguments, &program] { return Serve(*arguments, program); });
  command.Add("--config", arguments->config, "Options as a YAML file; those given here go before it")
      .Type("FILE");
  command.Add("--data", arguments->data_dir, "The store's directory, created if need be (taffrail-data)")
      .Type("DIR");
  command.Add("--listen", arguments->listen, "Where to listen (127.0.0.1:4880); port 0: any that is free")
      .Type("ADDR:PORT");
  command
      .Add("--ui-dir", arguments->ui_dir, "For work on the web UI: read its files from here, not the program")
      .Type("DIR");
}

}  // namespace taffrail::cmd
