// A directory of a test's own, and what tests ask of the files in it.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "taffrail/sinks.h"

namespace taffrail::sink {

class TempDir {
 public:
  TempDir() : path_(testing::TempDir() + "/sink-XXXXXX") {
    if (mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~TempDir() { std::filesystem::remove_all(path_); }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_))
      names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
  }

 private:
  std::string path_;
};

inline std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

// Through the programs that users have, not through our own code. Empty for what they refuse.
inline std::string Unpacked(const std::string& path) {
  if (!path.ends_with(".gz") && !path.ends_with(".zst")) return Contents(path);
  const std::string command = (path.ends_with(".gz") ? "gzip -dc '" : "zstd -dcq '") + path + "'";
  FILE* pipe = popen(command.c_str(), "r");
  std::string text;
  char piece[4096];
  while (const size_t size = fread(piece, 1, sizeof(piece), pipe)) text.append(piece, size);
  return pclose(pipe) == 0 ? text : "";
}

// A batch of these lines; keeps what the batch borrows.
class Lines {
 public:
  explicit Lines(const std::vector<std::string>& lines, Level level = Level::kInfo,
                 Category category = Category::kApp) {
    for (const std::string& line : lines) text_ += line + "\n";
    const char* at = text_.data();
    for (const std::string& line : lines) {
      entries_.push_back({level, 1'761'834'225'123'000'000, "t", {at, line.size()}, category});
      at += line.size() + 1;
    }
  }
  Batch batch() const { return {text_, entries_}; }

 private:
  std::string text_;
  std::vector<Entry> entries_;
};

// "process <p> line <i> end", in batches of one to seven lines.
inline void WriteMany(Sink& sink, int process, int lines) {
  for (int i = 0; i < lines;) {
    std::vector<std::string> batch;
    for (int n = 0, size = 1 + i % 7; n < size && i < lines; ++n, ++i)
      batch.push_back("process " + std::to_string(process) + " line " + std::to_string(i) + " end");
    if (!sink.write(Lines(batch).batch())) std::_Exit(1);
  }
}

// Each of them once and whole, over all files of the directory.
inline void ExpectAllLines(const TempDir& dir, int processes, int lines) {
  std::map<int, std::vector<int>> seen;
  for (const std::string& name : dir.names()) {
    std::istringstream text(Unpacked(dir / name));
    for (std::string line; std::getline(text, line);) {
      int process = -1, number = -1, end = 0;
      ASSERT_EQ(std::sscanf(line.c_str(), "process %d line %d end%n", &process, &number, &end), 2) << line;
      ASSERT_EQ(static_cast<size_t>(end), line.size()) << line;
      seen[process].push_back(number);
    }
  }
  ASSERT_EQ(seen.size(), static_cast<size_t>(processes));
  for (auto& [process, numbers] : seen) {
    ASSERT_EQ(numbers.size(), static_cast<size_t>(lines)) << process;
    std::ranges::sort(numbers);
    for (int i = 0; i < lines; ++i) ASSERT_EQ(numbers[static_cast<size_t>(i)], i) << process;
  }
}

inline bool WriteLine(Sink& sink, const std::string& line) { return sink.write(Lines({line}).batch()); }

}  // namespace taffrail::sink
