#include "log/thinning.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/hash.h"
#include "context/frame.h"
#include "record/layout_fields.h"
#include "taffrail/config.h"
#include "taffrail/context.h"

namespace taffrail::log {
namespace {

using detail::Kind;
using layout::Line;

constexpr double kNsPerSecond = 1e9;
// After so long without another line the count of those left out is told, so that it does not wait for ever.
constexpr int64_t kSuppressedReportNs = 1'000'000'000;
// Call sites under a rule: a program has thousands of log calls at most, times loggers and levels.
constexpr size_t kSitesMax = 50'000;

bool IsBelow(std::string_view logger, std::string_view ancestor) {
  if (ancestor.empty() || logger == ancestor) return true;
  return logger.size() > ancestor.size() && logger.starts_with(ancestor) && logger[ancestor.size()] == '.';
}

bool Selects(const LineSelector& selector, const Line& line) {
  // ERROR and up are what people look for when something is wrong.
  if (line.level >= std::min(selector.below, Level::kError)) return false;
  return IsBelow(line.logger->name, selector.logger) &&
         (selector.message.empty() || selector.message == line.message);
}

template <typename Rule>
const Rule* FindRule(const std::vector<Rule>& rules, const Line& line) {
  const auto found = std::ranges::find_if(rules, [&](const Rule& rule) { return Selects(rule.lines, line); });
  return found == rules.end() ? nullptr : &*found;
}

// What ties lines to one piece of work; empty when nothing does.
std::string_view WorkId(const Line& line) {
  if (line.context == nullptr) return {};
  std::string_view best;
  int best_rank = 3;
  record::FieldCursor cursor(line.context->fields);
  for (record::EncodedField field; cursor.Next(field);) {
    if (field.kind != Kind::kString) continue;
    const int rank = field.key == "trace_id"         ? 0
                     : field.key == "request_id"     ? 1
                     : field.key == "correlation_id" ? 2
                                                     : 3;
    if (rank >= best_rank) continue;
    best_rank = rank;
    best = field.payload;
  }
  return best;
}

// 0 to 1, evenly; the same for the same bits.
double Fraction(uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }

// The call's fields with their keys, whichever way they came.
std::string EncodedFields(const Line& line) {
  std::string encoded;
  if (line.values != nullptr) {
    record::EncodeValues(*line.site, line.values, encoded);
  } else {
    encoded.assign(line.fields);
  }
  return encoded;
}

struct Sum {
  double min = INFINITY;
  double max = -INFINITY;
  double sum = 0;
};

}  // namespace

struct Thinning::Bucket {
  const RateRule* rule;
  double tokens;
  int64_t filled_ns;
  uint64_t suppressed = 0;
  int64_t suppressed_since_ns = 0;
  // Of the last line that was left out.
  Level level = Level::kInfo;
  const detail::CallSite* site = nullptr;
  const detail::LoggerNode* logger = nullptr;
  std::string message;
};

struct Thinning::Aggregate {
  explicit Aggregate(const Line& line) : last(line) {}
  ~Aggregate() { Release(); }
  Aggregate(const Aggregate&) = delete;
  Aggregate& operator=(const Aggregate&) = delete;

  // Keeps the line beyond its record: the aggregate has references to its frames.
  void Hold(const Line& line) {
    detail::retain_frame(line.context);
    detail::retain_frame(line.bound);
    Release();
    last = line;
    message = line.message;
    fields = EncodedFields(line);
    thread_name = line.thread_name;
    last.message = message;
    last.values = nullptr;
    last.fields = fields;
    last.thread_name = thread_name;
    held = true;
    ++count;
    record::FieldCursor cursor(fields);
    for (record::EncodedField field; cursor.Next(field);) Add(field);
  }
  void Release() {
    if (!held) return;
    detail::release_frame(last.context);
    detail::release_frame(last.bound);
    held = false;
  }

  int64_t until_ns = 0;
  uint64_t count = 0;
  Line last;
  std::string message, fields, thread_name;
  std::map<std::string, Sum, std::less<>> sums;
  bool held = false;

