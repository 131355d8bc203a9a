// Exit codes of the program: scripts rely on them (docs/cli.md).
#pragma once

#include <string>

#include "base/status.h"

namespace taffrail::cmd {

enum class ExitCode : int {
  kDone = 0,
  kCheckFailed = 1,  // a check that was asked for found something, or --fail-empty and nothing was found
  kUsage = 2,        // the command line or the query makes no sense
  kUnreachable = 3,  // a server, file or directory cannot be reached, read or written
  kDamaged = 4,      // stored data is damaged
};

ExitCode ExitCodeOf(const absl::Status& error);

// For stderr: what happened and, where it is known, what to do next. One line, but for queries that do not
// parse: there the place is shown below it. Control characters are escaped: the message may quote a server's
// answer or a file's name.
std::string ErrorText(const absl::Status& error);

}  // namespace taffrail::cmd
