#include "log/loss_report.h"

#include <string>

#include "log/outputs.h"
#include "taffrail/log.h"

namespace taffrail::log {
namespace {

constexpr int64_t kDroppedPeriodNs = 1'000'000'000;
constexpr int64_t kLeftOutPeriodNs = 60'000'000'000;

void Emit(Level level, std::string_view message, const std::string& fields, int64_t now_ns,
          Outputs& outputs) {
  static const detail::CallSite& site = detail::find_site(detail::place_of(SourceLocation::current()));
  static const detail::LoggerNode& logger = detail::find_logger("taffrail.log");
  outputs.Render({.time_ns = now_ns,
                  .level = level,
                  .site = &site,
                  .logger = &logger,
                  .message = message,
                  .fields = fields,
                  .thread_name = {}});
}

}  // namespace

void LossReport::Write(uint64_t dropped, const ThinningCounts& left_out, int64_t now_ns, bool last,
                       Outputs& outputs) {
  if (dropped != dropped_ && (last || now_ns - dropped_told_ns_ >= kDroppedPeriodNs)) {
    std::string fields;
    FieldWriter writer(fields);
    writer.field("dropped_count", dropped - dropped_);
    writer.field("dropped_total", dropped);
    writer.field("reason", "queue_full");
    dropped_ = dropped;
    dropped_told_ns_ = now_ns;
    Emit(Level::kWarning, "Log lines dropped", fields, now_ns, outputs);
  }
  if (!left_out_told_ns_) left_out_told_ns_ = now_ns;
  const uint64_t sampled = left_out.sampled_out - left_out_.sampled_out;
  const uint64_t limited = left_out.rate_limited - left_out_.rate_limited;
  const uint64_t aggregated = left_out.aggregated - left_out_.aggregated;
  if (sampled + limited + aggregated == 0 || (!last && now_ns - *left_out_told_ns_ < kLeftOutPeriodNs))
    return;
  std::string fields;
  FieldWriter writer(fields);
  writer.field("sampled_out_count", sampled);
  writer.field("rate_limited_count", limited);
  writer.field("aggregated_count", aggregated);
  left_out_ = left_out;
  left_out_told_ns_ = now_ns;
  Emit(Level::kInfo, "Log lines left out by configuration", fields, now_ns, outputs);
}

}  // namespace taffrail::log
