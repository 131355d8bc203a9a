#include "ledger/key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "audit/hash.h"

extern char** environ;

namespace taffrail::ledger {
namespace {

constexpr uint64_t kMaxKeyFileBytes = 8192;
constexpr size_t kMaxAnswerBytes = 8192;   // a key or a signature with its newline is a hundred
constexpr int kCommandTimeoutMs = 20'000;  // a slow HSM takes a second or two

void CloseBoth(const int (&pipe)[2]) {
  close(pipe[0]);
  close(pipe[1]);
}

// Feeds `input` and reads the answer; false when it takes too long or says too much.
bool Converse(int to_child, int from_child, std::string_view input, std::string& output) {
  bool open = true;
  while (true) {
    std::array<pollfd, 2> ready = {pollfd{from_child, POLLIN, 0}, pollfd{open ? to_child : -1, POLLOUT, 0}};
    const int count = poll(ready.data(), ready.size(), kCommandTimeoutMs);
    if (count == 0 || (count < 0 && errno != EINTR)) break;
    if (count < 0) continue;
    if (open && (ready[1].revents & (POLLOUT | POLLERR)) != 0) {
      const ssize_t written = write(to_child, input.data(), input.size());
      if (written > 0) input.remove_prefix(static_cast<size_t>(written));
      if (written < 0 || input.empty()) {
        close(to_child);
        open = false;
      }
    }
    if ((ready[0].revents & (POLLIN | POLLHUP)) != 0) {
      char buffer[1024];
      const ssize_t size = read(from_child, buffer, sizeof(buffer));
      if (size == 0) {
        if (open) close(to_child);
        return true;
      }
      if (size > 0) output.append(buffer, static_cast<size_t>(size));
      if (output.size() > kMaxAnswerBytes) break;
    }
  }
  if (open) close(to_child);
  return false;
}

absl::StatusOr<std::string> RunCommand(const std::vector<std::string>& command, std::string_view input) {
  int in[2];
  int out[2];
  if (pipe2(in, O_CLOEXEC) != 0) return absl::UnavailableError("no pipe to the signer");
  if (pipe2(out, O_CLOEXEC) != 0) {
    CloseBoth(in);
    return absl::UnavailableError("no pipe to the signer");
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int error = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  if (error != 0) {
    close(in[1]);
    close(out[0]);
    return absl::UnavailableError(fmt::format("the signer {} cannot be started", command[0]));
  }
  std::string output;
  const bool answered = Converse(in[1], out[0], input, output);
  close(out[0]);
  if (!answered) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!answered) return absl::UnavailableError(fmt::format("the signer {} gives no answer", command[0]));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return absl::UnavailableError(
        fmt::format("the signer {} failed ({})", command[0], WIFEXITED(status) ? WEXITSTATUS(status) : -1));
  }
  while (!output.empty() && (output.back() == '\n' || output.back() == '\r')) output.pop_back();
  return output;
}

class CommandSigner final : public audit::Signer {
 public:
  CommandSigner(std::vector<std::string> command, audit::PublicKey key)
      : command_(std::move(command)), key_(std::move(key)) {}

  const audit::PublicKey& public_key() const override { return key_; }
  absl::StatusOr<std::string> Sign(std::string_view message) override {
    std::vector<std::string> command = command_;
    command.insert(command.end(), {"sign", key_.name()});
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string answer, RunCommand(command, message));
    const auto signature = audit::FromBase64(answer);
    if (!signature || !key_.Verify(message, *signature)) {
      return absl::UnavailableError(
          fmt::format("the signer {} answers with something else than its key's signature", command_[0]));
    }
    return *signature;
  }

 private:
  const std::vector<std::string> command_;
  const audit::PublicKey key_;
};

}  // namespace

absl::Status WritePrivateFile(base::Env& env, const std::string& path, std::string_view data) {
  if (env.Exists(path)) {
    return absl::AlreadyExistsError(fmt::format("{}: there is a file already; it is not written over", path));
  }
  TAFFRAIL_ASSIGN_OR_RETURN(const auto file, env.Create(path));
  TAFFRAIL_RETURN_IF_ERROR(env.MakePrivate(path));  // before there is anything in it
  TAFFRAIL_RETURN_IF_ERROR(file->Append(data));
  TAFFRAIL_RETURN_IF_ERROR(file->Sync());
  TAFFRAIL_RETURN_IF_ERROR(file->Close());
  return env.SyncDir(base::Dirname(path));
}

absl::StatusOr<std::shared_ptr<audit::PrivateKey>> NewKeyFile(base::Env& env, const std::string& path,
                                                              const std::string& name, audit::KeyType type) {
  std::string seed(32, '\0');
  env.Random(seed);
  TAFFRAIL_ASSIGN_OR_RETURN(audit::PrivateKey key, audit::PrivateKey::FromSeed(name, type, seed));
  TAFFRAIL_RETURN_IF_ERROR(WritePrivateFile(env, path, key.ToString() + "\n"));
  return std::make_shared<audit::PrivateKey>(std::move(key));
}

absl::StatusOr<std::shared_ptr<audit::PrivateKey>> ReadKeyFile(base::Env& env, const std::string& path) {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string text, base::ReadFile(env, path, kMaxKeyFileBytes));
  absl::StatusOr<audit::PrivateKey> key = audit::PrivateKey::Parse(text);
  if (!key.ok()) {
    return absl::InvalidArgumentError(fmt::format("{}: {}", path, std::string(key.status().message())));
  }
  return std::make_shared<audit::PrivateKey>(*std::move(key));
}

absl::StatusOr<std::shared_ptr<audit::Signer>> OpenCommandSigner(std::vector<std::string> command,
                                                                 const std::string& name) {
  std::vector<std::string> ask = command;
  ask.insert(ask.end(), {"public", name});
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string answer, RunCommand(ask, {}));
  TAFFRAIL_ASSIGN_OR_RETURN(audit::PublicKey key, audit::PublicKey::Parse(answer));
  if (key.name() != name) {
    return absl::InvalidArgumentError(fmt::format(
        "the signer {} has a key of {}, and one of {} was asked for", command[0], key.name(), name));
  }
  return std::make_shared<CommandSigner>(std::move(command), std::move(key));
}

}  // namespace taffrail::ledger
