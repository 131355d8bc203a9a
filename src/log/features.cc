#include "taffrail/features.h"

#include <atomic>

#include "log/features.h"

namespace taffrail {
namespace {

// Every set of features ever configured is kept, so that a reader needs no lock: there is one an init().
std::atomic<const Features*> current{nullptr};

}  // namespace

Features features() noexcept {
  const Features* set = current.load(std::memory_order_acquire);
  return set == nullptr ? Features() : *set;
}

namespace log {

void SetFeatures(const Features& features) {
  current.store(new Features(features), std::memory_order_release);
}

}  // namespace log
}  // namespace taffrail
