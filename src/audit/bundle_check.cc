#include "audit/bundle_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "audit/tile.h"

namespace taffrail::audit {
namespace {

std::string Records(uint64_t first, uint64_t count) {
  return count == 1 ? fmt::format("record {}", first)
                    : fmt::format("records {} to {}", first, first + count - 1);
}

// Runs of records that belong elsewhere, all by the same distance, are one finding; others are one each.
void ExplainChanges(const std::string& path, uint64_t first, std::span<const Hash> expected,
                    std::span<const Hash> found, const FindLeaf& find, std::vector<Finding>& findings) {
  for (size_t i = 0; i < expected.size(); ++i) {
    if (found[i] == expected[i]) continue;
    const uint64_t record = first + i;
    const std::optional<uint64_t> home = find(found[i]);
    if (!home) {
      findings.push_back(
          {Fault::kChanged, path, record, 1, fmt::format("record {} is not what was logged there", record)});
      continue;
    }
    size_t run = 1;
    while (i + run < expected.size() && found[i + run] != expected[i + run] &&
           find(found[i + run]) == *home + run) {
      ++run;
    }
    findings.push_back({Fault::kMoved, path, record, run,
                        fmt::format("{} {} what was logged as {}", Records(record, run),
                                    run == 1 ? "is" : "are", Records(*home, run))});
    i += run - 1;
  }
}

}  // namespace

FoundBundle HashBundle(std::string_view bytes, uint32_t width, bool wider, uint64_t* entry_bytes) {
  FoundBundle found;
  while (!bytes.empty()) {
    if (wider && found.leaves.size() == width) break;
    if (found.leaves.size() == 2 * kTileWidth) {  // as much as tells what was put in
      found.damage = "it goes on long after its last record";
      break;
    }
    const size_t size = bytes.size() < 2 ? SIZE_MAX
                                         : static_cast<size_t>(static_cast<uint8_t>(bytes[0])) * 256 +
                                               static_cast<uint8_t>(bytes[1]);
    if (size == SIZE_MAX || size > bytes.size() - 2) {
      found.damage = fmt::format("its entry {} is cut off", found.leaves.size());
      break;
    }
    found.leaves.push_back(LeafHash(bytes.substr(2, size)));
    *entry_bytes += size;
    bytes.remove_prefix(2 + size);
  }
  return found;
}

std::vector<Finding> ExplainBundle(const std::string& path, uint64_t first, std::span<const Hash> expected,
                                   const FoundBundle& found, const FindLeaf& find) {
  std::vector<Finding> findings;
  const std::span<const Hash> leaves = found.leaves;
  if (!found.damage.empty()) {
    const size_t same = static_cast<size_t>(
        std::mismatch(leaves.begin(), leaves.end(), expected.begin(), expected.end()).first - leaves.begin());
    const size_t place = std::min(same, expected.size() - 1);
    findings.push_back({Fault::kBundle, path, first + place, expected.size() - place,
                        fmt::format("the bundle cannot be read ({}); it is as logged up to, not including, "
                                    "record {}",
                                    found.damage, first + place)});
    return findings;
  }
  if (leaves.size() == expected.size()) {
    ExplainChanges(path, first, expected, leaves, find, findings);
    return findings;
  }
  const size_t both = std::min(leaves.size(), expected.size());
  size_t head = 0;
  while (head < both && leaves[head] == expected[head]) ++head;
  size_t tail = 0;
  while (tail < both - head && leaves[leaves.size() - 1 - tail] == expected[expected.size() - 1 - tail])
    ++tail;
  const uint64_t place = first + head;
  if (leaves.size() < expected.size()) {
    const uint64_t count = expected.size() - leaves.size();
    findings.push_back(
        {Fault::kDeleted, path, place, count,
         fmt::format("{} {} missing from the bundle", Records(place, count), count == 1 ? "is" : "are")});
  } else {
    const uint64_t count = leaves.size() - expected.size();
    findings.push_back(
        {Fault::kInserted, path, place, count,
         fmt::format("{} put in before record {}",
                     count == 1 ? "a record was" : fmt::format("{} records were", count), place)});
  }
  // Beside what was put in or taken out, what lies between may be altered too.
  const std::span<const Hash> expected_rest = expected.subspan(head, expected.size() - head - tail);
  const std::span<const Hash> found_rest = leaves.subspan(head, leaves.size() - head - tail);
  const size_t rest = std::min(expected_rest.size(), found_rest.size());
  if (rest > 0) {
    ExplainChanges(path, place, expected_rest.first(rest), found_rest.first(rest), find, findings);
  }
  return findings;
}

}  // namespace taffrail::audit
