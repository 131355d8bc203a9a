#include "sink/console_sink.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace taffrail::sink {

size_t WriteAll(int fd, std::string_view text) {
  // A reader that takes nothing for so long is gone or stopped; the backend must not stop with it.
  constexpr int kStallMs = 5'000;
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = ::write(fd, text.data() + done, text.size() - done);
    if (written >= 0) {
      done += static_cast<size_t>(written);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd ready{.fd = fd, .events = POLLOUT, .revents = 0};
      if (poll(&ready, 1, kStallMs) == 0) break;
    } else if (errno != EINTR) {
      break;
    }
  }
  return done;
}

bool ConsoleSink::write(const Batch& batch) { return WriteAll(fd_, batch.text) == batch.text.size(); }

bool ConsoleSink::is_terminal() const {
  const char* term = std::getenv("TERM");
  const char* no_color = std::getenv("NO_COLOR");
  const bool dumb = term != nullptr && std::strcmp(term, "dumb") == 0;
  return isatty(fd_) != 0 && !dumb && (no_color == nullptr || *no_color == '\0');
}

}  // namespace taffrail::sink

namespace taffrail {

std::shared_ptr<Sink> console_sink(ConsoleStream stream) {
  const int fd = stream == ConsoleStream::kStdout ? STDOUT_FILENO : STDERR_FILENO;
  return std::make_shared<sink::ConsoleSink>(fd);
}

}  // namespace taffrail
