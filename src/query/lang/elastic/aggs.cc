#include "query/lang/elastic/aggs.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "expr/leaf.h"
#include "fmt/format.h"
#include "query/lang/elastic/dates.h"
#include "query/lang/elastic/query.h"
#include "query/lang/elastic/search.h"

namespace taffrail::query::lang::elastic {
namespace {

using expr::Expr;
using expr::ExprPtr;
using Kind = Aggregation::Kind;

constexpr uint64_t kMaxBucketsAsked = 65'536;  // of one terms or composite: search.max_buckets
constexpr size_t kMaxRanges = 1'000;           // each is a scan

struct Reader {
  Context& context;
  const Json& body;
  Aggregation& agg;

  absl::Status Known(std::initializer_list<std::string_view> members) const {
    return CheckMembers(context, body, agg.name, members);
  }
  absl::Status Error(std::string_view message) const {
    return context.Error(body, fmt::format("[{}] {}", agg.name, message), "illegal_argument_exception");
  }
  absl::Status ReadField() const {
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string name, TextMember(context, body, "field"));
    if (body.Find("script") != nullptr) return Error("scripts are not supported here");
    if (name.empty()) return Error("Required one of fields [field, script], but none were specified.");
    agg.field = FieldOf(name);
    const bool is_readable = agg.field.kind == Field::Kind::kValue || agg.field.kind == Field::Kind::kTime;
    if (!is_readable) return Error(fmt::format("aggregations on [{}] are not supported here", name));
    return absl::OkStatus();
  }
  absl::Status ReadMissing() const {
    const Json* const missing = body.Find("missing");
    if (missing == nullptr || missing->IsNull()) return absl::OkStatus();
    if (!missing->IsScalar()) return Error("[missing] must be a value");
    agg.missing = *missing;
    return absl::OkStatus();
  }
};

absl::Status ReadOrder(const Reader& read) {
  const Json* const order = read.body.Find("order");
  if (order == nullptr) return absl::OkStatus();
  const auto add = [&](const Json& one) -> absl::Status {
    if (!one.IsObject()) return read.Error("[order] must be an object, or an array of them");
    for (const auto& [path, direction] : one.members) {
      const std::string text = direction.IsScalar() ? direction.ToText() : "";
      if (text != "asc" && text != "desc" && text != "ASC" && text != "DESC") {
        return read.Error(fmt::format("Unknown order direction [{}]", text));
      }
      // _term and _time are what _key was called.
      const std::string key = path == "_term" || path == "_time" ? "_key" : path;
      read.agg.order.push_back({key, text == "desc" || text == "DESC"});
    }
    return absl::OkStatus();
  };
  if (!order->IsArray()) return add(*order);
  for (const auto& [unused, one] : order->members) TAFFRAIL_RETURN_IF_ERROR(add(one));
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> Count(const Reader& read, std::string_view name, uint64_t fallback, uint64_t least) {
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t count,
                            IntegerMember(read.context, read.body, name, static_cast<int64_t>(fallback)));
  if (count < static_cast<int64_t>(least)) {
    return read.Error(fmt::format("[{}] must be at least {}, found [{}]", name, least, count));
  }
  return static_cast<uint64_t>(count);
}

// include and exclude: a regular expression, or values.
absl::StatusOr<ExprPtr> Chosen(const Reader& read, std::string_view name) {
  const Json* const chosen = read.body.Find(name);
  if (chosen == nullptr) return expr::True();
  if (chosen->IsString()) return Regex(read.agg.field, chosen->text, false);
  if (!chosen->IsArray())
    return read.Error(fmt::format("[{}] must be a regular expression or an array", name));
  Expr in;
  in.op = Expr::Op::kIn;
  in.field = read.agg.field.ref;
  TAFFRAIL_ASSIGN_OR_RETURN(in.texts, TextsMember(read.context, read.body, name));
  if (in.texts.empty()) return expr::False();
  return expr::Make(std::move(in));
}

absl::Status ReadTerms(const Reader& read) {
  TAFFRAIL_RETURN_IF_ERROR(
      read.Known({"field", "size", "order", "min_doc_count", "missing", "include", "exclude", "shard_size",
                  "shard_min_doc_count", "show_term_doc_count_error", "execution_hint", "collect_mode",
                  "value_type", "format", "script"}));
  TAFFRAIL_RETURN_IF_ERROR(read.ReadField());
  TAFFRAIL_RETURN_IF_ERROR(read.ReadMissing());
  TAFFRAIL_ASSIGN_OR_RETURN(read.agg.size, Count(read, "size", 10, 0));
  if (read.agg.size == 0) read.agg.size = kMaxBucketsAsked;  // as Grafana asks for all
  if (read.agg.size > kMaxBucketsAsked) read.agg.size = kMaxBucketsAsked;
  TAFFRAIL_ASSIGN_OR_RETURN(read.agg.min_doc_count, Count(read, "min_doc_count", 1, 0));
  TAFFRAIL_ASSIGN_OR_RETURN(read.agg.format, TextMember(read.context, read.body, "format"));
  TAFFRAIL_RETURN_IF_ERROR(ReadOrder(read));
  if (read.agg.order.empty()) read.agg.order.push_back({"_count", true});
  TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr include, Chosen(read, "include"));
  ExprPtr exclude = expr::True();
  if (read.body.Find("exclude") != nullptr) {
    TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr excluded, Chosen(read, "exclude"));
    exclude = expr::Not(std::move(excluded));
  }
  read.agg.only = expr::And({std::move(include), std::move(exclude)});
  return absl::OkStatus();
}

