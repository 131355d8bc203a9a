// What the visitors know in common: who is logged in, and which tasks exist.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "traffic/random.h"

namespace traffic {

struct KnownTask {
  std::string id;
  int64_t version = 1;
};

class World {
 public:
  // Nothing for a person who has not logged in lately: tokens do not live for ever.
  std::optional<std::string> Token(int person);
  void LoggedIn(int person, const std::string& token);
  void LoggedOut(int person);

  void Remember(int organization, const KnownTask& task);
  // Lends a task to one visitor, so that only those who mean to be in conflict are; give it back with
  // Remember.
  std::optional<KnownTask> Take(int organization, Random& random);

 private:
  struct Session {
    std::string token;
    std::chrono::steady_clock::time_point since;
  };

  std::mutex mutex_;
  std::map<int, Session> sessions_;             // by person
  std::map<int, std::deque<KnownTask>> tasks_;  // by organization; the newest kTasksMax
};

}  // namespace traffic
