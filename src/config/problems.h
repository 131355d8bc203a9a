// Collects what is wrong with a configuration: all of it, not the first mistake alone.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "taffrail/config_file.h"

namespace taffrail::config {

// A place in a file; both count from 1, 0 is nowhere.
struct Mark {
  int line = 0;
  int column = 0;
};

class Problems {
 public:
  explicit Problems(std::string file) : file_(std::move(file)) {}

  void Error(const Mark& mark, std::string message, std::string hint = {});
  void Warn(const Mark& mark, std::string message, std::string hint = {});
  bool ok() const { return errors_ == 0; }
  std::vector<ConfigProblem> Take();  // in the order of the file

 private:
  // Who has more than this has handed over the wrong file.
  static constexpr size_t kProblemsMax = 100;
  void Add(bool is_error, const Mark& mark, std::string message, std::string hint);

  std::string file_;
  std::vector<ConfigProblem> problems_;
  size_t errors_ = 0;
};

// `text` for a message: shortened, and without what would command a terminal.
std::string Shown(std::string_view text);

}  // namespace taffrail::config
