// Scrolls and points in time without anything kept for them: their ids say all that there is to know, so that
// none is ever lost by a restart or forgotten by its client.
//
// A point in time is the number of the next record when it was made: later ones are not in it. A scroll is
// that, the search, and the sort values of the last hit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "expr/expr.h"
#include "query/lang/elastic/search.h"

namespace taffrail::server {

struct ElasticCursor {
  enum class Kind : uint8_t { kPoint, kScroll };
  Kind kind = Kind::kPoint;
  uint64_t end_sequence = 0;
  std::string index;
  // Of a scroll:
  std::string body;
  std::string parameters;  // of the URL, as they were
  std::string after;       // JSON array; empty: at the end
  uint64_t total = 0;
  int64_t now_ns = 0;  // what "now" is in its body

  std::string ToId() const;
  // NotFound, as Elasticsearch says it of an id that it does not know.
  static absl::StatusOr<ElasticCursor> Parse(std::string_view id, Kind kind);

  expr::ExprPtr Filter() const;  // of the records that were there
};

// Makes the order of a search total, so that it can go on after any hit; `shown` of the added keys or not.
void AddTieBreak(query::lang::elastic::Search& search, bool shown);

}  // namespace taffrail::server