absl::Status ReadInterval(const Reader& read) {
  base::Interval& interval = read.agg.interval;
  std::string said;
  for (const std::string_view name : {"fixed_interval", "calendar_interval", "interval"}) {
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string text, TextMember(read.context, read.body, name));
    if (text.empty()) continue;
    if (!said.empty()) return read.Error(fmt::format("Cannot use [{}] with [{}]", name, said));
    said = name;
    const auto unit = name == "fixed_interval" ? std::nullopt : ParseCalendarInterval(text);
    const auto fixed_ns = name == "calendar_interval" ? std::nullopt : ParseFixedInterval(text);
    if (unit) {
      interval.unit = *unit;
    } else if (fixed_ns && *fixed_ns > 0) {
      interval.fixed_ns = *fixed_ns;
    } else if (name == "calendar_interval") {
      return read.Error(
          fmt::format("The supplied interval [{}] could not be parsed as a calendar interval.", text));
    } else {
      return read.Error(
          fmt::format("failed to parse setting [date_histogram.fixedInterval] with value [{}] as a time "
                      "value: unit is missing or unrecognized",
                      text));
    }
  }
  if (said.empty()) return read.Error("Invalid interval specified, must be non-null and non-empty");
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string zone, TextMember(read.context, read.body, "time_zone"));
  if (!zone.empty()) {
    TAFFRAIL_ASSIGN_OR_RETURN(interval.zone, ParseZone(zone));
    read.agg.has_zone = true;
  }
  TAFFRAIL_ASSIGN_OR_RETURN(std::string offset, TextMember(read.context, read.body, "offset"));
  const int64_t sign = offset.starts_with('-') ? -1 : 1;
  if (offset.starts_with('-') || offset.starts_with('+')) offset.erase(0, 1);
  if (!offset.empty() && offset != "0") {
    const auto offset_ns = ParseTimeValue(offset);
    constexpr int64_t kMostNs = int64_t{1} << 58;
    if (!offset_ns || *offset_ns > kMostNs)
      return read.Error(fmt::format("[offset] is no length of time: [{}]", offset));
    interval.offset_ns = sign * *offset_ns;
  }
  return absl::OkStatus();
}

