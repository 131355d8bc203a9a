// Against real sockets, parsed by the letter of RFC 5424; and against rsyslog where it is installed.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <csignal>
#include <optional>
#include <thread>

#include "absl/time/clock.h"
#include "base/time_text.h"
#include "sink/fd.h"
#include "sink/files_for_tests.h"
#include "sink/syslog_message.h"
#include "taffrail/sink_syslog.h"

namespace taffrail::sink {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// RFC 5424 §6, nothing else.
struct Message {
  int priority = -1;
  std::string timestamp, host, app, process, id;
  std::vector<std::pair<std::string, std::string>> data;
  std::string data_id, text;
};

bool IsPrintable(std::string_view text, size_t max) {
  return !text.empty() && text.size() <= max &&
         std::ranges::all_of(text, [](char c) { return c > 32 && c < 127; });
}

std::optional<Message> Parse(std::string_view text) {
  Message m;
  const auto until = [&](char end) {
    const size_t at = text.find(end);
    std::string part(text.substr(0, at));
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return part;
  };
  if (!text.starts_with('<')) return std::nullopt;
  text.remove_prefix(1);
  const std::string priority = until('>');
  if (priority.empty() || priority.size() > 3 || (priority.size() > 1 && priority[0] == '0'))
    return std::nullopt;
  m.priority = std::stoi(priority);
  if (m.priority > 191 || until(' ') != "1") return std::nullopt;
  m.timestamp = until(' ');
  m.host = until(' '), m.app = until(' '), m.process = until(' '), m.id = until(' ');
  if (!base::ParseRfc3339(m.timestamp) || m.timestamp.size() > 27) return std::nullopt;
  if (!IsPrintable(m.host, 255) || !IsPrintable(m.app, 48) || !IsPrintable(m.process, 128) ||
      !IsPrintable(m.id, 32))
    return std::nullopt;
  if (text.starts_with('-')) {
    text.remove_prefix(1);
  } else {
    if (!text.starts_with('[')) return std::nullopt;
    const size_t end = text.find_first_of(" ]");
    m.data_id = text.substr(1, end - 1);
    text.remove_prefix(end);
    while (text.starts_with(' ')) {
      text.remove_prefix(1);
      std::string name = until('=');
      if (!IsPrintable(name, 32) || !text.starts_with('"')) return std::nullopt;
      std::string value;
      size_t at = 1;
      for (; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == ']') return std::nullopt;
        if (text[at] == '\\') ++at;
        value.push_back(text[at]);
      }
      text.remove_prefix(at + 1);
      m.data.emplace_back(std::move(name), std::move(value));
    }
    if (!text.starts_with(']')) return std::nullopt;
    text.remove_prefix(1);
  }
  if (!text.empty() && !text.starts_with(' ')) return std::nullopt;
  m.text = text.empty() ? "" : text.substr(1);
  return m;
}

SyslogConfig Named(std::string address = {}) {
  return {.address = std::move(address),
          .facility = SyslogFacility::kLocal0,
          .app_name = "api",
          .hostname = "host1",
          .max_message_bytes = 1'000};
}

std::string MessageOf(const SyslogConfig& config, const std::string& line, Level level = Level::kInfo) {
  std::string out;
  const Lines lines({line}, level, Category::kAudit);
  SyslogMessage(config).Append(lines.batch().entries[0], out);
  return out;
}

// REQ L-11
TEST(SyslogMessage, IsAsRfc5424SaysIt) {
  EXPECT_EQ(MessageOf(Named(), "{\"a\":1}"), "<134>1 2025-10-30T14:23:45.123000Z host1 api " +
                                                 std::to_string(getpid()) + " audit - {\"a\":1}");
  for (const auto& [level, severity] :
       {std::pair(Level::kDebug, 7), std::pair(Level::kInfo, 6), std::pair(Level::kWarning, 4),
        std::pair(Level::kError, 3), std::pair(Level::kCritical, 2)})
    EXPECT_EQ(Parse(MessageOf(Named(), "x", level))->priority, 16 * 8 + severity);
}

TEST(SyslogMessage, HostileNamesAndValuesStayWhereTheyAre) {
  SyslogConfig config = Named();
  config.app_name = "my app\n<13>1 forged" + std::string(100, 'x');
  config.hostname = "h\xC3\xB6st";
  config.structured_data = {{"na=me ]\"", "va\"l]u\\e"}, {"two", "2"}};
  const auto message = Parse(MessageOf(config, "line with ] and \"quotes\""));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->app, "my_app_<13>1_forged" + std::string(29, 'x'));
  EXPECT_EQ(message->host, "h__st");
  EXPECT_EQ(message->data_id, "taffrail@32473");
  EXPECT_THAT(message->data, ElementsAre(std::pair("na_me___", "va\"l]u\\e"), std::pair("two", "2")));
  EXPECT_EQ(message->text, "line with ] and \"quotes\"");
}

