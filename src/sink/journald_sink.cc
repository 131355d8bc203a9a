// systemd's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): one datagram an entry. A field is
// "NAME=value\n", or "NAME\n", a 64-bit little-endian size, the value and "\n" when the value has line ends.
// What is too large for a datagram goes as a sealed memory file, whose descriptor is sent instead.
#include <fcntl.h>
#include <simdjson.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <utility>

#include "base/bytes.h"
#include "record/level.h"
#include "sink/console_sink.h"
#include "sink/fd.h"
#include "sink/local_host.h"
#include "sink/owned_lines.h"
#include "taffrail/sink_syslog.h"

namespace taffrail {
namespace {

using sink::Fd;
using Outcome = Delivery::Outcome;

void AppendField(std::string_view name, std::string_view value, std::string& out) {
  out.append(name);
  if (value.find('\n') == std::string_view::npos) {
    out.push_back('=');
  } else {
    out.push_back('\n');
    base::PutFixed(out, uint64_t{value.size()});
  }
  out.append(value).push_back('\n');
}

class JournaldSink final : public Sink {
 public:
  explicit JournaldSink(JournaldConfig config) : config_(std::move(config)) {}

  bool write(const Batch& batch) override { return deliver(batch).outcome == Outcome::kDone; }

  Delivery deliver(const Batch& batch) override {
    for (const Entry& entry : sink::EntriesOf(batch)) {
      buffer_.clear();
      AppendEntry(entry);
      if (SendEntry()) continue;
      const int error = errno;
      socket_.Close();
      return {.outcome = Outcome::kRetry, .reason = config_.socket + ": " + std::strerror(error)};
    }
    return {};
  }

 private:
  void AppendEntry(const Entry& entry) {
    AppendField("PRIORITY", std::to_string(record::SyslogSeverity(entry.level)), buffer_);
    AppendField("SYSLOG_IDENTIFIER", config_.identifier, buffer_);
    if (!entry.logger.empty()) AppendField("TAFFRAIL_LOGGER", entry.logger, buffer_);
    AppendField("TAFFRAIL_CATEGORY", category_name(entry.category), buffer_);
    padded_.assign(entry.line);
    padded_.reserve(padded_.size() + simdjson::SIMDJSON_PADDING);
    const auto line = parser_.parse(padded_.data(), padded_.size(), false);
    if (line.error() != simdjson::SUCCESS || !line.is_object()) {
      AppendField("MESSAGE", entry.line, buffer_);
      return;
    }
    std::string_view text;
    AppendField("MESSAGE", line["message"].get(text) == simdjson::SUCCESS ? text : entry.line, buffer_);
    const auto source = line["source"];
    if (source["file"].get(text) == simdjson::SUCCESS) AppendField("CODE_FILE", text, buffer_);
    if (source["function"].get(text) == simdjson::SUCCESS) AppendField("CODE_FUNC", text, buffer_);
    uint64_t number = 0;
    if (source["line"].get(number) == simdjson::SUCCESS)
      AppendField("CODE_LINE", std::to_string(number), buffer_);
    if (line["context"]["request_id"].get(text) == simdjson::SUCCESS ||
        line["request_id"].get(text) == simdjson::SUCCESS)
      AppendField("TAFFRAIL_REQUEST_ID", text, buffer_);
    AppendField("TAFFRAIL_JSON", entry.line, buffer_);
  }

  bool SendEntry() {
    if (Send(buffer_)) return true;
    // Not connected yet, or the journal was restarted.
    if (errno != EMSGSIZE && errno != ENOBUFS && errno != EAGAIN && Reconnect() && Send(buffer_)) return true;
    return (errno == EMSGSIZE || errno == ENOBUFS) && SendAsFile(buffer_);
  }

  bool Reconnect() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (config_.socket.size() >= sizeof(address.sun_path)) {
      errno = ENAMETOOLONG;
      return false;
    }
    std::memcpy(address.sun_path, config_.socket.data(), config_.socket.size());
    socket_ = Fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    // The journal reads quickly; when it does not, the backend must not stop with it.
    const timeval patience{.tv_sec = 0, .tv_usec = 200'000};
    setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    const int bytes = 8 << 20;  // as systemd's own client: datagrams of most lines need no file then
    setsockopt(socket_.get(), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
    return connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }

  bool Send(std::string_view data) {
    return sink::Retry([&] { return send(socket_.get(), data.data(), data.size(), MSG_NOSIGNAL); }) >= 0;
  }

  bool SendAsFile(std::string_view data) {
    const Fd file(memfd_create("taffrail-journal", MFD_ALLOW_SEALING | MFD_CLOEXEC));
    if (!file.valid() || sink::WriteAll(file.get(), data) != data.size()) return false;
    // So that the journal may map it: nobody can change it any more.
    if (fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
      return false;
    msghdr message{};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    message.msg_control = control;
    message.msg_controllen = sizeof(control);
    cmsghdr* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    const int fd = file.get();
    std::memcpy(CMSG_DATA(head), &fd, sizeof(fd));
    return sink::Retry([&] { return sendmsg(socket_.get(), &message, MSG_NOSIGNAL); }) >= 0;
  }

  const JournaldConfig config_;
  Fd socket_;
  std::string buffer_;
  std::string padded_;
  simdjson::dom::parser parser_;
};

}  // namespace

std::shared_ptr<Sink> journald_sink(JournaldConfig config) {
  if (config.identifier.empty()) config.identifier = sink::ProgramName();
  return std::make_shared<JournaldSink>(std::move(config));
}

}  // namespace taffrail
