#include "query/plan/record_id.h"

#include <charconv>

#include "expr/leaf.h"
#include "fmt/format.h"

namespace taffrail::query::plan {
std::string MakeRecordId(int64_t timestamp_ns, uint64_t sequence) {
  return fmt::format("{:016x}-{:x}", static_cast<uint64_t>(timestamp_ns), sequence);
}

std::optional<std::pair<int64_t, uint64_t>> ParseRecordId(std::string_view id) {
  constexpr size_t kTimeDigits = 16;
  if (id.size() < kTimeDigits + 2 || id[kTimeDigits] != '-') return std::nullopt;
  uint64_t time = 0;
  uint64_t sequence = 0;
  const auto time_end = std::from_chars(id.data(), id.data() + kTimeDigits, time, 16);
  const auto end = std::from_chars(id.data() + kTimeDigits + 1, id.data() + id.size(), sequence, 16);
  if (time_end.ptr != id.data() + kTimeDigits || end.ec != std::errc() || end.ptr != id.data() + id.size() ||
      sequence > INT64_MAX) {
    return std::nullopt;
  }
  return std::pair(static_cast<int64_t>(time), sequence);
}

expr::ExprPtr RecordIdCondition(std::string_view id) {
  const auto place = ParseRecordId(id);
  if (!place) return expr::False();
  constexpr auto kEqual = expr::Expr::Op::kEqual;
  return expr::And(
      {expr::TimeLeaf(kEqual, place->first),
       expr::Leaf(kEqual, {expr::FieldRef::Source::kSequence, ""}, std::to_string(place->second))});
}

}  // namespace taffrail::query::plan
