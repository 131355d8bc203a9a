// The clocks of a measurement, and what the process has used so far.
#pragma once

#include <time.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace bench {

inline double Seconds(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}
inline double WallSeconds() { return Seconds(CLOCK_MONOTONIC); }
inline double CpuSeconds() { return Seconds(CLOCK_PROCESS_CPUTIME_ID); }  // all threads, user and system

// Reading the system's clock costs as much as the calls to be measured; the processor's costs a third of it.
inline uint64_t Ticks() {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
#endif
}

// Between construction and NsPerTick() something takes its time: the longer, the better the answer.
class TickScale {
 public:
  TickScale() : seconds_(WallSeconds()), ticks_(Ticks()) {}
  double NsPerTick() const {
    return (WallSeconds() - seconds_) * 1e9 / static_cast<double>(Ticks() - ticks_);
  }

 private:
  double seconds_;
  uint64_t ticks_;
};

// What one reading of Ticks() adds to what it measures.
inline double TicksOfOneReading() {
  std::array<uint64_t, 10'001> stamps;
  for (uint64_t& stamp : stamps) stamp = Ticks();
  std::array<uint64_t, 10'000> steps;
  for (size_t i = 0; i < steps.size(); ++i) steps[i] = stamps[i + 1] - stamps[i];
  std::ranges::nth_element(steps, steps.begin() + steps.size() / 2);
  return static_cast<double>(steps[steps.size() / 2]);
}

// A line of /proc/self/status in MB: VmRSS now, VmHWM the most there ever was.
inline double MemoryMb(const char* name) {
  double kb = 0;
  std::FILE* file = std::fopen("/proc/self/status", "re");
  if (file == nullptr) return kb;
  std::array<char, 256> line;
  while (std::fgets(line.data(), line.size(), file) != nullptr) {
    if (std::strncmp(line.data(), name, std::strlen(name)) == 0) {
      std::sscanf(line.data() + std::strlen(name), ": %lf", &kb);
    }
  }
  std::fclose(file);
  return kb / 1000;
}

}  // namespace bench
