#include "events/process_memory.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <string_view>

namespace taffrail::events {
namespace {

constexpr int64_t kRecentNs = 1'000'000;

std::atomic<int64_t> recent_rss{0};
std::atomic<int64_t> recent_at_ns{0};

int64_t NowNs() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

int64_t ReadRss() {
  const int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  char text[128];  // seven numbers
  const ssize_t size = read(fd, text, sizeof(text));
  close(fd);
  if (size <= 0) return 0;
  const std::string_view line(text, static_cast<size_t>(size));
  const size_t space = line.find(' ');  // the first number is the virtual size
  if (space == std::string_view::npos) return 0;
  int64_t pages = 0;
  std::from_chars(line.data() + space + 1, line.data() + line.size(), pages);
  static const int64_t page_bytes = sysconf(_SC_PAGESIZE);
  return pages * page_bytes;
}

int64_t RecentRss() {
  const int64_t now = NowNs();
  int64_t at = recent_at_ns.load(std::memory_order_acquire);
  if (at != 0 && now - at < kRecentNs) return recent_rss.load(std::memory_order_relaxed);
  // Whoever moves the time asks the system; the others take what was known.
  if (recent_at_ns.compare_exchange_strong(at, now, std::memory_order_acq_rel)) {
    recent_rss.store(ReadRss(), std::memory_order_relaxed);
  } else if (recent_rss.load(std::memory_order_relaxed) == 0) {
    return ReadRss();  // nothing known yet
  }
  return recent_rss.load(std::memory_order_relaxed);
}

}  // namespace taffrail::events
