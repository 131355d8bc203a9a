// The piece that a process was writing when it was killed (queue_journal.h), brought to its end.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "log/queue_journal.h"

namespace taffrail::log {

// Appends to the file what is missing of the piece. NotFound: the file is not there any more, and how much of
// the piece it had is unknown.
absl::Status FinishInFile(const Journal::Piece::Part& part);
// How many bytes of the piece are in its file.
absl::StatusOr<size_t> DeliveredToFile(const Journal::Piece::Part& part);

// How much of `text` stands in `region`, the end of a file to which it was appended in one piece, perhaps
// between those of other processes.
struct Delivered {
  size_t size = 0;      // bytes of the text from its beginning
  bool at_end = false;  // and nothing came after them: the rest may follow
  bool ended = false;   // but for a newline, by which somebody ended the torn line
};
Delivered FindDelivered(std::string_view region, std::string_view text);

}  // namespace taffrail::log
