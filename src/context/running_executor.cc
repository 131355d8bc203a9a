#include <atomic>
#include <cstdint>
#include <utility>

namespace taffrail::detail {
namespace {

constinit thread_local uint64_t running = 0;
std::atomic<uint64_t> last_id{0};

}  // namespace

// Out of line, as everything is that a coroutine calls and that reads a thread_local: a compiler may take its
// address to be the same before and after a suspension (clang before 15 does).
uint64_t swap_running_executor(uint64_t id) noexcept { return std::exchange(running, id); }
uint64_t running_executor() noexcept { return running; }
uint64_t new_executor_id() noexcept { return last_id.fetch_add(1, std::memory_order_relaxed) + 1; }

}  // namespace taffrail::detail
