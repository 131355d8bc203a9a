// A plain blocking TCP client for tests: says exactly the bytes it is told to.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace taffrail::net {

class RawClient {
 public:
  explicit RawClient(uint16_t port, int receive_buffer_bytes = 0) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer_bytes > 0) {
      setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof(receive_buffer_bytes));
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) Close();
  }
  ~RawClient() { Close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return socket_ >= 0; }

  bool Say(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  // Appends what comes next to seen; false at the end, or when nothing comes for timeout_ms.
  bool Hear(int timeout_ms = 5000) {
    pollfd waiting{socket_, POLLIN, 0};
    if (poll(&waiting, 1, timeout_ms) <= 0) return false;
    char buffer[4096];
    const ssize_t got = ::recv(socket_, buffer, sizeof(buffer), 0);
    if (got <= 0) ended_ = true;
    if (got <= 0) return false;
    seen.append(buffer, static_cast<size_t>(got));
    return true;
  }

  bool HearUntil(std::string_view text, int timeout_ms = 5000) {
    while (seen.find(text) == std::string::npos) {
      if (!Hear(timeout_ms)) return false;
    }
    return true;
  }

  // Everything up to the end of the connection.
  std::string HearAll(int timeout_ms = 5000) {
    while (Hear(timeout_ms)) {
    }
    return seen;
  }

  // One answer with a Content-Length, taken off the front of seen.
  std::string HearAnswer() {
    if (!HearUntil("\r\n\r\n")) return {};
    const size_t head_end = seen.find("\r\n\r\n") + 4;
    const size_t field = seen.find("Content-Length: ");
    const size_t length = field < head_end ? std::strtoul(seen.c_str() + field + 16, nullptr, 10) : 0;
    while (seen.size() < head_end + length && Hear()) {
    }
    std::string answer = seen.substr(0, head_end + length);
    seen.erase(0, head_end + length);
    return answer;
  }

  bool ended() const { return ended_; }  // the server closed its side
  void FinishSending() { shutdown(socket_, SHUT_WR); }
  void Close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  void Reset() {  // RST instead of FIN
    const linger now{1, 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    Close();
  }

  std::string seen;

 private:
  int socket_ = -1;
  bool ended_ = false;
};

}  // namespace taffrail::net