absl::Status ReadBounds(const Reader& read, bool dates) {
  for (const std::string_view name : {"extended_bounds", "hard_bounds"}) {
    const Json* const bounds = read.body.Find(name);
    if (bounds == nullptr) continue;
    TAFFRAIL_RETURN_IF_ERROR(CheckMembers(read.context, *bounds, name, {"min", "max"}));
    read.agg.has_hard_bounds = name == "hard_bounds";
    for (const std::string_view end : {"min", "max"}) {
      const Json* const value = bounds->Find(end);
      if (value == nullptr || value->IsNull()) continue;
      std::optional<double>& place = end == "min" ? read.agg.least : read.agg.most;
      if (!dates) {
        TAFFRAIL_ASSIGN_OR_RETURN(place, NumberMember(read.context, *bounds, end, 0));
        continue;
      }
      const DateOptions options{
          .now_ns = read.context.now_ns,
          .zone = read.agg.interval.zone,
          .format = value->IsNumber() || read.agg.format.empty()
                        ? "strict_date_optional_time||epoch_millis"
                        : read.agg.format + "||strict_date_optional_time||epoch_millis"};
      TAFFRAIL_ASSIGN_OR_RETURN(const int64_t time_ns, ParseDate(value->ToText(), options));
      place = static_cast<double>(WholeMillis(time_ns));
    }
  }
  if (read.agg.least && read.agg.most && *read.agg.least > *read.agg.most) {
    return read.Error("[extended_bounds.min] cannot be greater than [extended_bounds.max]");
  }
  return absl::OkStatus();
}

absl::Status ReadDateHistogram(const Reader& read) {
  TAFFRAIL_RETURN_IF_ERROR(
      read.Known({"field", "interval", "fixed_interval", "calendar_interval", "time_zone", "offset", "format",
                  "min_doc_count", "extended_bounds", "hard_bounds", "order", "keyed", "missing", "script"}));
  TAFFRAIL_RETURN_IF_ERROR(read.ReadField());
  if (read.agg.field.kind != Field::Kind::kTime) {
    return read.Error(
        fmt::format("Field [{}] is not supported for aggregation [date_histogram]: only the time of the "
                    "record, [@timestamp], is",
                    read.agg.field.name));
  }
  TAFFRAIL_RETURN_IF_ERROR(ReadInterval(read));
  TAFFRAIL_ASSIGN_OR_RETURN(read.agg.format, TextMember(read.context, read.body, "format"));
  TAFFRAIL_ASSIGN_OR_RETURN(read.agg.min_doc_count, Count(read, "min_doc_count", 0, 0));
  TAFFRAIL_ASSIGN_OR_RETURN(read.agg.keyed, BoolMember(read.context, read.body, "keyed", false));
  TAFFRAIL_RETURN_IF_ERROR(ReadBounds(read, true));
  return ReadOrder(read);
}

absl::Status ReadHistogram(const Reader& read) {
  TAFFRAIL_RETURN_IF_ERROR(read.Known({"field", "interval", "offset", "min_doc_count", "extended_bounds",
                                       "hard_bounds", "order", "keyed", "missing", "format", "script"}));
  TAFFRAIL_RETURN_IF_ERROR(read.ReadField());
  if (read.agg.field.kind == Field::Kind::kTime)
    return read.Error("a histogram of times is a [date_histogram]");
  TAFFRAIL_ASSIGN_OR_RETURN(read.agg.width, NumberMember(read.context, read.body, "interval", 0));
  if (!(read.agg.width > 0)) return read.Error("[interval] must be >0 for histogram aggregation");
  TAFFRAIL_ASSIGN_OR_RETURN(read.agg.offset, NumberMember(read.context, read.body, "offset", 0));
  TAFFRAIL_ASSIGN_OR_RETURN(read.agg.min_doc_count, Count(read, "min_doc_count", 0, 0));
  TAFFRAIL_ASSIGN_OR_RETURN(read.agg.keyed, BoolMember(read.context, read.body, "keyed", false));
  TAFFRAIL_RETURN_IF_ERROR(ReadBounds(read, false));
  return ReadOrder(read);
}

std::string NumberText(double value) {
  return value == std::floor(value) && std::abs(value) < 1e15 ? fmt::format("{:.1f}", value)
                                                              : fmt::format("{}", value);
}

// A bound of a range, and how its key says it.
struct RangeEnd {
  std::optional<double> value;
  std::string text = "*";
  ExprPtr condition;
};

