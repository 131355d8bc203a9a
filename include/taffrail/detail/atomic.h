// The part of std::atomic that the log call needs. <atomic> itself brings, in C++20, waiting, and with it
// mutexes and clocks: with g++ 12 a fifth of what log.h as a whole takes to read.
#pragma once

namespace taffrail::detail {

// A word that several threads read and write: integers, truth values and pointers. The orders are those of
// std::memory_order.
template <typename T>
class Atomic {
 public:
  constexpr Atomic() noexcept = default;
  // NOLINTNEXTLINE(google-explicit-constructor): as std::atomic
  constexpr Atomic(T value) noexcept : value_(value) {}
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;

  T load_relaxed() const noexcept { return __atomic_load_n(&value_, __ATOMIC_RELAXED); }
  T load_acquire() const noexcept { return __atomic_load_n(&value_, __ATOMIC_ACQUIRE); }
  void store_relaxed(T value) noexcept { __atomic_store_n(&value_, value, __ATOMIC_RELAXED); }
  void store_release(T value) noexcept { __atomic_store_n(&value_, value, __ATOMIC_RELEASE); }
  T exchange_acquire(T value) noexcept { return __atomic_exchange_n(&value_, value, __ATOMIC_ACQUIRE); }

 private:
  static_assert(sizeof(T) <= sizeof(void*), "larger ones may need a lock");
  T value_ = {};
};

}  // namespace taffrail::detail
