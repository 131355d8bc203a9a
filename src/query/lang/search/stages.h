// What may follow the conditions of the search box: each stage works on what the one before it gave.
//
//   level:ERROR | count by path, time(5m) | where count:>10 | sort -count | limit 20
//
//   stage  := "where" conditions | "fields" name { "," name } | "count" [ "by" keys ]
//           | "stats" call { "," call } [ "by" keys ] | "sort" key { "," key } | "limit" number
//   call   := ("count" "(" [ name ] ")" | function "(" name ")") [ "as" name ]
//   function := count_distinct | sum | avg | min | max | p50 | p75 | p90 | p95 | p99 | …
//   keys   := (name | "time" "(" duration ")") { "," … }
//   key    := [ "-" ] name [ "asc" | "desc" ]
//
// Names with spaces, commas or parentheses stand in quotes.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "query/lang/search/cursor.h"
#include "query/plan/plan.h"

namespace taffrail::query::lang::search {

// Takes a '|' and the stage after it. `of_table`: an earlier stage made columns, which names then mean.
absl::StatusOr<plan::Stage> ParseStage(Cursor& cursor, bool of_table, int64_t now_ns);

}  // namespace taffrail::query::lang::search