absl::StatusOr<RangeEnd> ReadRangeEnd(const Reader& read, const Json& range, std::string_view name) {
  RangeEnd end;
  const Json* const value = range.Find(name);
  if (value == nullptr || value->IsNull()) return end;
  if (!value->IsScalar()) return read.Error("the ends of a range are values");
  const Expr::Op op = name == "from" ? Expr::Op::kGreaterEqual : Expr::Op::kLess;
  if (read.agg.kind == Kind::kRange) {
    TAFFRAIL_ASSIGN_OR_RETURN(const double number, NumberMember(read.context, range, name, 0));
    end.value = number;
    end.text = NumberText(number);
    Expr leaf;
    leaf.op = op;
    leaf.field = read.agg.field.ref;
    leaf.is_number = true;
    leaf.number = number;
    end.condition = expr::Make(std::move(leaf));
    return end;
  }
  const std::string fallback = "strict_date_optional_time||epoch_millis";
  const DateOptions options{
      .now_ns = read.context.now_ns,
      .zone = read.agg.interval.zone,
      .format = value->IsNumber() || read.agg.format.empty() ? fallback : read.agg.format + "||" + fallback};
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t time_ns, ParseDate(value->ToText(), options));
  end.value = static_cast<double>(WholeMillis(time_ns));
  end.text = FormatDate(time_ns, read.agg.format, read.agg.interval.zone);
  end.condition = expr::TimeLeaf(op, time_ns);
  return end;
}

absl::Status ReadRange(const Reader& read) {
  TAFFRAIL_RETURN_IF_ERROR(
      read.Known({"field", "ranges", "keyed", "format", "time_zone", "missing", "script"}));
  TAFFRAIL_RETURN_IF_ERROR(read.ReadField());
  const bool is_time = read.agg.field.kind == Field::Kind::kTime;
  if (is_time != (read.agg.kind == Kind::kDateRange)) {
    return read.Error(is_time ? "a range of times is a [date_range]"
                              : "only ranges of [@timestamp] are supported here");
  }
  TAFFRAIL_ASSIGN_OR_RETURN(read.agg.keyed, BoolMember(read.context, read.body, "keyed", false));
  TAFFRAIL_ASSIGN_OR_RETURN(read.agg.format, TextMember(read.context, read.body, "format"));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string zone, TextMember(read.context, read.body, "time_zone"));
  if (!zone.empty()) {
    TAFFRAIL_ASSIGN_OR_RETURN(read.agg.interval.zone, ParseZone(zone));
  }
  const Json* const ranges = read.body.Find("ranges");
  if (ranges == nullptr || !ranges->IsArray() || ranges->members.empty()) {
    return read.Error("No [ranges] specified for the aggregation");
  }
  if (ranges->members.size() > kMaxRanges) return read.Error(fmt::format("more than {} ranges", kMaxRanges));
  for (const auto& [unused, range] : ranges->members) {
    TAFFRAIL_RETURN_IF_ERROR(CheckMembers(read.context, range, "ranges", {"key", "from", "to"}));
    TAFFRAIL_ASSIGN_OR_RETURN(RangeEnd from, ReadRangeEnd(read, range, "from"));
    TAFFRAIL_ASSIGN_OR_RETURN(RangeEnd to, ReadRangeEnd(read, range, "to"));
    Aggregation::Named& bucket = read.agg.buckets.emplace_back();
    TAFFRAIL_ASSIGN_OR_RETURN(bucket.key, TextMember(read.context, range, "key", from.text + "-" + to.text));
    bucket.from = from.value;
    bucket.to = to.value;
    std::vector<ExprPtr> both;
    for (ExprPtr* end : {&from.condition, &to.condition}) {
      if (*end != nullptr) both.push_back(*end);
    }
    bucket.filter = both.empty() ? Exists(read.agg.field) : expr::And(std::move(both));
  }
  return absl::OkStatus();
}

absl::Status ReadFilters(const Reader& read) {
  if (read.agg.kind == Kind::kFilter) {
    TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr filter, ParseQueryDsl(read.context, read.body));
    read.agg.buckets.push_back({"", std::move(filter), {}, {}});
    return absl::OkStatus();
  }
  TAFFRAIL_RETURN_IF_ERROR(read.Known({"filters", "other_bucket", "other_bucket_key", "keyed"}));
  const Json* const filters = read.body.Find("filters");
  if (filters == nullptr || filters->IsScalar() || filters->members.empty()) {
    return read.Error("[filters] cannot be empty");
  }
  if (filters->members.size() > kMaxRanges)
    return read.Error(fmt::format("more than {} filters", kMaxRanges));
  read.agg.keyed = filters->IsObject();
  std::vector<ExprPtr> none;
  for (const auto& [key, query] : filters->members) {
    TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr filter, ParseQueryDsl(read.context, query));
    none.push_back(expr::Not(filter));
    read.agg.buckets.push_back({key, std::move(filter), {}, {}});
  }
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string other, TextMember(read.context, read.body, "other_bucket_key"));
  TAFFRAIL_ASSIGN_OR_RETURN(const bool has_other,
                            BoolMember(read.context, read.body, "other_bucket", !other.empty()));
  if (has_other)
    read.agg.buckets.push_back({other.empty() ? "_other_" : other, expr::And(std::move(none)), {}, {}});
  return absl::OkStatus();
}

