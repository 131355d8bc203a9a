#include "traffic/world.h"

#include <utility>

namespace traffic {

constexpr size_t kTasksMax = 500;  // for each organization; older ones are simply not visited any more

constexpr std::chrono::minutes kSessionMax{30};  // half of what the provider's tokens live

std::optional<std::string> World::Token(int person) {
  const std::scoped_lock lock(mutex_);
  const auto found = sessions_.find(person);
  if (found == sessions_.end() || found->second.since + kSessionMax < std::chrono::steady_clock::now()) {
    return std::nullopt;
  }
  return found->second.token;
}

void World::LoggedIn(int person, const std::string& token) {
  const std::scoped_lock lock(mutex_);
  sessions_[person] = {token, std::chrono::steady_clock::now()};
}

void World::LoggedOut(int person) {
  const std::scoped_lock lock(mutex_);
  sessions_.erase(person);
}

void World::Remember(int organization, const KnownTask& task) {
  const std::scoped_lock lock(mutex_);
  auto& tasks = tasks_[organization];
  tasks.push_back(task);
  if (tasks.size() > kTasksMax) {
    tasks.pop_front();
  }
}

std::optional<KnownTask> World::Take(int organization, Random& random) {
  const std::scoped_lock lock(mutex_);
  auto& tasks = tasks_[organization];
  if (tasks.empty()) {
    return std::nullopt;
  }
  std::swap(tasks[static_cast<size_t>(random.Below(static_cast<int>(tasks.size())))], tasks.back());
  KnownTask task = std::move(tasks.back());
  tasks.pop_back();
  return task;
}

}  // namespace traffic
