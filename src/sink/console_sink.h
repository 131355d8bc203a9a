// The standard output or error, on which the layout depends: text with colours on a terminal.
#pragma once

#include "taffrail/sinks.h"

namespace taffrail::sink {

class ConsoleSink : public Sink {
 public:
  explicit ConsoleSink(int fd) : fd_(fd) {}
  bool write(const Batch& batch) override;
  // A terminal that shows colours: not TERM=dumb, and NO_COLOR (no-color.org) is not set.
  bool is_terminal() const override;

 private:
  int fd_;
};

// All of it, over short writes, signals and a reader slower than us (a pipe set to non-blocking by another
// program).
bool WriteAll(int fd, std::string_view text);

}  // namespace taffrail::sink
