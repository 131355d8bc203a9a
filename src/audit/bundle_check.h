// What happened to the records of one bundle, given the leaf hashes that belong there. Internal to audit.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "audit/hash.h"
#include "audit/verify.h"

namespace taffrail::audit {

// A bundle as found: its entries' leaf hashes up to where it can no longer be read.
struct FoundBundle {
  std::vector<Hash> leaves;
  std::string damage;  // empty: readable to its end
};

// Reads a bundle of `width` entries; with `wider`, from a file that may hold more, and only those count.
FoundBundle HashBundle(std::string_view bytes, uint32_t width, bool wider, uint64_t* entry_bytes);

// Where in the log a record with this leaf hash belongs; nothing when nowhere.
using FindLeaf = std::function<std::optional<uint64_t>(const Hash& leaf)>;

// One finding for each thing that was done. `first` is the number of the bundle's first record.
std::vector<Finding> ExplainBundle(const std::string& path, uint64_t first, std::span<const Hash> expected,
                                   const FoundBundle& found, const FindLeaf& find);

}  // namespace taffrail::audit
