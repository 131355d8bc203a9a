// A name that is taken only when it is free.
#pragma once

#include <string>

#include "base/status.h"

namespace taffrail::sink {

// Renames, and never over another file: AlreadyExists when `to` is there. On a file system that cannot do
// both at once (NFS) the two are apart, and another process may come between them.
[[nodiscard]] absl::Status RenameNew(const std::string& from, const std::string& to);

}  // namespace taffrail::sink
