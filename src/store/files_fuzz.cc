// Hostile files: part, manifest and WAL segments of any content are opened, replayed, verified or refused,
// never more. The first byte says which.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/mem_env.h"
#include "store/framed_log.h"
#include "store/manifest.h"
#include "store/part.h"
#include "store/part_check.h"
#include "store/store.h"
#include "store/wal.h"
#include "store/wal_format.h"

namespace taffrail::store {
namespace {

void Write(base::Env& env, const std::string& path, std::string_view data) {
  auto file = env.Create(path);
  if (!file.ok() || !(*file)->Append(data).ok()) std::abort();
}

void OpenPart(base::MemEnv& env, std::string_view data) {
  Write(env, "/s/" + PartName(1), data);
  auto part = Part::Open(env, "/s", 1);
  if (part.ok()) {
    for (size_t block = 0; block < (*part)->blocks().size(); ++block) CheckBlock(**part, block).IgnoreError();
    (*part)->CheckIndex().IgnoreError();
  }
  SalvageBlocks(env, "/s/" + PartName(1), [](const record::RecordBatch&, uint64_t) {
    return absl::OkStatus();
  }).IgnoreError();
}

// Any payload in a frame that checks: what a fuzzer would not get past the checksum.
void ReplayPayload(base::MemEnv& env, std::string_view payload) {
  auto log = FramedLogWriter::Create(env, "/s/" + WalName(1), 1);
  if (!log.ok()) std::abort();
  const auto begin = [](std::string& out) { out.append(2, '\0'); };
  const auto group = [&](std::string& out) { out.append(payload); };
  if (!(*log)->Append(kWalBegin, begin).ok() || !(*log)->Append(kWalGroup, group).ok()) std::abort();
  uint64_t rows = 0;
  const auto visit = [&](const record::RecordBatch& batch, uint64_t) { rows += batch.rows(); };
  const auto replay = ReplayWal(env, "/s", 0, visit);
  if (replay.ok() && rows > replay->next_sequence) std::abort();
}

}  // namespace
}  // namespace taffrail::store

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail::store;
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  taffrail::base::MemEnv env;
  if (!env.CreateDirs("/s").ok()) std::abort();
  switch (data[0] % 5) {
    case 0:
      OpenPart(env, input);
      break;
    case 1:
      Write(env, "/s/MANIFEST", input);
      Store::Open({.dir = "/s", .env = &env, .min_free_bytes = 0, .background = false})
          .status()
          .IgnoreError();
      break;
    case 2:
      Write(env, "/s/" + WalName(1), input);
      ReplayWal(env, "/s", 0, [](const taffrail::record::RecordBatch&, uint64_t) {}).status().IgnoreError();
      break;
    case 3:
      ReplayPayload(env, input);
      break;
    default: {
      ManifestEdit edit;
      PartFooter footer;
      DeletedRows deleted(1, 2);
      if (deleted.Parse(input)) {
        std::string bytes;
        deleted.AppendTo(bytes);
        DeletedRows again(1, 2);
        if (!again.Parse(bytes) || again.count() != deleted.count()) std::abort();
      }
      if (ManifestEdit::Parse(input, /*with_deletes=*/true, edit)) {
        std::string bytes;
        edit.AppendTo(bytes);
        ManifestEdit again;
        if (!ManifestEdit::Parse(bytes, /*with_deletes=*/true, again) ||
            again.added.size() != edit.added.size())
          std::abort();
      }
      if (PartFooter::Parse(input, /*version=*/2, footer)) {
        std::string bytes;
        footer.AppendTo(bytes);
        PartFooter again;
        if (!PartFooter::Parse(bytes, /*version=*/2, again) || again.blocks.size() != footer.blocks.size())
          std::abort();
      }
    }
  }
  return 0;
}
