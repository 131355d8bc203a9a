#include "store/id_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/hash.h"

namespace taffrail::store {
namespace {

// A page has about a thousand entries of two bytes; one that a hostile sender fills with ids of his choice
// may have many more, and is still read as a whole.
constexpr uint64_t kMaxPageBytes = uint64_t{256} << 20;

}  // namespace

bool IdIndexInfo::Sane() const {
  if (bytes == 0) return entries == 0;
  return page_bits <= kMaxIdPageBits && page_bits <= hash_bits && hash_bits <= kMaxIdHashBits &&
         rice_bits < hash_bits && bytes >= pages() * sizeof(uint64_t) && offset + bytes > offset;
}

absl::Status IdIndex::Damaged(uint64_t offset, std::string_view what) const {
  return absl::DataLossError(fmt::format("{}: at byte {}: {}", name_, offset, what));
}

IdPageShape IdIndex::ShapeOf(uint64_t page) const {
  return {.page = page,
          .first_hash = static_cast<uint32_t>(page << (info_.hash_bits - info_.page_bits)),
          .rice_bits = info_.rice_bits,
          .blocks = blocks_,
          .hash_bits = info_.hash_bits,
          .has_hints = info_.has_hints};
}

void IdIndex::LoadDirectory() {
  if (info_.bytes == 0) return;
  std::vector<uint64_t> ends(info_.pages());
  const absl::Status status = file_.Read(info_.directory_offset(), ends.size() * sizeof(uint64_t),
                                         reinterpret_cast<char*>(ends.data()));
  if (status.ok()) page_ends_ = std::move(ends);
}

// Of the page before, and of this one.
absl::Status IdIndex::ReadEnds(uint64_t page, uint64_t (&ends)[2]) const {
  const uint64_t first = page == 0 ? 0 : page - 1;
  uint64_t* const to = page == 0 ? ends + 1 : ends;
  const uint64_t count = page - first + 1;
  ends[0] = 0;
  if (!page_ends_.empty()) {
    std::copy_n(page_ends_.begin() + static_cast<ptrdiff_t>(first), count, to);
    return absl::OkStatus();
  }
  return file_.Read(info_.directory_offset() + first * sizeof(uint64_t), count * sizeof(uint64_t),
                    reinterpret_cast<char*>(to));
}

absl::Status IdIndex::FetchPage(uint64_t page, std::unique_ptr<char[]>& buffer,
                                std::string_view& bytes) const {
  uint64_t ends[2];
  TAFFRAIL_RETURN_IF_ERROR(ReadEnds(page, ends));
  const uint64_t size = ends[1] - ends[0];
  if (ends[0] > ends[1] || ends[1] > info_.directory_offset() - info_.offset || size > kMaxPageBytes) {
    return Damaged(info_.directory_offset() + page * sizeof(uint64_t),
                   "directory of the id index makes no sense");
  }
  buffer = std::make_unique_for_overwrite<char[]>(size);
  TAFFRAIL_RETURN_IF_ERROR(file_.Read(info_.offset + ends[0], size, buffer.get()));
  bytes = {buffer.get(), size};
  return absl::OkStatus();
}

absl::Status IdIndex::ReadPage(uint64_t page, std::vector<IdEntry>& entries, uint64_t& bytes_read) const {
  std::unique_ptr<char[]> buffer;
  std::string_view bytes;
  TAFFRAIL_RETURN_IF_ERROR(FetchPage(page, buffer, bytes));
  bytes_read += bytes.size() + 2 * sizeof(uint64_t);
  const absl::Status status = ReadIdPage(bytes, ShapeOf(page), entries);
  return status.ok() ? status : Damaged(info_.offset, std::string(status.message()));
}

uint32_t IdIndex::HashOfId(std::string_view folded_id) const {
  return TopBits(base::Hash64(folded_id), info_.hash_bits);
}

void IdIndex::WillNarrow(std::string_view folded_id) const {
  uint64_t ends[2];
  if (info_.bytes == 0 || page_ends_.empty() || !ReadEnds(PageOf(HashOfId(folded_id)), ends).ok()) return;
  if (ends[0] < ends[1] && ends[1] <= info_.bytes) file_.WillRead(info_.offset + ends[0], ends[1] - ends[0]);
}

absl::Status IdIndex::Narrow(std::string_view folded_id, std::vector<BlockRows>& blocks,
                             uint64_t& bytes_read) const {
  if (info_.bytes == 0) {
    blocks.clear();
    return absl::OkStatus();
  }
  const uint32_t wanted = HashOfId(folded_id);
  const uint64_t page = PageOf(wanted);
  std::unique_ptr<char[]> buffer;
  std::string_view bytes;
  TAFFRAIL_RETURN_IF_ERROR(FetchPage(page, buffer, bytes));
  bytes_read += bytes.size() + 2 * sizeof(uint64_t);
  std::vector<IdEntry> found;
  if (const absl::Status status = FindInIdPage(bytes, ShapeOf(page), wanted, found); !status.ok()) {
    return Damaged(info_.offset, std::string(status.message()));
  }
  if (!found.empty() && BlockOf(found.back()) == blocks_) return absl::OkStatus();  // any block
  std::erase_if(blocks, [&](BlockRows& rows) {
    const auto entry = std::lower_bound(found.begin(), found.end(), MakeIdEntry(wanted, rows.block, 0));
    if (entry == found.end() || BlockOf(*entry) != rows.block) return true;
    if (HintOf(*entry) == kAnyRows) return false;
    rows.begin = std::max(rows.begin, HintOf(*entry) * kHintRows);
    rows.end = std::min(rows.end, (HintOf(*entry) + 2) * kHintRows);
    return rows.begin >= rows.end;
  });
  return absl::OkStatus();
}

absl::Status IdIndex::Check() const {
  uint64_t found = 0;
  uint64_t bytes_read = 0;
  std::vector<IdEntry> entries;
  for (uint64_t page = 0; info_.bytes > 0 && page < info_.pages(); ++page) {
    TAFFRAIL_RETURN_IF_ERROR(ReadPage(page, entries, bytes_read));
    if (!entries.empty() && PageOf(HashOf(entries.back())) != page) {
      return Damaged(info_.offset, "id index has entries in a wrong page");
    }
    found += entries.size();
  }
  if (bytes_read > 0 && found != info_.entries) {
    return Damaged(info_.offset, "id index has another number of entries than the footer says");
  }
  return absl::OkStatus();
}

}  // namespace taffrail::store
