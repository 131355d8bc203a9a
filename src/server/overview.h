// What a search finds, at a glance: how many lines, when, of which levels, with which values. The histogram
// and the facets of the UI; its fine buckets also tell the rank of every moment, by which a list of a million
// hits scrolls.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "expr/matcher.h"
#include "record/batch.h"
#include "server/facets.h"
#include "store/store.h"

namespace taffrail::server {

class Overview {
 public:
  struct Options {
    int64_t from_ns = 0;
    int64_t to_ns = 0;  // exclusive; > from_ns
    uint64_t buckets = 100;
    std::vector<std::string> facets;
    size_t facet_limit = 10;
  };

  explicit Overview(const Options& options);

  store::Columns Columns() const;
  void Add(const record::RecordBatch& batch, const expr::Selection& rows);
  // The members of a JSON object, without its braces.
  void AppendJson(std::string& out) const;

 private:
  static constexpr size_t kLevels = 7;  // the six, and what is none of them
  using Counts = std::array<uint64_t, kLevels>;

  static size_t IndexOfLevel(std::string_view level);

  const Options options_;
  const int64_t bucket_ns_;
  std::vector<Counts> buckets_;
  std::vector<Facet> facets_;
  uint64_t lines_ = 0;
};

}  // namespace taffrail::server
