#include "log/features.h"

#include <atomic>

namespace taffrail {
namespace {

// Every set of features ever configured is kept, so that a reader needs no lock: there is one an init(), and
// each knows the one before, so that a leak checker finds them all.
struct Kept {
  Features features;
  const Kept* before;
};
std::atomic<const Kept*> current{nullptr};

}  // namespace

Features features() noexcept {
  const Kept* kept = current.load(std::memory_order_acquire);
  return kept == nullptr ? Features() : kept->features;
}

namespace log {

void SetFeatures(const Features& features) {
  auto* kept = new Kept{features, current.load(std::memory_order_acquire)};
  while (!current.compare_exchange_weak(kept->before, kept, std::memory_order_acq_rel)) {
  }
}

}  // namespace log
}  // namespace taffrail
