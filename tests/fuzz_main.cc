// Stands in for libFuzzer where it is not linked: replays the files (or every file of the folders) it is
// given, then feeds random bytes. A failure names its seed, which replays it.
//
//   fuzz_target [--runs N] [--seed S] [FILE|FOLDER…]
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Bytes = std::vector<uint8_t>;

void Run(const Bytes& bytes) { LLVMFuzzerTestOneInput(bytes.data(), bytes.size()); }

Bytes ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

// Half of the inputs are noise; the other half are pieces of what was replayed, cut and with some bytes
// changed, which gets past the first check of a format far more often.
Bytes Make(uint64_t seed, const std::vector<Bytes>& corpus) {
  std::mt19937_64 random(seed);
  Bytes bytes;
  if (!corpus.empty() && random() % 2 == 0) {
    bytes = corpus[random() % corpus.size()];
    if (random() % 4 == 0) bytes.resize(random() % (bytes.size() + 1));
    for (uint64_t changes = random() % 8; changes > 0 && !bytes.empty(); --changes) {
      bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
    }
    return bytes;
  }
  bytes.resize(random() % (uint64_t{1} << (random() % 13)));
  const bool text = random() % 2 == 0;  // printable bytes reach deeper into text formats
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(text ? ' ' + random() % 95 : random());
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  uint64_t runs = 2000;
  uint64_t seed = 1;
  std::vector<Bytes> corpus;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--runs" && i + 1 < argc) {
      runs = std::strtoull(argv[++i], nullptr, 10);
    } else if (argument == "--seed" && i + 1 < argc) {
      seed = std::strtoull(argv[++i], nullptr, 10);
    } else if (std::filesystem::is_directory(argument)) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(argument)) {
        if (entry.is_regular_file()) corpus.push_back(ReadAll(entry.path()));
      }
    } else {
      corpus.push_back(ReadAll(argument));
    }
  }
  for (const Bytes& bytes : corpus) Run(bytes);
  Run({});
  for (uint64_t i = 0; i < runs; ++i) {
    std::fprintf(stderr, "\rseed %llu", static_cast<unsigned long long>(seed + i));
    Run(Make(seed + i, corpus));
  }
  std::fprintf(stderr, "\n%zu files and %llu random inputs passed\n", corpus.size(),
               static_cast<unsigned long long>(runs));
  return 0;
}
