#include "cmd/warm_heap.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace taffrail::cmd {
namespace {

constexpr size_t kBytes = size_t{4} << 20;  // a look-up touches some two and a half million bytes

}  // namespace

void WarmHeap() {
  void* const block = std::malloc(kBytes);
  if (block == nullptr) return;
  // Whole pages. A kernel before 5.14 does not know the advice, and the first question is a little slower.
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(block) + page - 1) / page * page;
  const uintptr_t end = (reinterpret_cast<uintptr_t>(block) + kBytes) / page * page;
  madvise(reinterpret_cast<void*>(begin), end - begin, MADV_POPULATE_WRITE);
  std::free(block);
}

}  // namespace taffrail::cmd
