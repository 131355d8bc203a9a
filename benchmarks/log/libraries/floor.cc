// The floor: W1's fields and a tick copied into a bare ring, with nobody to read it. No library that keeps
// what it is given can be faster. Variants: "heap" the ring on the heap, "shared" in a file, mapped; "fixed"
// as if the lengths of all strings were known to the compiler, which no library can hope for; "read" with a
// thread that reads what was written whenever the queue is drained, and sleeps between: what no library is
// spared whose lines another thread writes.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <semaphore>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "harness/main.h"

namespace {

constexpr size_t kRingBytes = size_t{1} << 18;  // as much as a library's queue; a power of two
constexpr size_t kRecordBytesMax = 256;

// One thread's; made at its first line.
struct Ring {
  char* data;
  uint64_t at = 0;
  uint64_t read = 0;  // by the reader, up to here
};
constinit thread_local Ring* ring = nullptr;

// The thread of the variant "read". Never destroyed: it sleeps in here when the process ends.
class Reader {
 public:
  Reader() {
    std::thread([this] { Run(); }).detach();
  }

  void Add(Ring* added) {
    const std::lock_guard lock(mutex_);
    rings_.push_back(added);
  }
  // While nobody writes.
  void ReadAll() {
    wanted_.release();
    done_.acquire();
  }

 private:
  [[noreturn]] void Run() {
    uint64_t sum = 0;
    for (;; done_.release()) {
      wanted_.acquire();
      const std::lock_guard lock(mutex_);
      for (Ring* each : rings_) {
        for (; each->read < each->at; each->read += sizeof(uint64_t)) {
          uint64_t word;
          std::memcpy(&word, each->data + (each->read & (kRingBytes - 1)), sizeof(word));
          sum += word;
        }
      }
      asm volatile("" ::"r"(sum));
    }
  }

  std::mutex mutex_;
  std::vector<Ring*> rings_;
  std::binary_semaphore wanted_{0}, done_{0};
};

std::system_error Failed() { return {errno, std::generic_category(), "the floor's ring"}; }

char* MapFile(const std::string& dir) {
  std::filesystem::create_directories(dir);
  const std::string name = dir + "/" + std::to_string(gettid());
  const int file = open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0 || ftruncate(file, kRingBytes + kRecordBytesMax) != 0) throw Failed();
  void* data = mmap(nullptr, kRingBytes + kRecordBytesMax, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (data == MAP_FAILED) throw Failed();
  return static_cast<char*>(data);
}

template <bool kFixed>
class Floor {
 public:
  void Start(const bench::Setup& setup) {
    setup_ = setup;
    if (setup.variant == "read") reader_ = new Reader;
  }

  [[gnu::always_inline]] void Log(const bench::Workload& w, int number) {
    if (ring == nullptr) [[unlikely]]
      MakeRing();
    char* const begin = ring->data + (ring->at & (kRingBytes - 1));
    char* to = begin;
    const uint64_t ticks = bench::Ticks();
    std::memcpy(to, &ticks, sizeof(ticks));
    to = Put<16>(to + sizeof(ticks), w.request_id);
    to = Put<12>(to, w.user_id);
    to = Put<9>(to, w.organization_id);
    std::memcpy(to, &number, sizeof(number));
    std::memcpy(to + sizeof(number), &w.status_code, sizeof(w.status_code));
    to = Put<13>(to + sizeof(number) + sizeof(w.status_code), w.path);
    ring->at += static_cast<uint64_t>(to - begin + 7) & ~uint64_t{7};
    asm volatile("" ::: "memory");
  }

  [[gnu::always_inline]] void LogDisabled(const bench::Workload&, int) {}
  void Flush() {
    if (reader_ != nullptr) reader_->ReadAll();
  }

 private:
  template <size_t kSize>
  static char* Put(char* to, const std::string& text) {
    const auto size = static_cast<uint32_t>(kFixed ? kSize : text.size());
    std::memcpy(to, &size, sizeof(size));
    std::memcpy(to + sizeof(size), text.data(), kFixed ? kSize : size);
    return to + sizeof(size) + size;
  }

  [[gnu::noinline]] void MakeRing() {
    constexpr size_t kBytes = kRingBytes + kRecordBytesMax;
    ring = new Ring{setup_.variant == "shared" ? MapFile(setup_.queue_dir) : new char[kBytes]};
    std::memset(ring->data, 0, kBytes);  // no page is touched first by a measured call
    if (reader_ != nullptr) reader_->Add(ring);
  }

  bench::Setup setup_;
  Reader* reader_ = nullptr;
};

}  // namespace

int main(int argc, char** argv) {
  const bool fixed = bench::ParseOptions(argc, argv).variant == "fixed";
  return fixed ? bench::Main<Floor<true>>(argc, argv) : bench::Main<Floor<false>>(argc, argv);
}
