// A file to its compressed form, as gzip and zstd (the programs) write and read them.
#pragma once

#include <string>

#include "base/status.h"
#include "taffrail/sink_file.h"

namespace taffrail::sink {

// Reads `from` to its end, writes `to` (with the mode and the time of `from`) and syncs it. In pieces: memory
// does not depend on the file's size. REQUIRES: compression is not kNone.
[[nodiscard]] absl::Status CompressFile(int from, const std::string& to, FileCompression compression);

}  // namespace taffrail::sink
