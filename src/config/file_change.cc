#include "config/file_change.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <utility>

namespace taffrail::config {
namespace {

namespace fs = std::filesystem;

constexpr int kLinksMax = 40;  // as the kernel's own limit
// An editor writes, renames and sets modes within milliseconds: one change, told once.
constexpr int kSettleMs = 50;
constexpr int kSettleRoundsMax = 20;
// Network file systems and bind mounts do not tell; this looks anyway.
constexpr int kLookMs = 5'000;

// Names that come and go. What is written into other files of the directory is none of our business: it may
// be the log itself.
constexpr uint32_t kNameEvents = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE;
constexpr uint32_t kFileEvents = IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF;

bool IsReadable(const pollfd& entry) { return (entry.revents & POLLIN) != 0; }

}  // namespace

std::vector<std::string> DirectoriesOnTheWay(const std::string& path) {
  std::error_code error;
  std::vector<std::string> directories;
  const auto add = [&](const fs::path& directory) {
    if (std::ranges::find(directories, directory.string()) == directories.end())
      directories.push_back(directory.string());
  };
  fs::path at = "/";
  std::deque<fs::path> rest;
  for (const fs::path& part : fs::absolute(path, error).relative_path()) rest.push_back(part);
  for (int links = 0; !rest.empty();) {
    const fs::path part = std::move(rest.front());
    rest.pop_front();
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      at = at.parent_path();
      continue;
    }
    const fs::path target = fs::read_symlink(at / part, error);
    if (error) {  // no link
      if (rest.empty()) add(at);
      at /= part;
      continue;
    }
    add(at);
    if (++links > kLinksMax) break;
    if (target.is_absolute()) at = "/";
    const fs::path parts = target.relative_path();
    rest.insert(rest.begin(), parts.begin(), parts.end());
  }
  return directories;
}

FileChange::FileChange(std::string path) : path_(std::move(path)), stop_(eventfd(0, EFD_CLOEXEC)) {}

FileChange::~FileChange() {
  if (inotify_ >= 0) close(inotify_);
  if (stop_ >= 0) close(stop_);
}

void FileChange::Watch() {
  // Anew each time: the path may lead through other directories now, and old events are forgotten.
  if (inotify_ >= 0) close(inotify_);
  inotify_ = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);  // when there is none, kLookMs remains
  if (inotify_ >= 0) {
    for (const std::string& directory : DirectoriesOnTheWay(path_))
      inotify_add_watch(inotify_, directory.c_str(), kNameEvents | IN_ONLYDIR);
    inotify_add_watch(inotify_, path_.c_str(), kFileEvents);
  }
  stamp_ = Stamp();
}

bool FileChange::Wait() {
  while (true) {
    std::array<pollfd, 2> entries = {pollfd{stop_, POLLIN, 0}, pollfd{inotify_, POLLIN, 0}};
    const int ready = poll(entries.data(), entries.size(), kLookMs);
    if (IsReadable(entries[0])) return false;
    if (IsReadable(entries[1])) return Settle();
    if (ready == 0 && Stamp() != stamp_) return Settle();
  }
}

bool FileChange::Settle() {
  for (int round = 0; round < kSettleRoundsMax; ++round) {
    std::array<char, 4096> events;
    while (inotify_ >= 0 && read(inotify_, events.data(), events.size()) > 0) {
    }
    std::array<pollfd, 2> entries = {pollfd{stop_, POLLIN, 0}, pollfd{inotify_, POLLIN, 0}};
    const int ready = poll(entries.data(), entries.size(), kSettleMs);
    if (IsReadable(entries[0])) return false;
    if (ready == 0) break;
  }
  return true;
}

void FileChange::Stop() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(stop_, &one, sizeof(one));
}

std::string FileChange::Stamp() const {
  struct stat status = {};
  if (stat(path_.c_str(), &status) != 0) return {};
  return fmt::format("{}.{}.{}.{}.{}", status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec,
                     status.st_mtim.tv_nsec);
}

}  // namespace taffrail::config