TEST(SyslogMessage, ALongLineIsCutBetweenCharacters) {
  for (size_t limit = 60; limit < 80; ++limit) {
    SyslogConfig config = Named();
    config.max_message_bytes = limit;
    std::string line;
    for (int i = 0; i < 100; ++i) line += "\xE2\x82\xAC";
    const std::string message = MessageOf(config, line);
    EXPECT_LE(message.size(), std::max<size_t>(limit, 65));
    ASSERT_TRUE(Parse(message));
    EXPECT_EQ(Parse(message)->text.size() % 3, 0U);
  }
}

TEST(SyslogMessage, BsdFormat) {
  SyslogConfig config = Named();
  config.bsd_format = true;
  setenv("TZ", "UTC", 1);
  tzset();
  EXPECT_EQ(MessageOf(config, "line"), "<134>Oct 30 14:23:45 api[" + std::to_string(getpid()) + "]: line");
}

Fd Listen(int type, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), address.sun_path);
  Fd fd(socket(AF_UNIX, type, 0));
  EXPECT_EQ(bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  if (type == SOCK_STREAM && listen(fd.get(), 8) != 0) std::abort();
  return fd;
}

Fd ListenInet(int type, uint16_t& port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Fd fd(socket(AF_INET, type, 0));
  const int yes = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  EXPECT_EQ(bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  if (type == SOCK_STREAM && listen(fd.get(), 8) != 0) std::abort();
  socklen_t size = sizeof(address);
  getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return fd;
}

std::string Receive(const Fd& fd) {
  pollfd ready{.fd = fd.get(), .events = POLLIN, .revents = 0};
  std::string data(1 << 20, '\0');
  if (poll(&ready, 1, 5'000) <= 0) return "";
  const ssize_t size = recv(fd.get(), data.data(), data.size(), 0);
  data.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return data;
}

TEST(SyslogSink, LocalDatagramsAndADaemonThatIsRestarted) {
  const TempDir dir;
  const auto sink = syslog_sink(Named("unix:" + dir / "log"));
  EXPECT_FALSE(WriteLine(*sink, "nobody there"));
  Fd server = Listen(SOCK_DGRAM, dir / "log");
  EXPECT_TRUE(sink->write(Lines({"one", "two"}).batch()));
  EXPECT_EQ(Parse(Receive(server))->text, "one");
  EXPECT_EQ(Parse(Receive(server))->text, "two");
  server.Close();
  unlink((dir / "log").c_str());
  server = Listen(SOCK_DGRAM, dir / "log");
  EXPECT_TRUE(WriteLine(*sink, "three"));
  EXPECT_EQ(Parse(Receive(server))->text, "three");
}

TEST(SyslogSink, ADaemonThatReadsNothingIsNotWaitedForLong) {
  const TempDir dir;
  const Fd server = Listen(SOCK_DGRAM, dir / "log");
  const auto sink = syslog_sink(Named("unix:" + dir / "log"));
  const absl::Time begin = absl::Now();
  bool all = true;
  for (int i = 0; i < 2'000 && all; ++i) all = WriteLine(*sink, std::string(500, 'x'));
  EXPECT_FALSE(all);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(3));
}

TEST(SyslogSink, LocalStream) {
  const TempDir dir;
  const Fd server = Listen(SOCK_STREAM, dir / "log");
  const auto sink = syslog_sink(Named("unix:" + dir / "log"));
  EXPECT_TRUE(WriteLine(*sink, "one"));
  const Fd peer(accept(server.get(), nullptr, nullptr));
  const std::string data = Receive(peer);
  ASSERT_TRUE(data.ends_with('\n'));
  EXPECT_EQ(Parse(data.substr(0, data.size() - 1))->text, "one");
}

TEST(SyslogSink, Udp) {
  uint16_t port = 0;
  const Fd server = ListenInet(SOCK_DGRAM, port);
  const auto sink = syslog_sink(Named("udp://127.0.0.1:" + std::to_string(port)));
  EXPECT_TRUE(WriteLine(*sink, "one"));
  EXPECT_EQ(Parse(Receive(server))->text, "one");
}

TEST(SyslogSink, TcpCountsOctets) {
  uint16_t port = 0;
  const Fd server = ListenInet(SOCK_STREAM, port);
  const auto sink = syslog_sink(Named("tcp://127.0.0.1:" + std::to_string(port)));
  EXPECT_TRUE(sink->write(Lines({"one", "two \xE2\x82\xAC"}).batch()));
  const Fd peer(accept(server.get(), nullptr, nullptr));
  std::string data;
  while (data.find("\xE2\x82\xAC") == std::string::npos) {
    const std::string more = Receive(peer);
    ASSERT_FALSE(more.empty());
    data += more;
  }
  std::vector<std::string> texts;
  while (!data.empty()) {
    size_t digits = 0;
    const size_t size = std::stoul(data, &digits);
    ASSERT_EQ(data[digits], ' ');
    ASSERT_LE(digits + 1 + size, data.size());
    texts.push_back(Parse(data.substr(digits + 1, size)).value().text);
    data.erase(0, digits + 1 + size);
  }
  EXPECT_THAT(texts, ElementsAre("one", "two \xE2\x82\xAC"));
}

TEST(SyslogSink, WhatIsNoAddressIsSaid) {
  for (const char* address : {"", "/dev/log", "http://x", "tcp://", "udp://no such host:514"}) {
    const Delivery delivery = syslog_sink(Named(address))->deliver(Lines({"x"}).batch());
    EXPECT_EQ(delivery.outcome, Delivery::Outcome::kRetry) << address;
    EXPECT_FALSE(delivery.reason.empty()) << address;
  }
}

TEST(SyslogSink, RsyslogTakesIt) {
  if (access("/usr/sbin/rsyslogd", X_OK) != 0) GTEST_SKIP() << "rsyslog is not installed";
  const TempDir dir;
  uint16_t port = 0;
  ListenInet(SOCK_STREAM, port).Close();
  WriteFile(dir / "conf",
            "global(workDirectory=\"" + dir.path() +
                "\")\n"
                "module(load=\"imuxsock\" SysSock.Use=\"off\")\nmodule(load=\"imtcp\")\n"
                "input(type=\"imuxsock\" Socket=\"" +
                dir / "log" +
                "\" UseSpecialParser=\"off\" RateLimit.Interval=\"0\")\n"
                "input(type=\"imtcp\" address=\"127.0.0.1\" port=\"" +
                std::to_string(port) +
                "\")\n"
                "template(name=\"t\" type=\"string\" "
                "string=\"%syslogseverity-text% %app-name% %msgid% %structured-data% %msg%\\n\")\n"
                "*.* action(type=\"omfile\" file=\"" +
                dir / "out" + "\" template=\"t\")\n");
  const pid_t daemon = fork();
  if (daemon == 0) {
    const std::string conf = dir / "conf", pid = dir / "pid";
    execl("/usr/sbin/rsyslogd", "rsyslogd", "-n", "-f", conf.c_str(), "-i", pid.c_str(), nullptr);
    _exit(127);
  }
  for (const std::string& address : {"unix:" + dir / "log", "tcp://127.0.0.1:" + std::to_string(port)}) {
    SyslogConfig config = Named(address);
    config.structured_data = {{"key", "value"}};
    bool sent = false;
    for (int i = 0; i < 100 && !sent; ++i) {
      sent = syslog_sink(config)->write(
          Lines({"{\"from\":\"" + address.substr(0, 4) + "\"}"}, Level::kError).batch());
      if (!sent) absl::SleepFor(absl::Milliseconds(50));
    }
    EXPECT_TRUE(sent) << address;
  }
  std::string out;
  for (int i = 0; i < 100 && out.find("tcp:") == std::string::npos; ++i) {
    absl::SleepFor(absl::Milliseconds(50));
    out = Contents(dir / "out");
  }
  EXPECT_THAT(out, HasSubstr("err api app [taffrail@32473 key=\"value\"] {\"from\":\"unix\"}\n"));
  EXPECT_THAT(out, HasSubstr("err api app [taffrail@32473 key=\"value\"] {\"from\":\"tcp:\"}\n"));
  kill(daemon, SIGTERM);
  waitpid(daemon, nullptr, 0);
}

}  // namespace
}  // namespace taffrail::sink