 private:
  void Add(const record::EncodedField& field) {
    double number = 0;
    switch (field.kind) {
      case Kind::kInt:
        number = static_cast<double>(static_cast<int64_t>(field.bits));
        break;
      case Kind::kUint:
        number = static_cast<double>(field.bits);
        break;
      case Kind::kDouble:
        number = std::bit_cast<double>(field.bits);
        break;
      default:
        return;
    }
    Sum& sum = sums[std::string(field.key)];
    sum.min = std::min(sum.min, number);
    sum.max = std::max(sum.max, number);
    sum.sum += number;
  }
};

Thinning::Thinning(const Config& config)
    : sampling_(config.sampling),
      rates_(config.rate_limits),
      aggregates_(config.aggregates),
      random_state_(base::Hash64("sampling")) {}

Thinning::~Thinning() = default;

bool Thinning::Pass(const Line& line, const Emit& emit) {
  if (!PassesSampling(line)) {
    ++counts_.sampled_out;
    return false;
  }
  if (!PassesRate(line, emit)) {
    ++counts_.rate_limited;
    return false;
  }
  return !TakenByAggregate(line, emit);
}

bool Thinning::PassesSampling(const Line& line) {
  const SampleRule* rule = FindRule(sampling_, line);
  if (rule == nullptr || rule->rate >= 1) return true;
  if (const std::string_view id = WorkId(line); !id.empty()) return Fraction(base::Hash64(id)) < rule->rate;
  random_state_ += 0x9E3779B97F4A7C15;  // Weyl sequence; hashed, it is SplitMix64 in kind
  return Fraction(base::Hash64(std::string_view(reinterpret_cast<const char*>(&random_state_),
                                                sizeof(random_state_)))) < rule->rate;
}

bool Thinning::PassesRate(const Line& line, const Emit& emit) {
  const RateRule* rule = FindRule(rates_, line);
  if (rule == nullptr) return true;
  std::unique_ptr<Bucket>& bucket = buckets_[{line.site, line.logger, line.level}];
  if (bucket == nullptr) {
    if (buckets_.size() > kSitesMax) return true;
    bucket = std::make_unique<Bucket>(Bucket{
        .rule = rule, .tokens = static_cast<double>(rule->burst), .filled_ns = line.time_ns, .message = {}});
  }
  const double since_s =
      static_cast<double>(std::max<int64_t>(line.time_ns - bucket->filled_ns, 0)) / kNsPerSecond;
  bucket->tokens =
      std::min(bucket->tokens + since_s * rule->per_second, std::max(static_cast<double>(rule->burst), 1.0));
  bucket->filled_ns = line.time_ns;
  if (bucket->tokens >= 1) {
    bucket->tokens -= 1;
    EmitSuppressed(*bucket, line.time_ns, emit);
    return true;
  }
  if (bucket->suppressed++ == 0) bucket->suppressed_since_ns = line.time_ns;
  bucket->level = line.level;
  bucket->site = line.site;
  bucket->logger = line.logger;
  bucket->message = line.message;
  return false;
}

void Thinning::EmitSuppressed(Bucket& bucket, int64_t now_ns, const Emit& emit) {
  if (bucket.suppressed == 0) return;
  std::string fields;
  FieldWriter writer(fields);
  writer.field("suppressed_count", bucket.suppressed);
  writer.field("suppressed_message", bucket.message);
  writer.field("period_ms", (now_ns - bucket.suppressed_since_ns) / 1'000'000);
  bucket.suppressed = 0;
  emit({.time_ns = now_ns,
        .level = bucket.level,
        .site = bucket.site,
        .logger = bucket.logger,
        .message = "More lines like this were left out",
        .fields = fields,
        .thread_name = {}});
}

bool Thinning::TakenByAggregate(const Line& line, const Emit& emit) {
  const AggregateRule* rule = FindRule(aggregates_, line);
  if (rule == nullptr) return false;
  std::unique_ptr<Aggregate>& aggregate = held_[{line.site, line.logger, line.level}];
  if (aggregate == nullptr) {
    if (held_.size() > kSitesMax) return false;
    aggregate = std::make_unique<Aggregate>(line);
  }
  if (aggregate->count > 0 && line.time_ns >= aggregate->until_ns) EmitAggregate(*aggregate, emit);
  if (aggregate->count == 0) {
    aggregate->until_ns = line.time_ns + rule->window_ms * 1'000'000;
  } else {
    ++counts_.aggregated;
  }
  aggregate->Hold(line);
  return true;
}

void Thinning::EmitAggregate(Aggregate& aggregate, const Emit& emit) {
  if (aggregate.count > 1) {
    FieldWriter writer(aggregate.fields);
    writer.field("repeat_count", aggregate.count);
    for (const auto& [key, sum] : aggregate.sums) {
      writer.field(key + "_min", sum.min);
      writer.field(key + "_max", sum.max);
      writer.field(key + "_sum", sum.sum);
    }
    aggregate.last.fields = aggregate.fields;
  }
  emit(aggregate.last);
  aggregate.Release();
  aggregate.count = 0;
  aggregate.sums.clear();
}

void Thinning::EmitDue(int64_t now_ns, bool all, const Emit& emit) {
  for (const auto& [key, aggregate] : held_) {
    if (aggregate->count > 0 && (all || now_ns >= aggregate->until_ns)) EmitAggregate(*aggregate, emit);
  }
  for (const auto& [key, bucket] : buckets_) {
    const bool quiet = now_ns - bucket->filled_ns >= kSuppressedReportNs;
    if (bucket->suppressed > 0 && (all || quiet)) EmitSuppressed(*bucket, now_ns, emit);
  }
}

}  // namespace taffrail::log
