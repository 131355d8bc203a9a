#include "sink/rename_new.h"

#include <fcntl.h>

#include <cerrno>
#include <cstdio>

#include "base/env.h"

namespace taffrail::sink {

absl::Status RenameNew(const std::string& from, const std::string& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return absl::OkStatus();
  if (errno != EINVAL) return absl::ErrnoToStatus(errno, "rename to " + to);  // EEXIST is AlreadyExists
  if (base::Env::Posix().Exists(to)) return absl::AlreadyExistsError("rename to " + to);
  return base::Env::Posix().Rename(from, to);
}

}  // namespace taffrail::sink
