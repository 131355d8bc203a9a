#include "store/word_filter.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace taffrail::store {
namespace {

absl::StatusOr<bool> MayHold(const std::string& filter, uint64_t buckets, std::string_view id) {
  const WordProbe probe(id, buckets);
  return probe.Test(std::string_view(filter).substr(probe.offset, probe.size_bytes));
}

TEST(WordFilter, HasEveryIdAndFewOthers) {
  for (const int ids : {1, 10, 1000, 100'000}) {
    SCOPED_TRACE(ids);
    WordFilterBuilder builder;
    for (int i = 0; i < ids; ++i) {
      const std::string text =
          fmt::format("request Req_0{:08X} ended for usr_{:08x}", i * 2654435761U, i % 50);
      builder.Add(text);
      builder.Add(text);  // again: it must not make the filter larger
    }
    std::string filter;
    const uint64_t buckets = builder.Finish(filter);
    EXPECT_EQ(filter.size(), WordFilterBytes(buckets));
    EXPECT_LE(filter.size(), 200U + static_cast<size_t>(ids) * 2);
    EXPECT_TRUE(CheckWordFilter(filter, buckets).ok());
    for (int i = 0; i < ids; ++i) {
      ASSERT_TRUE(*MayHold(filter, buckets, fmt::format("req_0{:08x}", i * 2654435761U))) << i;
    }
    int foreign = 0;
    for (int i = 0; i < 10'000; ++i)
      foreign += *MayHold(filter, buckets, fmt::format("foreign_0{:08x}", i)) ? 1 : 0;
    EXPECT_LE(foreign, 200);
  }
}

TEST(WordFilter, NoIdsNoFilter) {
  WordFilterBuilder builder;
  builder.Add("just ordinary words here, and 12345678");
  std::string filter;
  EXPECT_EQ(builder.Finish(filter), 0U);
  EXPECT_TRUE(filter.empty());
}

TEST(WordFilter, DamageIsFound) {
  WordFilterBuilder builder;
  for (int i = 0; i < 5000; ++i) builder.Add(fmt::format("req_0{:08x}", i));
  std::string filter;
  const uint64_t buckets = builder.Finish(filter);
  for (size_t at = 0; at < filter.size(); at += 61) {
    filter[at] = static_cast<char>(filter[at] ^ 1);
    EXPECT_FALSE(CheckWordFilter(filter, buckets).ok()) << at;
    filter[at] = static_cast<char>(filter[at] ^ 1);
  }
  filter[0] = static_cast<char>(filter[0] ^ 1);
  int errors = 0;
  for (int i = 0; i < 5000; ++i)
    errors += MayHold(filter, buckets, fmt::format("req_0{:08x}", i)).ok() ? 0 : 1;
  EXPECT_GT(errors, 0);
}

}  // namespace
}  // namespace taffrail::store
