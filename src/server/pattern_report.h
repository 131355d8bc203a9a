// What lines are made of, as GET /api/v1/patterns and `taffrail patterns` tell it:
//
//   {"lines":9,"baseline_lines":0,"unmatched":0,"truncated":false,"step_ms":10000,"patterns":[
//    {"pattern":"job <_> done","lines":7,"first":"…","last":"…","new":false,"sample":"job 17 done",
//     "counts":[["2025-10-30T14:23:40Z",7]]},…]}
//
// "new", when asked since when, is a template none of whose lines is older. The lines from before that time
// are its baseline: how many were looked at is told, since without any everything is new.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "expr/matcher.h"
#include "pattern/miner.h"
#include "record/batch.h"

namespace taffrail::server {

// Adds the messages of rows; of records without one the lines.
void MineRows(const record::RecordBatch& batch, const expr::Selection& rows, pattern::Miner& miner);

class PatternReport {
 public:
  // Of the newest lines: templates are known long before, and an answer that mines a whole store is late.
  static constexpr uint64_t kMostLines = 1'000'000;
  static constexpr size_t kMostSteps = 2000;  // more than a screen has columns
  static constexpr size_t kMostShown = 1000;  // as many as the miner tells apart

  PatternReport(size_t max_steps, std::optional<int64_t> new_since_ns, uint64_t most_lines = kMostLines);

  // Whether more is wanted. A baseline has a limit of its own, so that it is not what the newer lines left of
  // one: ask for the rows of the two ranges one after the other, each newest first.
  bool Add(const record::RecordBatch& batch, const expr::Selection& rows);
  std::string ToJson(size_t limit) const;

  // The record fields that Add reads.
  static std::vector<expr::FieldRef> Fields();

 private:
  const std::optional<int64_t> new_since_ns_;
  const uint64_t most_lines_;
  pattern::Miner miner_;
  uint64_t lines_ = 0;
  uint64_t baseline_lines_ = 0;
  bool truncated_ = false;
};

}  // namespace taffrail::server
