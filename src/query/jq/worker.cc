// The worker's side: a process that compiles one filter and puts lines through it until its socket closes.
//
// It runs before main and before most other initialisers of this program, so it leans on the C library, libjq
// and std::string alone. What it gives up before it reads a byte of the filter: the environment (`env` shows
// nothing), files (`include` and `import` find none), core dumps, memory beyond its limit.
#include <fcntl.h>
extern "C" {  // the header does not say so itself
#include <jq.h>
}
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "query/jq/filter.h"
#include "query/jq/messages.h"

namespace taffrail::query::jq {

const char* const kWorkerName = "taffrail-jq-worker";

namespace {

constexpr int kSocket = STDIN_FILENO;
constexpr size_t kFlushBytes = size_t{64} << 10;  // so much is sent at once

[[noreturn]] void End(int code) { _exit(code); }  // no destructor of this program has anything to do here

void SetLimit(int resource, rlim_t most) {
  const rlimit limit{most, most};
  (void)setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

void LimitMemory(uint64_t more_bytes) {
  if (!kMemoryIsLimited) return;
  std::FILE* const file = std::fopen("/proc/self/statm", "re");
  unsigned long pages = 0;
  if (file == nullptr || std::fscanf(file, "%lu", &pages) != 1) End(kExitBroken);
  (void)std::fclose(file);
  const auto page_bytes = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  SetLimit(RLIMIT_AS, pages * page_bytes + more_bytes);
}

void GiveUpRights(const WorkerLimits& limits) {
  LimitMemory(limits.memory_bytes);
  SetLimit(RLIMIT_CORE, 0);
  SetLimit(RLIMIT_FSIZE, 0);
  SetLimit(RLIMIT_NOFILE, 0);
  (void)clearenv();
  (void)setenv("TZ", "UTC0", 1);  // libjq's `env` must find an environment, and times be the same everywhere
}

// Of this process, from now on: the kernel ends it then, whoever still waits for it or not.
void AllowCpuMs(uint32_t cpu_ms) {
  itimerval timer{};
  timer.it_value.tv_sec = cpu_ms / 1000;
  timer.it_value.tv_usec = static_cast<suseconds_t>(cpu_ms % 1000) * 1000;
  (void)setitimer(ITIMER_PROF, &timer, nullptr);
}

std::string_view TextOf(const jv& string) {
  return {jv_string_value(string), static_cast<size_t>(jv_string_length_bytes(jv_copy(string)))};
}

// Consumes a failure's message, which is any value.
std::string MessageOf(jv message) {
  if (jv_get_kind(message) != JV_KIND_STRING) message = jv_dump_string(message, 0);
  std::string text(TextOf(message));
  jv_free(message);
  return text;
}

void CollectErrors(void* errors, jv message) {
  auto& text = *static_cast<std::string*>(errors);
  if (!text.empty()) text += '\n';
  text += MessageOf(message);
}

struct Message {
  char type = 0;
  std::string payload;
};

class Worker {
 public:
  [[noreturn]] void Run() {
    Start();
    std::vector<Message> batch;
    while (true) {
      batch.push_back(Receive());
      if (batch.back().type == 'S') {
        batch.pop_back();
        WaitAtMost(Filter::kSpareSeconds);
        batch.push_back(Receive());
        WaitAtMost(0);
      }
      if (batch.back().type != 'B') continue;
      batch.pop_back();
      for (const Message& line : batch) {
        PutThrough(line);
        if (halted_) break;
      }
      batch.clear();
      Send(halted_ ? 'H' : 'B', {});
      Flush();
    }
  }

 private:
  void Start() {
    const Message first = Receive();
    if (first.type != 'P' || first.payload.size() < sizeof(limits_)) End(kExitBroken);
    std::memcpy(&limits_, first.payload.data(), sizeof(limits_));
    GiveUpRights(limits_);
    AllowCpuMs(limits_.line_cpu_ms);
    jv_nomem_handler([](void*) { End(kExitMemory); }, nullptr);
    jq_ = jq_init();
    if (jq_ == nullptr) End(kExitMemory);
    // libjq 1.6 leaves these two as malloc() found them, and `input` and `debug` call them.
    jq_set_input_cb(jq_, nullptr, nullptr);
    jq_set_debug_cb(jq_, nullptr, nullptr);
    std::string errors;
    jq_set_error_cb(jq_, CollectErrors, &errors);
    jq_set_attr(jq_, jv_string("JQ_LIBRARY_PATH"), jv_array());
    const std::string program = first.payload.substr(sizeof(limits_));
    const bool compiled = jq_compile(jq_, program.c_str()) != 0;
    jq_set_error_cb(
        jq_, [](void*, jv message) { jv_free(message); }, nullptr);
    Send(compiled ? 'R' : 'E', errors);
    Flush();
    if (!compiled) End(0);
  }

  jv ValueOf(const Message& line) const {
    const auto size = static_cast<int>(line.payload.size());
    if (line.type == 'J') {
      jv value = jv_parse_sized(line.payload.data(), size);
      if (jv_is_valid(value)) return value;
      jv_free(value);  // deeper than libjq reads
    }
    return jv_string_sized(line.payload.data(), size);
  }

  void PutThrough(const Message& line) {
    AllowCpuMs(limits_.line_cpu_ms);
    Send('N', {});
    jq_start(jq_, ValueOf(line), 0);
    uint64_t outputs = 0;
    uint64_t output_bytes = 0;
    jv value = jq_next(jq_);
    for (; jv_is_valid(value); value = jq_next(jq_)) {
      jv text = jv_dump_string(value, 0);
      output_bytes += TextOf(text).size();
      if (++outputs > limits_.line_outputs || output_bytes > limits_.line_output_bytes) {
        jv_free(text);
        Send('L', {});
        Flush();
        End(0);
      }
      Send('O', TextOf(text));
      jv_free(text);
    }
    halted_ = jq_halted(jq_) != 0;
    if (!halted_ && jv_invalid_has_msg(jv_copy(value))) {
      Send('F', MessageOf(jv_invalid_get_msg(value)));
    } else {
      jv_free(value);
    }
  }

  void Send(char type, std::string_view payload) {
    AppendMessage(type, payload, out_);
    if (out_.size() >= kFlushBytes) Flush();
  }

  void Flush() {
    for (size_t sent = 0; sent < out_.size();) {
      const ssize_t count = send(kSocket, out_.data() + sent, out_.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) End(0);  // nobody listens any more
      sent += static_cast<size_t>(count);
    }
    out_.clear();
  }

  // For each piece of a message; 0: for ever. Who waited in vain ends.
  static void WaitAtMost(int seconds) {
    const timeval timeout{.tv_sec = seconds, .tv_usec = 0};
    (void)setsockopt(kSocket, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
  }

  static void Read(char* to, size_t size) {
    while (size > 0) {
      const ssize_t count = recv(kSocket, to, size, 0);
      if (count <= 0) End(0);
      to += count;
      size -= static_cast<size_t>(count);
    }
  }

  static Message Receive() {
    char header[kHeaderBytes];
    Read(header, sizeof(header));
    Message message;
    message.type = header[0];
    const uint32_t size = PayloadBytes(std::string_view(header, sizeof(header)));
    if (size > kMaxMessageBytes) End(kExitBroken);
    message.payload.resize(size);
    Read(message.payload.data(), size);
    return message;
  }

  WorkerLimits limits_;
  jq_state* jq_ = nullptr;
  bool halted_ = false;
  std::string out_;
};

// Called with main's arguments before main. A program that was started as a worker never gets there.
__attribute__((constructor)) void BecomeWorkerIfAsked(int argc, char** argv) {
  if (argc == 1 && argv[0] != nullptr && std::string_view(argv[0]) == kWorkerName) Worker().Run();
}

}  // namespace
}  // namespace taffrail::query::jq
