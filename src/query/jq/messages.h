// What a query and its jq worker say to each other, over a socket between the two.
//
//   message := type (1 byte)  size (4 bytes, native order: both ends are this program)  payload
//
//   to the worker     'P'  WorkerLimits, then the program          once, first
//                     'J'  a line that is JSON      'T'  one that is text
//                     'B'  empty: the batch of lines ends; only then does the worker begin with it, so that
//                          neither side waits for the other while it still sends
//                     'S'  empty: a spare one from now on, which ends when nothing more comes for a while
//   from the worker   'R'  ready, or 'E'  what is wrong with the program
//                     'O'  one output     'F'  the filter failed for this line     'N'  the next line begins
//                     'L'  this line's outputs pass a limit                       'H'  the filter halted
//                     'B'  the batch is done
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TAFFRAIL_JQ_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TAFFRAIL_JQ_SANITIZED 1
#endif

namespace taffrail::query::jq {

// A sanitizer's shadow is terabytes of address space, of which no part can be told from a filter's.
#if defined(TAFFRAIL_JQ_SANITIZED)
inline constexpr bool kMemoryIsLimited = false;
#else
inline constexpr bool kMemoryIsLimited = true;
#endif

inline constexpr size_t kHeaderBytes = 1 + sizeof(uint32_t);

// Larger messages are not made by either side: the longest is a line's one output.
inline constexpr uint32_t kMaxMessageBytes = uint32_t{256} << 20;

inline void AppendMessage(char type, std::string_view payload, std::string& out) {
  const auto size = static_cast<uint32_t>(payload.size());
  char bytes[sizeof(size)];
  std::memcpy(bytes, &size, sizeof(size));
  out += type;
  out.append(bytes, sizeof(bytes));
  out += payload;
}

inline uint32_t PayloadBytes(std::string_view header) {
  uint32_t size = 0;
  std::memcpy(&size, header.data() + 1, sizeof(size));
  return size;
}

struct WorkerLimits {
  uint64_t memory_bytes = 0;
  uint64_t line_outputs = 0;
  uint64_t line_output_bytes = 0;
  uint32_t line_cpu_ms = 0;
  uint32_t reserved = 0;
};

inline constexpr int kExitMemory = 3;  // the worker's exit codes, beside 0
inline constexpr int kExitBroken = 4;

// The name, in place of a program's, under which a process is a worker. Defined beside the worker, so that
// who starts one links it.
extern const char* const kWorkerName;

}  // namespace taffrail::query::jq