absl::Status ReadMissingBucket(const Reader& read) {
  TAFFRAIL_RETURN_IF_ERROR(read.Known({"field", "missing"}));
  TAFFRAIL_RETURN_IF_ERROR(read.ReadField());
  read.agg.buckets.push_back({"", expr::Not(Exists(read.agg.field)), {}, {}});
  return absl::OkStatus();
}

absl::Status ReadSourceOf(const Reader& composite, const Json& holder) {
  if (!holder.IsObject() || holder.members.size() != 1)
    return composite.Error("each of [sources] has one name");
  const auto& [name, typed] = holder.members[0];
  if (!typed.IsObject() || typed.members.size() != 1) return composite.Error("a source has one type");
  const auto& [type, body] = typed.members[0];
  Aggregation source;
  source.name = name;
  // The members that only sources have.
  Json own = body;
  std::erase_if(own.members, [](const auto& member) {
    return member.first == "order" || member.first == "missing_bucket" || member.first == "missing_order";
  });
  const Reader read{composite.context, own, source};
  if (type == "terms") {
    source.kind = Kind::kTerms;
    TAFFRAIL_RETURN_IF_ERROR(ReadTerms(read));
  } else if (type == "date_histogram") {
    source.kind = Kind::kDateHistogram;
    TAFFRAIL_RETURN_IF_ERROR(ReadDateHistogram(read));
  } else if (type == "histogram") {
    source.kind = Kind::kHistogram;
    TAFFRAIL_RETURN_IF_ERROR(ReadHistogram(read));
  } else {
    return composite.Error(fmt::format("a source cannot be of type [{}]", type));
  }
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string order, TextMember(composite.context, body, "order", "asc"));
  TAFFRAIL_ASSIGN_OR_RETURN(const bool missing, BoolMember(composite.context, body, "missing_bucket", false));
  composite.agg.sources.push_back(std::move(source));
  composite.agg.descending.push_back(order == "desc");
  composite.agg.missing_bucket.push_back(missing);
  return absl::OkStatus();
}

absl::Status ReadComposite(const Reader& read) {
  TAFFRAIL_RETURN_IF_ERROR(read.Known({"sources", "size", "after"}));
  const Json* const sources = read.body.Find("sources");
  if (sources == nullptr || !sources->IsArray() || sources->members.empty()) {
    return read.Error("Composite [sources] cannot be null or empty");
  }
  constexpr size_t kMaxSources = 8;
  if (sources->members.size() > kMaxSources)
    return read.Error(fmt::format("more than {} sources", kMaxSources));
  for (const auto& [unused, source] : sources->members) TAFFRAIL_RETURN_IF_ERROR(ReadSourceOf(read, source));
  TAFFRAIL_ASSIGN_OR_RETURN(read.agg.size, Count(read, "size", 10, 1));
  read.agg.size = std::min(read.agg.size, kMaxBucketsAsked);
  if (const Json* const after = read.body.Find("after")) {
    if (!after->IsObject()) return read.Error("[after] must be an object");
    for (const Aggregation& source : read.agg.sources) {
      const Json* const value = after->Find(source.name);
      if (value == nullptr || !value->IsScalar()) {
        return read.Error(fmt::format("Missing value for [after.{}]", source.name));
      }
    }
    if (after->members.size() != read.agg.sources.size()) {
      return read.Error(fmt::format("[after] has {} value(s) but [sources] has {}", after->members.size(),
                                    read.agg.sources.size()));
    }
    read.agg.after = *after;
  }
  return absl::OkStatus();
}

