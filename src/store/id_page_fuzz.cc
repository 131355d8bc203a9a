// Hostile pages of ids: whatever the bytes, they are read or refused, and what is read is written the same
// again. The checksum would keep a fuzzer outside: it is put right first.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"
#include "store/id_page.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail::store;
  if (size < 4) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 3, size - 3);
  const unsigned hash_bits = 20 + data[2] % (kMaxIdHashBits - 20 + 1);
  const IdPageShape shape{.page = data[0],
                          .first_hash = uint32_t{data[0]} << 12,
                          .rice_bits = (data[1] & 127) % hash_bits,
                          .blocks = uint32_t{1} + data[2] * 250,
                          .hash_bits = hash_bits,
                          .has_hints = (data[1] & 128) == 0};
  std::vector<IdEntry> entries;
  ReadIdPage(input, shape, entries).IgnoreError();
  std::string page(input);
  taffrail::base::PutFixed<uint64_t>(page, taffrail::base::Hash64(page, shape.page));
  if (!ReadIdPage(page, shape, entries).ok()) return 0;
  std::string again;
  AppendIdPage(entries, shape, again);
  if (again != page) std::abort();
  std::vector<IdEntry> found;
  for (const IdEntry entry : {entries.empty() ? IdEntry{0} : entries[entries.size() / 2], IdEntry{1} << 40}) {
    if (!FindInIdPage(page, shape, HashOf(entry), found).ok()) std::abort();
    const auto of_hash = [&](IdEntry other) { return HashOf(other) == HashOf(entry); };
    std::vector<IdEntry> wanted;
    std::copy_if(entries.begin(), entries.end(), std::back_inserter(wanted), of_hash);
    if (found != wanted) std::abort();
  }
  return 0;
}
