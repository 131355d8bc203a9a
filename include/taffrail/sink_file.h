// Log files that rotate: by size, by time, or both; compressed and cleared away in the background.
//
//   app.log                              is written
//   app-2026-11-21T10-00-00.000.log.gz   was closed at that moment: all its lines are older
//
// Old files carry the time and not a number, so that a file keeps its name for ever: a rotation renames one
// file and not all of them, what reads or copies them never meets the same lines under another name, and
// names sort by age.
//
// Several processes may append to one file: a batch is one write(2) with O_APPEND, so lines stay whole. Each
// holds a shared lock (flock) on the file it writes. Who rotates holds a lock on the directory meanwhile; the
// others see by device and inode that the name means another file now. A file is compressed or removed only
// when nobody holds a lock on it any more.
//
// Another program may rotate instead (logrotate): by renaming, with or without SIGHUP, or by copytruncate.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "taffrail/config.h"
#include "taffrail/sinks.h"

namespace taffrail {

enum class RotationPeriod : uint8_t { kNever, kHourly, kDaily };
enum class FileCompression : uint8_t { kNone, kGzip, kZstd };

struct FileOptions {
  // A batch that would make the file larger begins the next one (a single batch, at most 128 KiB and a line,
  // is never split). 0: any size.
  uint64_t max_bytes = 0;
  RotationPeriod period = RotationPeriod::kNever;
  bool local_time = false;  // hours and days, and the names of old files, by TZ; else UTC
  FileCompression compression = FileCompression::kNone;  // of old files

  // Old files are removed when one of these is exceeded, the oldest first. 0: no limit.
  size_t keep_files = 0;
  int64_t keep_hours = 0;   // since the file was closed
  uint64_t keep_bytes = 0;  // of all old files together, as they are on disk

  // How often at most the file's name is looked up, to see that somebody renamed or removed the file.
  int64_t check_ms = 250;
};
std::shared_ptr<Sink> file_sink(std::string path, FileOptions options);

// One file a category (category.h): app.log, audit.log, performance.log and security.log take the lines of
// their loggers, error.log takes every line from ERROR up in addition. For Config::sinks.
std::vector<SinkConfig> category_files(const std::string& dir, const FileOptions& options = {});

// From now on SIGHUP makes every file be opened anew by its name: before the next line is written, and when
// none comes the file is let go of by the backend's next round. The handler itself only counts. What handled
// SIGHUP before is called as well (the default, to end the process, is not). A second call does nothing.
void reopen_on_sighup();
// The same by hand; may be called in a signal handler.
void request_reopen() noexcept;
// How often that was asked for: who calls Sink::reopen() compares.
uint64_t reopen_requests() noexcept;

}  // namespace taffrail
