// Runs a fuzz target where libFuzzer is not: the default of every build but the `fuzz` preset.
//
//   <target> FILE…                     replays each file (a crash found earlier, a corpus)
//   <target> [--rounds N] [--seed S]   N inputs made from the seed; the same seed makes the same inputs
//
// There is no coverage to steer by, so inputs are pieces of earlier inputs, of the seed files in
// tests/corpus, and of a small dictionary of what parsers stumble over, mutated as libFuzzer does. It finds
// shallow faults fast; the `fuzz` preset finds the deep ones. A target reports a fault by abort() or a
// sanitizer; the input is then left in crash-<target>-<round> and the seed is on standard error.
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr size_t kSizeMax = 64 << 10;  // larger inputs slow a round down and find nothing new
constexpr size_t kPoolMax = 64;        // earlier inputs kept to build on

// What the running input is, for the signal handler: it may neither allocate nor lock.
const char* g_data = nullptr;
size_t g_size = 0;
char g_crash_file[256] = {};

void SaveInput(int signal) {
  const int fd = open(g_crash_file, O_WRONLY | O_CREAT | O_TRUNC, 0640);
  if (fd >= 0 && write(fd, g_data, g_size) >= 0) {
    constexpr std::string_view kNote = "\nfuzz: the failing input was saved: ";
    if (write(STDERR_FILENO, kNote.data(), kNote.size()) >= 0 &&
        write(STDERR_FILENO, g_crash_file, std::char_traits<char>::length(g_crash_file)) >= 0 &&
        write(STDERR_FILENO, "\n", 1) >= 0) {
      close(fd);
    }
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void RunOne(const std::string& input) {
  // An exact copy on the heap: a read past its end is then seen by AddressSanitizer.
  const std::vector<uint8_t> copy(input.begin(), input.end());
  g_data = input.data();
  g_size = input.size();
  LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : rng_(seed) {}

  void AddSeed(std::string input) { pool_.push_back(std::move(input)); }

  std::string Next() {
    std::string input = Below(8) == 0 || pool_.empty() ? Noise() : pool_[Below(pool_.size())];
    for (uint64_t steps = 1 + Below(6); steps > 0; --steps) Mutate(input);
    if (input.size() > kSizeMax) input.resize(kSizeMax);
    if (Below(4) == 0) {
      if (pool_.size() < kPoolMax) pool_.emplace_back();
      pool_[Below(pool_.size())] = input;
    }
    return input;
  }

 private:
  uint64_t Below(uint64_t limit) { return limit == 0 ? 0 : rng_() % limit; }

  std::string Noise() {
    std::string noise(Below(200), '\0');
    const bool text = Below(2) == 0;
    for (char& c : noise) c = static_cast<char>(text ? ' ' + Below(95) : rng_());
    return noise;
  }

  std::string_view Word() {
    static constexpr std::string_view kWords[] = {"{",
                                                  "}",
                                                  "[",
                                                  "]",
                                                  "\"",
                                                  "\\",
                                                  ":",
                                                  ",",
                                                  "\n",
                                                  "\\u0000",
                                                  "\\ud800",
                                                  "null",
                                                  "true",
                                                  "-0",
                                                  "1e999",
                                                  "1e-999",
                                                  "{\"a\":1}",
                                                  "0.1",
                                                  "NaN",
                                                  "9223372036854775808",
                                                  "=",
                                                  "=~",
                                                  "!~",
                                                  "|",
                                                  "|=",
                                                  "(",
                                                  ")",
                                                  "AND",
                                                  "OR",
                                                  "NOT",
                                                  "level",
                                                  "*",
                                                  "..",
                                                  "%00",
                                                  "%2e",
                                                  "\r\n",
                                                  "\r\n\r\n",
                                                  "\xff\xfe",
                                                  "\xef\xbb\xbf",
                                                  "\xed\xa0\x80",
                                                  "2025-10-01T16:12:05.785Z",
                                                  "1h30m",
                                                  "ts",
                                                  "msg",
                                                  "#",
                                                  "`",
                                                  "'",
                                                  "/",
                                                  "+",
                                                  "-",
                                                  "_",
                                                  "\x7f\xff\xff\xff"};
    return kWords[Below(std::size(kWords))];
  }

  void Mutate(std::string& input) {
    const uint64_t at = Below(input.size() + 1);
    const uint64_t count = Below(std::min<uint64_t>(input.size() - at, 32) + 1);
    switch (Below(8)) {
      case 0:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << Below(8)));
        return;
      case 1:
        if (at < input.size()) input[at] = static_cast<char>(rng_());
        return;
      case 2:
        input.erase(at, count);
        return;
      case 3:
        input.insert(at, input.substr(at, count));
        return;
      case 4:
        input.resize(at);
        return;
      case 5: {
        if (pool_.empty()) return;
        const std::string& other = pool_[Below(pool_.size())];
        input.insert(at, other.substr(Below(other.size() + 1), Below(64)));
        return;
      }
      case 6:  // the same again and again: depth, runs, quadratic time
        for (uint64_t n = Below(64); n > 0 && input.size() < kSizeMax; --n) input.insert(at, Word());
        return;
      default:
        input.insert(at, Word());
    }
  }

  std::mt19937_64 rng_;
  std::vector<std::string> pool_;
};

}  // namespace

int main(int argc, char** argv) {
  uint64_t rounds = 10'000, seed = 1;
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    if ((arg == "--rounds" || arg == "--seed") && i + 1 < argc) {
      (arg == "--rounds" ? rounds : seed) = std::strtoull(argv[++i], nullptr, 10);
    } else {
      files.emplace_back(arg);
    }
  }
  if (!files.empty()) {
    for (const auto& file : files) RunOne(ReadAll(file));
    std::cout << files.size() << " files replayed\n";
    return 0;
  }

  const std::filesystem::path target = std::filesystem::path(argv[0]).filename();
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS, SIGILL}) std::signal(signal, SaveInput);
  Mutator mutator(seed);
  const std::filesystem::path corpus =
      std::filesystem::path(TAFFRAIL_SOURCE_DIR) / "tests" / "corpus" / target;
  if (std::filesystem::is_directory(corpus)) {
    std::vector<std::filesystem::path> inputs(std::filesystem::directory_iterator(corpus), {});
    std::sort(inputs.begin(), inputs.end());  // the file system's order must not change what a seed makes
    for (const auto& input : inputs) {
      const std::string bytes = ReadAll(input);
      std::snprintf(g_crash_file, sizeof(g_crash_file), "crash-%s-corpus", target.c_str());
      RunOne(bytes);
      mutator.AddSeed(bytes);
    }
  }
  for (uint64_t round = 0; round < rounds; ++round) {
    std::snprintf(g_crash_file, sizeof(g_crash_file), "crash-%s-seed%llu-round%llu", target.c_str(),
                  static_cast<unsigned long long>(seed), static_cast<unsigned long long>(round));
    RunOne(mutator.Next());
  }
  std::cout << rounds << " rounds from seed " << seed << "\n";
  return 0;
}
