// The command line of a measuring program: PROGRAM MODE [--name value]…
#pragma once

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "harness/library.h"

namespace bench {

struct Options {
  std::string mode;
  std::string dir = ".";  // everything is written below it
  std::string variant;
  std::string end;  // crash: how the process ends
  int threads = 1;
  int lines = 50'000;
  double seconds = 1;

  Setup setup() const {
    return {.file = dir + "/log", .queue_dir = dir + "/queue", .variant = variant, .fatal_signals = false};
  }
};

inline Options ParseOptions(int argc, char** argv) {
  if (argc < 2 || argc % 2 != 0) throw std::invalid_argument("usage: PROGRAM MODE [--name value]...");
  Options options;
  options.mode = argv[1];
  for (int i = 2; i < argc; i += 2) {
    const std::string name = argv[i], value = argv[i + 1];
    if (name == "--dir") {
      options.dir = value;
    } else if (name == "--variant") {
      options.variant = value;
    } else if (name == "--end") {
      options.end = value;
    } else if (name == "--threads") {
      options.threads = std::stoi(value);
    } else if (name == "--lines") {
      options.lines = std::stoi(value);
    } else if (name == "--seconds") {
      options.seconds = std::stod(value);
    } else {
      throw std::invalid_argument("no such option: " + name);
    }
  }
  return options;
}

}  // namespace bench
