// A segment and a cursor of any bytes: reading ends, nothing crashes, and what was appended after it comes
// out behind whatever was found.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/mem_env.h"
#include "sink/spool.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t cut = size == 0 ? 0 : data[0] % (size + 1);
  base::MemEnv env;
  const auto put = [&](const std::string& path, std::string_view contents) {
    auto file = env.Create(path);
    if (!file.ok() || !(*file)->Append(contents).ok()) std::abort();
  };
  if (!env.CreateDirs("/s").ok()) std::abort();
  put("/s/cursor", bytes.substr(0, cut));
  put("/s/00000000000000000001.spool", bytes.substr(cut));
  // A head that is right, so that frames are looked at.
  put("/s/00000000000000000002.spool", std::string("TFSPOOL\1\0\0\0\0\0\0\0\0", 16) + std::string(bytes));
  auto spool = sink::Spool::Open(env, {.dir = "/s", .max_bytes = 1 << 20});
  if (!spool.ok()) std::abort();
  const Entry entry{Level::kInfo, 1, "logger", "the line", Category::kApp};
  absl::Status why;
  if ((*spool)->Append({&entry, 1}, why) != 1) std::abort();
  sink::OwnedLines lines;
  if (!(*spool)->Read(size_t{1} << 30, size_t{1} << 30, lines).ok() || !(*spool)->Done().ok()) std::abort();
  std::vector<Entry> entries;
  lines.View(entries);
  if (entries.empty() || entries.back().line != entry.line || entries.back().logger != entry.logger)
    std::abort();
  return 0;
}
