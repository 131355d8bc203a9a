// What a person should hear of a query that went well and yet may not have done what was meant: a field that
// no line has, lines for which a filter failed.
//
//   [{"message":"no line in the range has a field \"servcie\"; did you mean \"service\"?",
//     "field":"servcie","did_you_mean":["service"]},
//    {"message":"the jq filter failed for 3 lines; first: …"}]
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/exec/executor.h"
#include "query/plan/plan.h"

namespace taffrail::server {

struct QueryNote {
  std::string message;
  std::string field;  // that no line has; else empty
  std::vector<std::string> did_you_mean;
};

// Of a plan that `engine` has run. Where it found nothing, or made a table, the fields that it names are
// looked for in the lines of its range, for a quarter of a second at most: what was not reached by then is
// not claimed. `options` ends it early.
std::vector<QueryNote> NotesOn(const query::plan::Plan& plan, query::exec::Engine& engine,
                               const query::exec::ExecStats& stats, const query::exec::ExecOptions& options);

// The names nearest to one that is none, at most three, best first: the same in another case or with other
// separators, the same at the end of a path, and those within two slips.
std::vector<std::string> NearestFields(std::string_view name, const std::vector<std::string>& names);

std::string NotesJson(const std::vector<QueryNote>& notes);

}  // namespace taffrail::server
