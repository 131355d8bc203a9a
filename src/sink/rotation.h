// When a log file ends, and what it is called afterwards: pure functions of time and text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "taffrail/sink_file.h"

namespace taffrail::sink {

// The end of the hour or day in which the moment lies, as Unix nanoseconds; the largest int64 for kNever.
int64_t PeriodEnd(RotationPeriod period, bool local_time, int64_t time_ns);

// How the old files of one log file are named: <stem>-<time><extension>[.gz|.zst], beside it.
class OldNames {
 public:
  OldNames(std::string_view path, bool local_time);

  // The name (not the path) of the file that was closed at this moment.
  std::string Name(int64_t closed_ns) const;

  struct Old {
    std::string name;
    int64_t closed_ns;
    bool compressed;
  };
  // None when it is another file's name.
  std::optional<Old> Parse(std::string_view name) const;
  // A compressed file that was not finished: the name of what was being compressed.
  std::optional<std::string> ParseUnfinished(std::string_view name) const;

  const std::string& dir() const { return dir_; }

 private:
  std::string dir_;
  std::string stem_;       // "app" of app.log
  std::string extension_;  // ".log"
  bool local_time_;
};

std::string_view Suffix(FileCompression compression);  // ".gz"
inline constexpr std::string_view kUnfinished = ".tmp";

}  // namespace taffrail::sink
