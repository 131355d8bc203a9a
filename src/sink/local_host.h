// What this program and this machine are called.
#pragma once

#include <errno.h>
#include <unistd.h>

#include <string>

namespace taffrail::sink {

inline std::string ProgramName() { return program_invocation_short_name; }

inline std::string HostName() {
  char name[256] = {};  // POSIX: 255 and the zero
  return gethostname(name, sizeof(name) - 1) == 0 ? name : "";
}

}  // namespace taffrail::sink
