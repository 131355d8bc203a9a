#include "query/exec/calendar_bucket.h"

#include <cstdlib>
#include <utility>

#include "base/calendar.h"
#include "base/duration.h"
#include "fmt/format.h"

namespace taffrail::query::exec {
namespace {

constexpr int64_t kMostNs = int64_t{1} << 58;  // nine years: sums of a few stay within an int64

class CalendarBucket final : public Evaluator {
 public:
  CalendarBucket(const base::Interval& interval, std::unique_ptr<Evaluator> time)
      : interval_(interval), time_(std::move(time)) {}
  absl::StatusOr<expr::Value> Evaluate(const Entry& entry) const override {
    TAFFRAIL_ASSIGN_OR_RETURN(const expr::Value time, time_->Evaluate(entry));
    const auto* time_ns = std::get_if<int64_t>(&time);
    if (time_ns == nullptr) return expr::Null{};
    return base::IntervalStart(*time_ns, interval_);
  }

 private:
  const base::Interval interval_;
  const std::unique_ptr<Evaluator> time_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Evaluator>> MakeCalendarBucket(const std::string& interval,
                                                              const std::string& zone,
                                                              const std::string& offset,
                                                              std::unique_ptr<Evaluator> time) {
  const auto unit = base::ParseUnit(interval);
  const auto fixed_ns = base::ParseDuration(interval);
  const auto time_zone = base::ParseTimeZone(zone);
  const auto offset_ns = base::ParseDuration(offset);
  const bool is_fixed = fixed_ns && *fixed_ns > 0 && *fixed_ns <= kMostNs;
  if ((!unit && !is_fixed) || !time_zone || !offset_ns || std::abs(*offset_ns) > kMostNs) {
    return absl::InvalidArgumentError(
        fmt::format("calendar_bucket: \"{}\", \"{}\", \"{}\" is no interval", interval, zone, offset));
  }
  base::Interval chosen;
  if (unit) {
    chosen.unit = *unit;
  } else {
    chosen.fixed_ns = *fixed_ns;
  }
  chosen.zone = *time_zone;
  chosen.offset_ns = *offset_ns;
  return std::make_unique<CalendarBucket>(chosen, std::move(time));
}

}  // namespace taffrail::query::exec
