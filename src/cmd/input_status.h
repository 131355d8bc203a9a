// Errors of inputs (ingest/file_reader.h) as those of the command line: a file that cannot be opened is not a
// mistake of usage, and neither is one that is damaged.
#pragma once

#include <string>

#include "base/status.h"

namespace taffrail::cmd {

// Of FileReader::Open.
absl::Status CannotOpen(const std::string& path, const absl::Status& error);
// Of FileReader::Next: DataLoss for compressed data that are damaged or stop short. Ok stays ok.
absl::Status CannotRead(const absl::Status& error);

}  // namespace taffrail::cmd
