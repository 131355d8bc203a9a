// A log with hostile files: the verifier ends, in bounded memory, and calls nothing whole that is not.
//
// The input says what is done to a sound log of 300 records: file, place, bytes; again and again.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "audit/bundle_check.h"
#include "audit/log_for_tests.h"
#include "audit/verify.h"

namespace {

namespace audit = taffrail::audit;

void Check(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const audit::LogForTests* const sound = [] {
    auto* log = new audit::LogForTests;
    for (int i = 0; i < 300; ++i) log->Append("record " + std::to_string(i));
    log->Publish();
    return log;
  }();
  audit::MapSource source = sound->files();
  for (size_t at = 0; at + 4 <= size; at += 4) {
    auto file = source.files.begin();
    std::advance(file, data[at] % source.files.size());
    const size_t place = data[at + 1] * 40U;
    switch (data[at + 2] % 4) {
      case 0:
        if (place < file->second.size()) file->second[place] = static_cast<char>(data[at + 3]);
        break;
      case 1:
        file->second.resize(std::min(place, file->second.size()));
        break;
      case 2:
        file->second.insert(std::min(place, file->second.size()), 1, static_cast<char>(data[at + 3]));
        break;
      default:
        source.files.erase(file);
        break;
    }
    if (source.files.empty()) break;
  }
  audit::VerifyOptions options;
  options.keys = {sound->key()};
  const audit::VerifyReport report = audit::VerifyLog(source, options);
  bool same = true;
  for (const auto& [path, bytes] : sound->files().files) {
    const auto found = source.files.find(path);
    same = same && found != source.files.end() && found->second == bytes;
  }
  Check(same == report.findings.empty());
  uint64_t entry_bytes = 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Check(audit::HashBundle(bytes, 256, false, &entry_bytes).leaves.size() <= 512 && entry_bytes <= size);
  return 0;
}
