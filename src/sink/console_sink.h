// The standard output or error, on which the layout depends: text with colours on a terminal.
#pragma once

#include "taffrail/sinks.h"

namespace taffrail::sink {

class ConsoleSink : public Sink {
 public:
  explicit ConsoleSink(int fd) : fd_(fd) {}
  bool write(const Batch& batch) override;
  bool wants_entries() const override { return false; }
  // A terminal that shows colours: not TERM=dumb, and NO_COLOR (no-color.org) is not set.
  bool is_terminal() const override;

 private:
  int fd_;
};

// Over short writes, signals and a reader slower than us (a pipe set to non-blocking by another program).
// Returns how much was written: less than all after an error, which is in errno.
size_t WriteAll(int fd, std::string_view text);

}  // namespace taffrail::sink
