// The file of lines that their destination refused for good, each with the reason: JSON lines, rotated.
#pragma once

#include <string>
#include <string_view>

#include "sink/file_sink.h"

namespace taffrail::sink {

class DeadLetters {
 public:
  explicit DeadLetters(std::string path);
  // False: it could not be written, and is not lost as long as somebody tries again.
  bool Add(const Entry& entry, std::string_view reason);

 private:
  FileSink file_;
};

}  // namespace taffrail::sink
