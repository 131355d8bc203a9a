#include "net/socket_io.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace taffrail::net {

bool IsIpv6(int socket) {
  sockaddr_storage name{};
  socklen_t size = sizeof(name);
  getpeername(socket, reinterpret_cast<sockaddr*>(&name), &size);
  return name.ss_family == AF_INET6;
}

void CloseSocket(int socket) { ::close(socket); }

ssize_t ReadReady(int socket, size_t most, size_t keep, std::string& bytes) {
  int ready = 0;
  if (ioctl(socket, FIONREAD, &ready) != 0) ready = 0;
  // One byte even where none is known of: to see the end, or an error.
  bytes.resize(keep + std::min(static_cast<size_t>(std::max(ready, 1)), most));
  const ssize_t size = recv(socket, bytes.data() + keep, bytes.size() - keep, MSG_DONTWAIT);
  bytes.resize(keep + static_cast<size_t>(std::max<ssize_t>(size, 0)));
  return size;
}

void SetLowWater(int socket, size_t bytes) {
  const int value = static_cast<int>(bytes);
  setsockopt(socket, SOL_SOCKET, SO_RCVLOWAT, &value, sizeof(value));
}

}  // namespace taffrail::net
