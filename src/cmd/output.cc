#include "cmd/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace taffrail::cmd {

bool Output::Write(std::string_view text) {
  buffer_ += text;
  return buffer_.size() < kFlushBytes ? !closed_ : Flush();
}

bool Output::Flush() {
  std::string_view rest = buffer_;
  while (!closed_ && !rest.empty()) {
    const ssize_t written = write(file_descriptor_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EPIPE) {
      closed_ = true;  // not an error: the reader has what it wanted
    } else if (errno != EINTR) {
      closed_ = true;
      status_ = absl::UnavailableError(fmt::format("cannot write the output: {}", std::strerror(errno)));
    }
  }
  buffer_.clear();
  return !closed_;
}

absl::Status WriteOut(std::string_view text) {
  Output output(STDOUT_FILENO);
  output.Write(text);
  output.Flush();
  return output.status();
}

}  // namespace taffrail::cmd
