#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <optional>
#include <utility>

#include "base/env.h"
#include "sink/fd.h"
#include "sink/local_host.h"
#include "sink/owned_lines.h"
#include "sink/syslog_message.h"
#include "taffrail/sink_syslog.h"

namespace taffrail {
namespace {

using sink::Fd;
using Outcome = Delivery::Outcome;

constexpr int kSendMs = 200;       // the daemon is on this machine, or the packet is only queued
constexpr int kConnectMs = 2'000;  // one lost packet and its repetition
constexpr int64_t kAgainNs = 5'000'000'000;

struct Address {
  enum class Kind : uint8_t { kUnix, kUdp, kTcp } kind = Kind::kUnix;
  std::string host;  // or path
  std::string port;
};

std::optional<Address> ParseAddress(std::string_view text) {
  if (text.starts_with("unix:")) return Address{Address::Kind::kUnix, std::string(text.substr(5)), {}};
  const bool tcp = text.starts_with("tcp://");
  if (!tcp && !text.starts_with("udp://")) return std::nullopt;
  text.remove_prefix(6);
  Address address{.kind = tcp ? Address::Kind::kTcp : Address::Kind::kUdp};
  const size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  const size_t colon = bracket == std::string_view::npos ? bracket : text.find(':', bracket);
  address.host = text.substr(0, colon);
  if (bracket > 0) address.host = address.host.substr(1, bracket - 1);
  // The registered ports; TCP has none of its own (RFC 6587), daemons use 601.
  address.port = colon == std::string_view::npos ? (tcp ? "601" : "514") : text.substr(colon + 1);
  return address;
}

bool Wait(int fd, int timeout_ms) {
  pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
  return sink::Retry([&] { return poll(&ready, 1, timeout_ms); }) > 0;
}

bool Connect(const Fd& fd, const sockaddr* address, socklen_t size, int timeout_ms) {
  if (connect(fd.get(), address, size) == 0) return true;
  if (errno != EINPROGRESS) return false;
  int error = ETIMEDOUT;
  socklen_t error_size = sizeof(error);
  if (Wait(fd.get(), timeout_ms)) getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &error_size);
  errno = error;
  return error == 0;
}

class SyslogSink final : public Sink {
 public:
  SyslogSink(const SyslogConfig& config, std::optional<Address> address)
      : message_(config), address_(std::move(address)), name_(config.address) {}

  bool write(const Batch& batch) override { return deliver(batch).outcome == Outcome::kDone; }

  Delivery deliver(const Batch& batch) override {
    if (!address_) return Failed("not an address: " + name_);
    const std::vector<Entry> entries = sink::EntriesOf(batch);
    size_t sent = 0;
    // A daemon that was restarted is noticed by the first send only: so once more.
    for (int attempt = 0; attempt < 2; ++attempt) {
      if (!socket_.valid()) {
        const std::string why = Open();
        if (!why.empty()) return Failed(why);
      }
      if (Send(entries, sent)) return {};
      const int error = errno;
      socket_.Close();
      if (error == EAGAIN || attempt > 0) return Failed(name_ + ": " + std::strerror(error));
    }
    return {};
  }

 private:
  static Delivery Failed(std::string why) { return {.outcome = Outcome::kRetry, .reason = std::move(why)}; }

  // What went wrong; nothing: it is open.
  std::string Open() {
    const int64_t now_ns = base::Env::Posix().MonotonicNs();
    if (again_ns_ != 0 && now_ns < again_ns_) return "not tried again yet";
    const std::string why = address_->kind == Address::Kind::kUnix ? OpenLocal() : OpenRemote();
    // A local socket fails at once, and may be there the next moment.
    again_ns_ = why.empty() || address_->kind == Address::Kind::kUnix
                    ? 0
                    : base::Env::Posix().MonotonicNs() + kAgainNs;
    return why;
  }

  std::string OpenLocal() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (address_->host.size() >= sizeof(address.sun_path)) return address_->host + ": the path is too long";
    std::memcpy(address.sun_path, address_->host.data(), address_->host.size());
    for (const int type : {SOCK_DGRAM, SOCK_STREAM}) {
      socket_ = Fd(socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      stream_ = type == SOCK_STREAM;
      if (connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0)
        return {};
      if (errno != EPROTOTYPE) break;  // it is: a socket of the other type
    }
    const int error = errno;
    socket_.Close();
    return address_->host + ": " + std::strerror(error);
  }

  std::string OpenRemote() {
    stream_ = address_->kind == Address::Kind::kTcp;
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = stream_ ? SOCK_STREAM : SOCK_DGRAM;
    const int error = getaddrinfo(address_->host.c_str(), address_->port.c_str(), &hints, &found);
    if (error != 0) return name_ + ": " + gai_strerror(error);
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, freeaddrinfo);
    for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
      socket_ = Fd(socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, at->ai_protocol));
      if (socket_.valid() && Connect(socket_, at->ai_addr, at->ai_addrlen, kConnectMs)) return {};
    }
    const int last = errno;
    socket_.Close();
    return name_ + ": " + std::strerror(last);
  }

  // From entries[sent] on; `sent` counts those that are out.
  bool Send(const std::vector<Entry>& entries, size_t& sent) {
    for (; sent < entries.size(); ++sent) {
      buffer_.clear();
      message_.Append(entries[sent], buffer_);
      if (stream_ && address_->kind == Address::Kind::kUnix) buffer_.push_back('\n');
      if (stream_ && address_->kind == Address::Kind::kTcp)
        buffer_.insert(0, std::to_string(buffer_.size()) + " ");
      if (!SendAll(buffer_)) return false;
    }
    return true;
  }

  bool SendAll(std::string_view data) {
    while (!data.empty()) {
      const ssize_t size = send(socket_.get(), data.data(), data.size(), MSG_NOSIGNAL);
      if (size >= 0) {
        data.remove_prefix(stream_ ? static_cast<size_t>(size) : data.size());
      } else if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
        if (!Wait(socket_.get(), kSendMs)) {
          errno = EAGAIN;
          return false;
        }
      } else if (errno != EINTR) {
        return false;
      }
    }
    return true;
  }

  const sink::SyslogMessage message_;
  const std::optional<Address> address_;
  const std::string name_;
  Fd socket_;
  bool stream_ = false;
  int64_t again_ns_ = 0;  // no attempt to connect before
  std::string buffer_;
};

}  // namespace

std::shared_ptr<Sink> syslog_sink(SyslogConfig config) {
  constexpr size_t kDatagramBytes = size_t{8} << 10, kStreamBytes = size_t{64} << 10;
  auto address = ParseAddress(config.address);
  const bool tcp = address && address->kind == Address::Kind::kTcp;
  if (config.max_message_bytes == 0) config.max_message_bytes = tcp ? kStreamBytes : kDatagramBytes;
  if (config.app_name.empty()) config.app_name = sink::ProgramName();
  if (config.hostname.empty()) config.hostname = sink::HostName();
  return std::make_shared<SyslogSink>(config, std::move(address));
}

}  // namespace taffrail