absl::Status ReadMetric(const Reader& read) {
  TAFFRAIL_RETURN_IF_ERROR(
      read.Known({"field", "missing", "format", "precision_threshold", "percents", "keyed", "sigma",
                  "tdigest", "hdr", "script", "execution_hint", "rehash"}));
  TAFFRAIL_RETURN_IF_ERROR(read.ReadField());
  if (read.body.Find("missing") != nullptr) return read.Error("[missing] of a metric is not supported here");
  TAFFRAIL_ASSIGN_OR_RETURN(read.agg.format, TextMember(read.context, read.body, "format"));
  if (read.agg.kind == Kind::kExtendedStats) {
    TAFFRAIL_ASSIGN_OR_RETURN(read.agg.sigma, NumberMember(read.context, read.body, "sigma", 2));
    if (read.agg.sigma < 0) return read.Error("[sigma] must not be negative");
  }
  if (read.agg.kind != Kind::kPercentiles) return absl::OkStatus();
  TAFFRAIL_ASSIGN_OR_RETURN(read.agg.keyed, BoolMember(read.context, read.body, "keyed", true));
  read.agg.percents = {1, 5, 25, 50, 75, 95, 99};
  const Json* const percents = read.body.Find("percents");
  if (percents == nullptr) return absl::OkStatus();
  constexpr size_t kMaxPercents = 50;
  if (!percents->IsArray() || percents->members.empty() || percents->members.size() > kMaxPercents) {
    return read.Error(fmt::format("[percents] must be an array of at most {} numbers", kMaxPercents));
  }
  read.agg.percents.clear();
  for (const auto& [unused, percent] : percents->members) {
    Json holder;
    holder.members.emplace_back("percents", percent);
    TAFFRAIL_ASSIGN_OR_RETURN(const double number, NumberMember(read.context, holder, "percents", 0));
    if (!(number >= 0 && number <= 100)) {
      return read.Error(fmt::format("percent must be in [0,100], got [{}]", number));
    }
    read.agg.percents.push_back(number);
  }
  return absl::OkStatus();
}

absl::Status ReadTopHits(const Reader& read) {
  constexpr std::string_view kNot[] = {"aggs",         "aggregations", "query",  "pit",
                                       "search_after", "post_filter",  "timeout"};
  for (const std::string_view name : kNot) {
    if (read.body.Find(name) != nullptr) return read.Error(fmt::format("unknown field [{}]", name));
  }
  TAFFRAIL_ASSIGN_OR_RETURN(Search hits, ReadSearch(read.context, read.body));
  if (read.body.Find("size") == nullptr) hits.size = 3;
  constexpr uint64_t kMaxHits = 100;  // index.max_inner_result_window
  if (hits.from + hits.size > kMaxHits) {
    return read.Error(fmt::format(
        "Top hits result window is too large, from + size must be less than or equal to: [{}]", kMaxHits));
  }
  read.agg.hits = std::make_shared<const Search>(std::move(hits));
  return absl::OkStatus();
}

struct Type {
  std::string_view name;
  Kind kind;
  absl::Status (*read)(const Reader& read);
};
constexpr Type kTypes[] = {
    {"terms", Kind::kTerms, ReadTerms},
    {"date_histogram", Kind::kDateHistogram, ReadDateHistogram},
    {"histogram", Kind::kHistogram, ReadHistogram},
    {"range", Kind::kRange, ReadRange},
    {"date_range", Kind::kDateRange, ReadRange},
    {"filter", Kind::kFilter, ReadFilters},
    {"filters", Kind::kFilters, ReadFilters},
    {"missing", Kind::kMissing, ReadMissingBucket},
    {"composite", Kind::kComposite, ReadComposite},
    {"avg", Kind::kAvg, ReadMetric},
    {"min", Kind::kMin, ReadMetric},
    {"max", Kind::kMax, ReadMetric},
    {"sum", Kind::kSum, ReadMetric},
    {"value_count", Kind::kValueCount, ReadMetric},
    {"cardinality", Kind::kCardinality, ReadMetric},
    {"stats", Kind::kStats, ReadMetric},
    {"extended_stats", Kind::kExtendedStats, ReadMetric},
    {"percentiles", Kind::kPercentiles, ReadMetric},
    {"top_hits", Kind::kTopHits, ReadTopHits},
};

absl::StatusOr<std::vector<Aggregation>> ParseAt(Context& context, const Json& aggs, int depth);

