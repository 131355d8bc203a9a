// What `taffrail doctor` looks at. Each check is one function that says what it found and, when that is not
// well, how to mend it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/env.h"

namespace taffrail::cmd {

enum class Health : uint8_t { kGood, kWarning, kBad };

struct Finding {
  Health health = Health::kGood;
  std::string subject;  // "disk space"
  std::string found;    // "12 GB free of 250 GB"
  std::string mend;     // what to do; empty when it is good
};

// The store's directory: there, writable, private, room on its disk, how long a sync takes, and whether the
// store in it opens; with `deep`, every block is read.
std::vector<Finding> CheckDataDir(base::Env& env, const std::string& dir, bool deep);
// The server: reachable, alive, ready.
std::vector<Finding> CheckServer(const std::string& url);
// The machine: open files allowed, memory, clock.
std::vector<Finding> CheckMachine(base::Env& env);

}  // namespace taffrail::cmd
