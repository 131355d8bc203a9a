// Tells when what a path leads to may have changed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace taffrail::config {

// Every directory in which a change of one name could make the path lead elsewhere: that of the file, and
// that of each symlink on the way, as in /etc/app/taffrail.yaml → ..data/taffrail.yaml with ..data → ..v2.
std::vector<std::string> DirectoriesOnTheWay(const std::string& path);

// Not thread-safe, but for Stop.
class FileChange {
 public:
  explicit FileChange(std::string path);
  ~FileChange();
  FileChange(const FileChange&) = delete;
  FileChange& operator=(const FileChange&) = delete;

  // Looks from now on. What is read after this and before Wait() is no older than the next change told.
  void Watch();
  // Returns true when something may have changed since Watch, and the writer seems to have finished; false
  // after Stop. May tell a change where there was none.
  bool Wait();
  void Stop();  // from any thread, for ever

 private:
  bool Settle();
  std::string Stamp() const;

  const std::string path_;
  int stop_ = -1;
  int inotify_ = -1;
  std::string stamp_;
};

}  // namespace taffrail::config
