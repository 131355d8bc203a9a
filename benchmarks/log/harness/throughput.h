// As many lines as one thread can log, until the last of them is in the file; what that costs all threads of
// the process, and the most memory it ever held. A figure for lines that did not arrive would be none, so
// they are counted afterwards.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <stdexcept>

#include "harness/clock.h"
#include "harness/library.h"
#include "harness/options.h"
#include "harness/result.h"

namespace bench {

struct FileSize {
  int64_t lines = 0;
  int64_t bytes = 0;
};

inline FileSize CountLines(const std::string& path) {
  constexpr size_t kPieceBytes = size_t{1} << 20;
  const auto piece = std::make_unique<char[]>(kPieceBytes);
  FileSize size;
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return size;
  while (true) {
    const ssize_t got = read(file, piece.get(), kPieceBytes);
    if (got <= 0) break;
    size.lines += std::count(piece.get(), piece.get() + got, '\n');
    size.bytes += got;
  }
  close(file);
  return size;
}

template <Library L>
void MeasureThroughput(L& library, const Options& options) {
  const double before_mb = MemoryMb("VmRSS");
  library.Start(options.setup());
  const Workload w;
  const double wall = WallSeconds(), cpu = CpuSeconds();
  for (int i = 0; i < options.lines; ++i) library.Log(w, i);
  library.Flush();
  const double wall_s = WallSeconds() - wall, cpu_s = CpuSeconds() - cpu;
  const double peak_mb = MemoryMb("VmHWM");
  const FileSize written = CountLines(options.setup().file);
  if (written.lines < options.lines) {
    throw std::runtime_error("only " + std::to_string(written.lines) + " of " +
                             std::to_string(options.lines) + " lines are in the file");
  }
  Result()
      .Add("lines_per_s", options.lines / wall_s)
      .Add("cpu_ns_per_line", cpu_s * 1e9 / options.lines)
      .Add("rss_mb", peak_mb)
      .Add("rss_before_mb", before_mb)
      .Add("bytes_per_line", static_cast<double>(written.bytes) / static_cast<double>(written.lines))
      .Print();
}

}  // namespace bench
