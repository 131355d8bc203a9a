// Hostile pages of ids: whatever the bytes, they are read or refused, and what is read is written the same
// again. The checksum would keep a fuzzer outside: it is put right first.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hash.h"
#include "store/id_page.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail::store;
  if (size < 4) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 3, size - 3);
  const IdPageShape shape{.page = data[0],
                          .first_hash = uint32_t{data[0]} << 12,
                          .rice_bits = data[1] % (kIdHashBits + 1),
                          .blocks = uint32_t{1} + data[2] * 250};
  std::vector<IdEntry> entries;
  ReadIdPage(input, shape, entries).IgnoreError();
  std::string page(input);
  taffrail::base::PutFixed<uint64_t>(page, taffrail::base::Hash64(page, shape.page));
  if (!ReadIdPage(page, shape, entries).ok()) return 0;
  std::string again;
  AppendIdPage(entries, shape, again);
  if (again != page) std::abort();
  return 0;
}
