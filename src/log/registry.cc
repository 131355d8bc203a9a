#include "log/registry.h"

namespace taffrail::log {
namespace {

// A name is written with every line of its logger; what is longer was not meant as a name.
constexpr size_t kNameBytesMax = 256;

Category CategoryOf(std::string_view name) {
  const std::string_view word = name.substr(0, name.find('.'));
  for (const Category category : {Category::kAudit, Category::kPerformance, Category::kSecurity}) {
    if (word == category_name(category)) return category;
  }
  return Category::kApp;
}

}  // namespace

detail::LoggerNode& Registry::Find(std::string_view name) {
  name = name.substr(0, kNameBytesMax);
  absl::MutexLock lock(&mutex_);
  const auto found = nodes_.find(name);
  if (found != nodes_.end()) return *found->second;
  auto node = std::make_unique<Node>();
  node->name_storage = name;
  node->name = node->name_storage;
  node->category = CategoryOf(name);
  node->threshold.store_relaxed(static_cast<uint8_t>(LevelOf(name)));
  if (listener_ != nullptr) listener_(*node);
  return *nodes_.emplace(std::string(name), std::move(node)).first->second;
}

void Registry::SetListener(Listener listener) {
  absl::MutexLock lock(&mutex_);
  listener_ = listener;
  if (listener_ == nullptr) return;
  for (const auto& [name, node] : nodes_) listener_(*node);
}

void Registry::SetLevel(std::string_view name, Level level) {
  absl::MutexLock lock(&mutex_);
  levels_.insert_or_assign(std::string(name), level);
  Refresh();
}

void Registry::ResetLevel(std::string_view name) {
  absl::MutexLock lock(&mutex_);
  if (name.empty()) {
    levels_.insert_or_assign("", Level::kInfo);
  } else if (const auto found = levels_.find(name); found != levels_.end()) {
    levels_.erase(found);
  }
  Refresh();
}

void Registry::SetLevels(Level root, const std::vector<std::pair<std::string, Level>>& levels) {
  absl::MutexLock lock(&mutex_);
  levels_.clear();
  levels_.emplace("", root);
  for (const auto& [name, level] : levels) levels_.insert_or_assign(name, level);
  Refresh();
}

Level Registry::LevelOf(std::string_view name) const {
  while (true) {
    const auto found = levels_.find(name);
    if (found != levels_.end()) return found->second;
    const size_t dot = name.rfind('.');
    name = dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);  // "" is always there
  }
}

void Registry::Refresh() {
  for (const auto& [name, node] : nodes_) {
    node->threshold.store_relaxed(static_cast<uint8_t>(LevelOf(name)));
  }
}

}  // namespace taffrail::log
