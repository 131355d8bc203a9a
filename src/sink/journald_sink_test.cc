// Against a socket of the journal's kind, parsed by the letter of its protocol; and against the journal
// itself where it can be run.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <simdjson.h>
#include <csignal>
#include <cstring>
#include <map>
#include <optional>
#include <sstream>

#include "absl/time/clock.h"
#include "sink/fd.h"
#include "sink/files_for_tests.h"
#include "taffrail/sink_syslog.h"

namespace taffrail::sink {
namespace {

class Journal {
 public:
  explicit Journal(const std::string& path) : fd_(socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), address.sun_path);
    EXPECT_EQ(bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }

  std::map<std::string, std::string> Next(bool* as_file = nullptr) {
    pollfd ready{.fd = fd_.get(), .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, 5'000) <= 0) return {};
    std::string data(16 << 20, '\0');
    iovec part{data.data(), data.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    const ssize_t size = recvmsg(fd_.get(), &message, 0);
    EXPECT_GE(size, 0);
    data.resize(static_cast<size_t>(size));
    const cmsghdr* head = CMSG_FIRSTHDR(&message);
    if (as_file != nullptr) *as_file = head != nullptr;
    if (head == nullptr) return Parse(data);
    EXPECT_EQ(size, 0);
    EXPECT_EQ(head->cmsg_type, SCM_RIGHTS);
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(head), sizeof(fd));
    const Fd file(fd);
    // What the journal asks for before it maps the file.
    EXPECT_EQ(fcntl(fd, F_GET_SEALS), F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
    struct stat info {};
    EXPECT_EQ(fstat(fd, &info), 0);
    data.resize(static_cast<size_t>(info.st_size));
    EXPECT_EQ(pread(fd, data.data(), data.size(), 0), info.st_size);
    return Parse(data);
  }

 private:
  static std::map<std::string, std::string> Parse(std::string_view data) {
    std::map<std::string, std::string> fields;
    while (!data.empty()) {
      const size_t end = data.find('\n');
      const size_t equals = data.substr(0, end).find('=');
      const std::string name(data.substr(0, std::min(equals, end)));
      EXPECT_EQ(name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"), std::string::npos) << name;
      EXPECT_FALSE(name.starts_with('_')) << name;
      std::string_view value;
      if (equals != std::string_view::npos) {
        value = data.substr(equals + 1, end - equals - 1);
        data.remove_prefix(end + 1);
      } else {
        uint64_t size = 0;
        std::memcpy(&size, data.data() + end + 1, sizeof(size));
        value = data.substr(end + 9, size);
        EXPECT_EQ(data[end + 9 + size], '\n');
        data.remove_prefix(end + 10 + size);
      }
      EXPECT_TRUE(fields.emplace(name, value).second) << name;
    }
    return fields;
  }

  Fd fd_;
};

class JournaldSinkTest : public testing::Test {
 protected:
  std::shared_ptr<Sink> Make() { return journald_sink({.identifier = "api", .socket = dir_ / "socket"}); }
  TempDir dir_;
};

// REQ L-11
TEST_F(JournaldSinkTest, FieldsOfALine) {
  Journal journal(dir_ / "socket");
  const std::string line = R"({"level":"ERROR","message":"two\nlines","context":{"request_id":"r1"},)"
                           R"("source":{"file":"a.cc","function":"f","line":12}})";
  EXPECT_TRUE(Make()->write(Lines({line, "not json"}, Level::kError, Category::kAudit).batch()));
  const std::map<std::string, std::string> expected{{"MESSAGE", "two\nlines"},
                                                    {"PRIORITY", "3"},
                                                    {"SYSLOG_IDENTIFIER", "api"},
                                                    {"CODE_FILE", "a.cc"},
                                                    {"CODE_FUNC", "f"},
                                                    {"CODE_LINE", "12"},
                                                    {"TAFFRAIL_LOGGER", "t"},
                                                    {"TAFFRAIL_CATEGORY", "audit"},
                                                    {"TAFFRAIL_REQUEST_ID", "r1"},
                                                    {"TAFFRAIL_JSON", line}};
  EXPECT_EQ(journal.Next(), expected);
  EXPECT_EQ(journal.Next()["MESSAGE"], "not json");
}

TEST_F(JournaldSinkTest, WhatIsTooLargeForADatagramGoesAsASealedFile) {
  Journal journal(dir_ / "socket");
  const std::string large = "{\"message\":\"" + std::string(12 << 20, 'x') + "\"}";
  const auto sink = Make();
  EXPECT_TRUE(WriteLine(*sink, large));
  bool as_file = false;
  EXPECT_EQ(journal.Next(&as_file)["TAFFRAIL_JSON"], large);
  EXPECT_TRUE(as_file);
  EXPECT_TRUE(WriteLine(*sink, "{\"message\":\"small\"}"));
  EXPECT_EQ(journal.Next(&as_file)["MESSAGE"], "small");
  EXPECT_FALSE(as_file);
}

TEST_F(JournaldSinkTest, AJournalThatIsRestartedIsFoundAgain) {
  const auto sink = Make();
  EXPECT_FALSE(WriteLine(*sink, "nobody there"));
  auto journal = std::make_optional<Journal>(dir_ / "socket");
  EXPECT_TRUE(WriteLine(*sink, "one"));
  EXPECT_EQ(journal->Next()["MESSAGE"], "one");
  journal.reset();
  unlink((dir_ / "socket").c_str());
  EXPECT_FALSE(WriteLine(*sink, "nobody there"));
  journal.emplace(dir_ / "socket");
  EXPECT_TRUE(WriteLine(*sink, "two"));
  EXPECT_EQ(journal->Next()["MESSAGE"], "two");
}

std::string OutputOf(const std::string& command) {
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  char piece[4096];
  while (const size_t size = fread(piece, 1, sizeof(piece), pipe)) text.append(piece, size);
  pclose(pipe);
  return text;
}

TEST_F(JournaldSinkTest, TheJournalTakesIt) {
  constexpr char kDaemon[] = "/usr/lib/systemd/systemd-journald";
  if (access(kDaemon, X_OK) != 0 || geteuid() != 0)
    GTEST_SKIP() << "no systemd-journald to run, or not as root";
  const std::string name = "tfr" + std::to_string(getpid());  // a journal of its own, beside the system's
  const std::string run = "/run/systemd/journal." + name;
  const pid_t daemon = fork();
  if (daemon == 0) {
    execl(kDaemon, "systemd-journald", name.c_str(), nullptr);
    _exit(127);
  }
  const auto sink = journald_sink({.identifier = "api", .socket = run + "/socket"});
  const std::string large = R"({"message":"large","metadata":{"x":")" + std::string(300'000, 'x') + "\"}}";
  bool sent = false;
  for (int i = 0; i < 100 && !sent; ++i, absl::SleepFor(absl::Milliseconds(50)))
    sent = sink->write(Lines({R"({"message":"two\nlines"})", large}, Level::kWarning).batch());
  std::string out;
  for (int i = 0; i < 100 && std::ranges::count(out, '\n') < 2; ++i, absl::SleepFor(absl::Milliseconds(50)))
    out = OutputOf("journalctl --namespace=" + name + " -o json --all SYSLOG_IDENTIFIER=api 2>/dev/null");
  kill(daemon, SIGKILL);
  waitpid(daemon, nullptr, 0);
  OutputOf("rm -rf " + run + " /run/log/journal/*." + name + " /var/log/journal/*." + name);
  EXPECT_TRUE(sent);
  simdjson::dom::parser parser;
  std::vector<std::string> messages;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) {
    const auto entry = parser.parse(line);
    messages.emplace_back(std::string_view(entry["MESSAGE"]));
    EXPECT_EQ(std::string_view(entry["PRIORITY"]), "4");
    if (messages.back() == "large") {
      EXPECT_EQ(std::string_view(entry["TAFFRAIL_JSON"]), large);
    }
  }
  EXPECT_THAT(messages, testing::ElementsAre("two\nlines", "large"));
}

}  // namespace
}  // namespace taffrail::sink
