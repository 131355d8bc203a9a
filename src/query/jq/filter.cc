#include "query/jq/filter.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "fmt/format.h"
#include "query/jq/compile_error.h"
#include "query/jq/messages.h"

namespace taffrail::query::jq {
namespace {

constexpr int kCheckEveryMs = 20;  // how soon a cancelled query ends
constexpr size_t kReceiveBytes = size_t{64} << 10;

absl::Status SystemError(const char* what, int error) {
  return absl::InternalError(fmt::format("cannot start jq: {}: {}", what, std::strerror(error)));
}

// Frees what posix_spawn is told in.
struct SpawnSettings {
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

// Starts this program as a worker with `socket` as its standard input and no other file of ours.
absl::StatusOr<pid_t> Spawn(int socket) {
  SpawnSettings settings;
  posix_spawn_file_actions_adddup2(&settings.actions, socket, STDIN_FILENO);
  posix_spawn_file_actions_addopen(&settings.actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&settings.actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&settings.actions, STDERR_FILENO + 1);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&settings.attributes, &none);
  posix_spawnattr_setsigdefault(&settings.attributes, &all);
  posix_spawnattr_setflags(&settings.attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string name = kWorkerName;
  char* const arguments[] = {name.data(), nullptr};
  pid_t pid = -1;
  const int error =
      posix_spawn(&pid, "/proc/self/exe", &settings.actions, &settings.attributes, arguments, environ);
  if (error != 0) return SystemError("posix_spawn", error);
  return pid;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Filter>> Filter::Start(std::string_view program, const Limits& limits,
                                                      const Check& check) {
  int sockets[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
    return SystemError("socketpair", errno);
  const absl::StatusOr<pid_t> pid = Spawn(sockets[1]);
  close(sockets[1]);
  if (!pid.ok()) {
    close(sockets[0]);
    return pid.status();
  }
  std::unique_ptr<Filter> filter(new Filter(*pid, sockets[0], limits));
  TAFFRAIL_RETURN_IF_ERROR(filter->Compile(program, check));
  return filter;
}

Filter::~Filter() {
  close(socket_);
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

absl::Status Filter::Compile(std::string_view program, const Check& check) {
  const WorkerLimits limits{.memory_bytes = limits_.memory_bytes,
                            .line_outputs = limits_.line_outputs,
                            .line_output_bytes = limits_.line_output_bytes,
                            .line_cpu_ms = limits_.line_cpu_ms};
  std::string payload(sizeof(limits), '\0');
  std::memcpy(payload.data(), &limits, sizeof(limits));
  payload += program;
  std::string message;
  AppendMessage('P', payload, message);
  TAFFRAIL_RETURN_IF_ERROR(Send(message, check));
  TAFFRAIL_ASSIGN_OR_RETURN(const char type, Receive(check));
  if (type == 'R') return absl::OkStatus();
  if (type == 'E') return CompileError(program, payload_);
  return absl::InternalError("the jq worker answered with something else");
}

absl::StatusOr<bool> Filter::Run(const std::vector<Line>& lines, Sink& sink, const Check& check) {
  std::string batch;
  for (const Line& line : lines) AppendMessage(line.is_json ? 'J' : 'T', line.text, batch);
  AppendMessage('B', {}, batch);
  TAFFRAIL_RETURN_IF_ERROR(Send(batch, check));
  size_t begun = 0;  // lines that the worker has begun with
  while (true) {
    TAFFRAIL_ASSIGN_OR_RETURN(const char type, Receive(check));
    if (type == 'B') return true;
    if (type == 'H') return false;
    if (type == 'N' && begun < lines.size()) {
      ++begun;
    } else if (type == 'O' && begun > 0) {
      TAFFRAIL_ASSIGN_OR_RETURN(const bool more, sink.OnOutput(begun - 1, payload_));
      if (!more) return false;
    } else if (type == 'F' && begun > 0) {
      sink.OnFailure(begun - 1, payload_);
    } else if (type == 'L') {
      return absl::ResourceExhaustedError(fmt::format(
          "jq: this filter makes more than {} outputs or {} MiB of one line; limit(n; …) takes the first n",
          limits_.line_outputs, limits_.line_output_bytes >> 20));
    } else {
      return absl::InternalError("the jq worker answered with something else");
    }
  }
}

bool Filter::Rest() {
  std::string message;
  AppendMessage('S', {}, message);
  // Nothing else is on its way, so it goes in one piece or not at all.
  return send(socket_, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
         static_cast<ssize_t>(message.size());
}

bool Filter::Lives() {
  if (pid_ < 0) return false;
  const pid_t ended = waitpid(pid_, nullptr, WNOHANG);
  if (ended != 0) pid_ = -1;
  return ended == 0;
}

absl::Status Filter::Send(std::string_view bytes, const Check& check) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      TAFFRAIL_RETURN_IF_ERROR(Wait(POLLOUT, check));
    } else if (errno != EINTR) {
      return WhyEnded();
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<char> Filter::Receive(const Check& check) {
  while (true) {
    const std::string_view left = std::string_view(received_).substr(at_);
    if (left.size() >= kHeaderBytes) {
      const size_t size = PayloadBytes(left);
      if (size > kMaxMessageBytes) return absl::InternalError("the jq worker answered with something else");
      if (left.size() >= kHeaderBytes + size) {
        payload_ = left.substr(kHeaderBytes, size);
        at_ += kHeaderBytes + size;
        return left[0];
      }
    }
    received_.erase(0, std::exchange(at_, 0));
    const size_t before = received_.size();
    received_.resize(before + kReceiveBytes);
    const ssize_t count = recv(socket_, received_.data() + before, kReceiveBytes, MSG_DONTWAIT);
    const int error = errno;
    received_.resize(before + (count > 0 ? static_cast<size_t>(count) : 0));
    if (count > 0 || (count < 0 && error == EINTR)) continue;
    if (count < 0 && error == EAGAIN) {
      TAFFRAIL_RETURN_IF_ERROR(Wait(POLLIN, check));
    } else {
      return WhyEnded();
    }
  }
}

absl::Status Filter::Wait(short events, const Check& check) {
  TAFFRAIL_RETURN_IF_ERROR(check());
  pollfd waited{.fd = socket_, .events = events, .revents = 0};
  (void)poll(&waited, 1, kCheckEveryMs);  // whatever it says, the caller tries again
  return absl::OkStatus();
}

absl::Status Filter::WhyEnded() {
  int status = 0;
  pid_t ended = -1;
  while ((ended = waitpid(pid_, &status, 0)) < 0 && errno == EINTR) {
  }
  if (ended == std::exchange(pid_, -1)) {
    const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    const bool memory = (WIFEXITED(status) && WEXITSTATUS(status) == kExitMemory) || signal == SIGABRT;
    if (signal == SIGPROF) {
      return absl::ResourceExhaustedError(fmt::format(
          "jq: this filter takes more than {} ms for one line; does it ever end?", limits_.line_cpu_ms));
    }
    if (memory) {
      return absl::ResourceExhaustedError(
          fmt::format("jq: this filter needs more than {} MiB of memory", limits_.memory_bytes >> 20));
    }
    if (signal == SIGSEGV || signal == SIGBUS) {
      return absl::ResourceExhaustedError(
          "jq: this filter, or what it makes, nests too deep: jq's stack ran out");
    }
  }
  return absl::InternalError("the jq worker has ended unexpectedly");
}

}  // namespace taffrail::query::jq