absl::Status ReadOne(Context& context, const Json& typed, int depth, Aggregation& agg) {
  const Json* children = nullptr;
  const Type* found = nullptr;
  if (!typed.IsObject())
    return context.Error(typed, fmt::format("Expected [START_OBJECT] under [{}]", agg.name));
  for (const auto& [name, body] : typed.members) {
    if (name == "aggs" || name == "aggregations") {
      children = &body;
      continue;
    }
    if (name == "meta") {
      AppendJson(body, agg.meta);
      continue;
    }
    if (found != nullptr) {
      return context.Error(body, fmt::format("Found two aggregation type definitions in [{}]: [{}] and [{}]",
                                             agg.name, found->name, name));
    }
    const auto* const type = std::find_if(std::begin(kTypes), std::end(kTypes),
                                          [&name = name](const Type& each) { return each.name == name; });
    if (type == std::end(kTypes)) {
      return context.Error(
          body, fmt::format("aggregation type [{}] of [{}] is not supported here: docs/elasticsearch.md "
                            "lists those that are",
                            name.substr(0, 60), agg.name));
    }
    found = type;
    agg.kind = type->kind;
    TAFFRAIL_RETURN_IF_ERROR(type->read({context, body, agg}));
  }
  if (found == nullptr)
    return context.Error(typed, fmt::format("Missing definition for aggregation [{}]", agg.name));
  if (children == nullptr) return absl::OkStatus();
  if (agg.IsMetric() && !children->members.empty()) {
    return context.Error(
        *children,
        fmt::format("Aggregator [{}] of type [{}] cannot accept sub-aggregations", agg.name, found->name),
        "aggregation_initialization_exception");
  }
  TAFFRAIL_ASSIGN_OR_RETURN(agg.children, ParseAt(context, *children, depth + 1));
  for (const Aggregation& child : agg.children) {
    if (child.kind == Kind::kComposite) {
      return context.Error(*children, "[composite] aggregation cannot be used with a parent aggregation",
                           "illegal_argument_exception");
    }
  }
  return absl::OkStatus();
}

// What an order or a path names: a metric that is a child.
absl::Status CheckOrder(const Context& context, const Json& at, const Aggregation& agg) {
  for (const Aggregation::Order& order : agg.order) {
    if (order.path == "_count" || order.path == "_key") continue;
    const std::string name = order.path.substr(0, order.path.find_first_of(".["));
    const auto child = std::find_if(agg.children.begin(), agg.children.end(),
                                    [&](const Aggregation& each) { return each.name == name; });
    if (child == agg.children.end() || !child->IsMetric() || child->kind == Kind::kTopHits) {
      return context.Error(
          at,
          fmt::format("Invalid aggregator order path [{}]. The provided aggregation [{}] either does "
                      "not exist, or is no metric.",
                      order.path, name),
          "aggregation_execution_exception");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Aggregation>> ParseAt(Context& context, const Json& aggs, int depth) {
  std::vector<Aggregation> all;
  if (!aggs.IsObject()) return context.Error(aggs, "Expected [START_OBJECT] under [aggs]");
  if (depth > kMaxAggregationDepth) {
    return context.Error(aggs, fmt::format("aggregations nested deeper than {}", kMaxAggregationDepth));
  }
  for (const auto& [name, typed] : aggs.members) {
    TAFFRAIL_RETURN_IF_ERROR(context.CountClause());
    if (all.size() == kMaxAggregations) {
      return context.Error(typed, fmt::format("more than {} aggregations", kMaxAggregations));
    }
    if (name.empty() || name.find_first_of("[]>") != std::string::npos) {
      return context.Error(
          typed, fmt::format("Invalid aggregation name [{}]. Aggregation names cannot contain '[', ']', "
                             "or '>'",
                             name.substr(0, 60)));
    }
    Aggregation& agg = all.emplace_back();
    agg.name = name;
    TAFFRAIL_RETURN_IF_ERROR(ReadOne(context, typed, depth, agg));
    TAFFRAIL_RETURN_IF_ERROR(CheckOrder(context, typed, agg));
  }
  return all;
}

}  // namespace

absl::StatusOr<std::vector<Aggregation>> ParseAggregations(Context& context, const Json& aggs) {
  return ParseAt(context, aggs, 1);
}

}  // namespace taffrail::query::lang::elastic
