#include "elastic/aggregate.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "elastic/buckets.h"
#include "elastic/metrics.h"
#include "fmt/format.h"
#include "query/lang/elastic/dates.h"
#include "query/lang/elastic/search.h"
#include "record/json_writer.h"

namespace taffrail::elastic {
namespace {

namespace lang = query::lang::elastic;
namespace plan = query::plan;
using expr::Expr;
using expr::ExprPtr;
using expr::Value;
using lang::Aggregation;
using Kind = Aggregation::Kind;

// Groups of one level that are held at once, before they are cut: what a terms over ids of some days has.
constexpr size_t kMaxGroups = 2'000'000;
// Buckets that get hits of their own: each is a search.
constexpr size_t kMaxTopHits = 500;
// Chosen keys that the next level is restricted to. More are not worth the comparison.
constexpr size_t kMaxRestricted = 1'000;

// A bucket of the levels above, in which a level is answered.
struct Parent {
  std::string id;     // of its keys
  ExprPtr condition;  // its documents, among those of the level
  uint64_t count = 0;
  const Value* metrics = nullptr;  // of the metrics among what is to be answered
};

struct LevelKey {
  const Aggregation* aggregation = nullptr;
  KeyPlan plan;
};

struct Level {
  ExprPtr filter;
  std::vector<LevelKey> keys;  // of the levels above
  std::vector<Parent> parents;
};

class RowSink final : public query::exec::ResultSink {
 public:
  bool OnColumns(const std::vector<std::string>&) override { return true; }
  bool OnRecord(const query::exec::LogRow&) override { return false; }
  bool OnRow(const std::vector<Value>& row) override {
    if (rows.size() == kMaxGroups) return false;
    rows.push_back(row);
    return true;
  }
  std::vector<std::vector<Value>> rows;
};

std::vector<plan::Call> CallsOf(const std::vector<Aggregation>& children) {
  std::vector<plan::Call> calls;
  for (const Aggregation& child : children) AddCalls(child, calls);
  return calls;
}

using Answers = std::vector<std::string>;  // by parent: "name":{…},…

class Evaluator {
 public:
  explicit Evaluator(const RunPlan& run) : run_(run) {}

  absl::StatusOr<std::string> Run(const std::vector<Aggregation>& aggregations, const ExprPtr& filter) {
    Level level{.filter = filter, .keys = {}, .parents = {{.id = "", .condition = expr::True()}}};
    TAFFRAIL_ASSIGN_OR_RETURN(std::vector<std::vector<Value>> rows, Rows(level, {}, aggregations));
    if (!rows.empty()) {
      level.parents[0].count = static_cast<uint64_t>(std::get<int64_t>(rows[0][0]));
      level.parents[0].metrics = rows[0].data() + 1;
    }
    TAFFRAIL_ASSIGN_OR_RETURN(const Answers answers, Evaluate(aggregations, level));
    return "{" + answers[0] + "}";
  }

 private:
  // Groups by the keys of the level and `more`: keys, count, metrics of `children`.
  absl::StatusOr<std::vector<std::vector<Value>>> Rows(const Level& level, const std::vector<LevelKey>& more,
                                                       const std::vector<Aggregation>& children) {
    plan::Plan plan;
    plan.source.filter = level.filter;
    plan.source.order = plan::Order::kNone;
    plan::Extend extend;
    plan::Aggregate aggregate;
    for (const std::vector<LevelKey>* keys : {&level.keys, &more}) {
      for (const LevelKey& key : *keys) {
        extend.assignments.insert(extend.assignments.end(), key.plan.computed.begin(),
                                  key.plan.computed.end());
        aggregate.keys.push_back(key.plan.key);
      }
    }
    if (std::any_of(children.begin(), children.end(), NeedsMillis)) {
      extend.assignments.push_back(
          {std::string(kMillisField), false,
           plan::MakeCall("to_millis", {plan::MakeField({expr::FieldRef::Source::kTimestamp, ""})})});
    }
    aggregate.calls.push_back({.name = "n"});
    for (plan::Call& call : CallsOf(children)) aggregate.calls.push_back(std::move(call));
    if (!extend.assignments.empty()) plan.stages.emplace_back(std::move(extend));
    plan.stages.emplace_back(std::move(aggregate));
    RowSink sink;
    TAFFRAIL_RETURN_IF_ERROR(run_(plan, sink));
    if (sink.rows.size() == kMaxGroups) {
      return absl::ResourceExhaustedError(fmt::format(
          "an aggregation has more than {} groups: narrow the query or the time range", kMaxGroups));
    }
    return std::move(sink.rows);
  }

  absl::StatusOr<Answers> Evaluate(const std::vector<Aggregation>& aggregations, const Level& level) {
    Answers answers(level.parents.size());
    size_t first = 0;  // of the calls of the metrics
    for (const Aggregation& aggregation : aggregations) {
      for (std::string& answer : answers) {
        if (!answer.empty()) answer += ',';
        record::AppendJsonString(aggregation.name, answer);
        answer += aggregation.meta.empty() ? ":" : ":{\"meta\":" + aggregation.meta + ",";
      }
      TAFFRAIL_ASSIGN_OR_RETURN(const Answers bodies, One(aggregation, level, first));
      for (size_t p = 0; p < answers.size(); ++p) {
        answers[p] += aggregation.meta.empty() ? bodies[p] : bodies[p].substr(1);
      }
      first += CallCount(aggregation);
    }
    return answers;
  }

  absl::StatusOr<Answers> One(const Aggregation& aggregation, const Level& level, size_t first_call) {
    switch (aggregation.kind) {
      case Kind::kTerms:
      case Kind::kDateHistogram:
      case Kind::kHistogram:
        return Keyed(aggregation, level);
      case Kind::kComposite:
        return Composite(aggregation, level);
      case Kind::kRange:
      case Kind::kDateRange:
      case Kind::kFilter:
      case Kind::kFilters:
      case Kind::kMissing:
        return Conditions(aggregation, level);
      case Kind::kTopHits:
        return TopHits(aggregation, level);
      default:
        break;
    }
    Answers answers(level.parents.size());
    for (size_t p = 0; p < answers.size(); ++p) {
      const Value* metrics = level.parents[p].metrics;
      AppendMetric(aggregation, metrics == nullptr ? nullptr : metrics + first_call, answers[p]);
    }
    return answers;
  }

  absl::StatusOr<Answers> TopHits(const Aggregation& aggregation, const Level& level) {
    if (level.parents.size() > kMaxTopHits) {
      return lang::TypedError("too_many_buckets_exception",
                              fmt::format("[{}] top_hits of {} buckets, more than {}: ask for fewer buckets",
                                          aggregation.name, level.parents.size(), kMaxTopHits));
    }
    Answers answers;
    for (const Parent& parent : level.parents) {
      lang::Search empty = *aggregation.hits;
      if (parent.count == 0) empty.size = 0;
      TAFFRAIL_ASSIGN_OR_RETURN(const Hits hits, HitsOf(empty, expr::And({level.filter, parent.condition}),
                                                        &parent.count, false, run_));
      answers.push_back("{\"hits\":" + hits.json + "}");
    }
    return answers;
  }

  absl::Status CountBuckets(size_t count) {
    buckets_ += count;
    return buckets_ > kMaxBuckets ? TooManyBuckets(buckets_) : absl::OkStatus();
  }

  std::string IdOf(const Level& level, const std::vector<Value>& row) const {
    std::string id;
    for (size_t k = 0; k < level.keys.size(); ++k) {
      expr::AppendKey(Normal(*level.keys[k].aggregation, row[k]), id);
    }
    return id;
  }

  static std::unordered_map<std::string, size_t> ParentsById(const Level& level) {
    std::unordered_map<std::string, size_t> by_id;
    for (size_t p = 0; p < level.parents.size(); ++p) by_id.emplace(level.parents[p].id, p);
    return by_id;
  }

  // The buckets of each parent, as the groups of `keys` have them.
  absl::StatusOr<std::vector<std::vector<Bucket>>> Buckets(const Aggregation& aggregation, const Level& level,
                                                           const std::vector<LevelKey>& keys) {
    TAFFRAIL_ASSIGN_OR_RETURN(std::vector<std::vector<Value>> rows, Rows(level, keys, aggregation.children));
    const std::unordered_map<std::string, size_t> by_id = ParentsById(level);
    std::vector<std::vector<Bucket>> buckets(level.parents.size());
    std::vector<std::unordered_map<std::string, size_t>> known(level.parents.size());
    for (std::vector<Value>& row : rows) {
      const auto parent = by_id.find(IdOf(level, row));
      if (parent == by_id.end()) continue;
      Bucket bucket;
      std::string id;
      for (size_t k = 0; k < keys.size(); ++k) {
        bucket.keys.push_back(Normal(*keys[k].aggregation, std::move(row[level.keys.size() + k])));
        expr::AppendKey(bucket.keys.back(), id);
      }
      const size_t count_at = level.keys.size() + keys.size();
      bucket.count = static_cast<uint64_t>(std::get<int64_t>(row[count_at]));
      bucket.metrics.assign(std::make_move_iterator(row.begin() + static_cast<ptrdiff_t>(count_at) + 1),
                            std::make_move_iterator(row.end()));
      // One number in two notations is one key.
      const auto [entry, is_new] =
          known[parent->second].emplace(std::move(id), buckets[parent->second].size());
      if (is_new) {
        buckets[parent->second].push_back(std::move(bucket));
      } else {
        buckets[parent->second][entry->second].count += bucket.count;
      }
    }
    return buckets;
  }

  // The level of a bucket aggregation's children: its buckets are the parents.
  static Level Below(const Level& level, const std::vector<LevelKey>& keys,
                     const std::vector<std::vector<Bucket>>& buckets, ExprPtr filter) {
    Level below{.filter = std::move(filter), .keys = level.keys, .parents = {}};
    below.keys.insert(below.keys.end(), keys.begin(), keys.end());
    for (size_t p = 0; p < buckets.size(); ++p) {
      for (const Bucket& bucket : buckets[p]) {
        Parent& parent = below.parents.emplace_back();
        parent.id = level.parents[p].id;
        std::vector<ExprPtr> all = {level.parents[p].condition};
        for (size_t k = 0; k < keys.size(); ++k) {
          expr::AppendKey(bucket.keys[k], parent.id);
          all.push_back(ConditionOf(*keys[k].aggregation, bucket.keys[k]));
        }
        parent.condition = expr::And(std::move(all));
        parent.count = bucket.count;
        parent.metrics = bucket.metrics.empty() ? nullptr : bucket.metrics.data();
      }
    }
    return below;
  }

  // Only the chosen terms matter below.
  static ExprPtr Restriction(const Aggregation& aggregation,
                             const std::vector<std::vector<Bucket>>& buckets) {
    if (aggregation.kind != Kind::kTerms || aggregation.field.kind == lang::Field::Kind::kTime)
      return expr::True();
    Expr in;
    in.op = Expr::Op::kIn;
    in.field = aggregation.field.ref;
    for (const std::vector<Bucket>& of_parent : buckets) {
      for (const Bucket& bucket : of_parent) {
        const Value& key = bucket.keys[0];
        if (std::holds_alternative<expr::Missing>(key) || std::holds_alternative<expr::Json>(key))
          return expr::True();
        std::string text = expr::ToText(key);
        if (std::find(in.texts.begin(), in.texts.end(), text) == in.texts.end())
          in.texts.push_back(std::move(text));
        if (in.texts.size() > kMaxRestricted) return expr::True();
      }
    }
    return in.texts.empty() ? expr::True() : expr::Make(std::move(in));
  }

  absl::StatusOr<Answers> Keyed(const Aggregation& aggregation, const Level& outer) {
    Level level = outer;
    level.filter = expr::And({outer.filter, aggregation.only});
    const std::vector<LevelKey> keys = {{&aggregation, KeyOf(aggregation, level.keys.size())}};
    TAFFRAIL_ASSIGN_OR_RETURN(std::vector<std::vector<Bucket>> buckets, Buckets(aggregation, level, keys));
    std::vector<uint64_t> others(buckets.size());
    for (size_t p = 0; p < buckets.size(); ++p) {
      if (!aggregation.missing || aggregation.kind != Kind::kTerms) {
        std::erase_if(buckets[p], [](const Bucket& bucket) {
          return std::holds_alternative<expr::Missing>(bucket.keys[0]);
        });
      }
      TAFFRAIL_RETURN_IF_ERROR(
          Arrange(aggregation, kMaxBuckets - std::min(buckets_, kMaxBuckets), buckets[p], others[p]));
      TAFFRAIL_RETURN_IF_ERROR(CountBuckets(buckets[p].size()));
    }
    const Level below =
        Below(level, keys, buckets, expr::And({level.filter, Restriction(aggregation, buckets)}));
    TAFFRAIL_ASSIGN_OR_RETURN(const Answers children, Evaluate(aggregation.children, below));
    Answers answers(buckets.size());
    size_t child = 0;
    for (size_t p = 0; p < buckets.size(); ++p) {
      std::string& out = answers[p];
      out = "{";
      if (aggregation.kind == Kind::kTerms) {
        out += fmt::format("\"doc_count_error_upper_bound\":0,\"sum_other_doc_count\":{},", others[p]);
      }
      out += aggregation.keyed ? "\"buckets\":{" : "\"buckets\":[";
      for (size_t b = 0; b < buckets[p].size(); ++b, ++child) {
        if (b > 0) out += ',';
        AppendBucket(aggregation, buckets[p][b], children[child], out);
      }
      out += aggregation.keyed ? "}}" : "]}";
    }
    return answers;
  }

  static void AppendBucket(const Aggregation& aggregation, const Bucket& bucket, const std::string& children,
                           std::string& out) {
    if (aggregation.keyed) {
      record::AppendJsonString(KeyText(aggregation, bucket.keys[0]), out);
      out += ':';
    }
    out += '{';
    if (std::holds_alternative<expr::Missing>(bucket.keys[0])) {
      out += "\"key\":";
      lang::AppendJson(*aggregation.missing, out);
    } else {
      AppendKey(aggregation, bucket.keys[0], out);
    }
    out += fmt::format(",\"doc_count\":{}", bucket.count);
    if (!children.empty()) out += "," + children;
    out += '}';
  }

  absl::StatusOr<Answers> Conditions(const Aggregation& aggregation, const Level& level) {
    struct Answered {
      std::vector<uint64_t> counts;
      Answers children;
    };
    std::vector<Answered> answered;
    const bool counts_buckets = aggregation.kind != Kind::kFilter && aggregation.kind != Kind::kMissing;
    for (const Aggregation::Named& named : aggregation.buckets) {
      Level inner = level;
      inner.filter = expr::And({level.filter, named.filter});
      TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::vector<Value>> rows,
                                Rows(inner, {}, aggregation.children));
      const std::unordered_map<std::string, size_t> by_id = ParentsById(level);
      for (Parent& parent : inner.parents) {
        parent.count = 0;
        parent.metrics = nullptr;
      }
      for (const std::vector<Value>& row : rows) {
        const auto parent = by_id.find(IdOf(level, row));
        if (parent == by_id.end()) continue;
        inner.parents[parent->second].count +=
            static_cast<uint64_t>(std::get<int64_t>(row[level.keys.size()]));
        inner.parents[parent->second].metrics = row.data() + level.keys.size() + 1;
      }
      if (counts_buckets) TAFFRAIL_RETURN_IF_ERROR(CountBuckets(inner.parents.size()));
      Answered& of = answered.emplace_back();
      for (const Parent& parent : inner.parents) of.counts.push_back(parent.count);
      TAFFRAIL_ASSIGN_OR_RETURN(of.children, Evaluate(aggregation.children, inner));
    }
    Answers answers(level.parents.size());
    for (size_t p = 0; p < answers.size(); ++p) {
      std::string& out = answers[p];
      if (counts_buckets) out = aggregation.keyed ? "{\"buckets\":{" : "{\"buckets\":[";
      for (size_t i = 0; i < answered.size(); ++i) {
        if (i > 0) out += ',';
        AppendNamed(aggregation, aggregation.buckets[i], answered[i].counts[p], answered[i].children[p], out);
      }
      if (counts_buckets) out += aggregation.keyed ? "}}" : "]}";
    }
    return answers;
  }

  static void AppendNamed(const Aggregation& aggregation, const Aggregation::Named& named, uint64_t count,
                          const std::string& children, std::string& out) {
    const bool is_range = aggregation.kind == Kind::kRange || aggregation.kind == Kind::kDateRange;
    if (aggregation.keyed) {
      record::AppendJsonString(named.key, out);
      out += ':';
    }
    out += '{';
    if (is_range && !aggregation.keyed) {
      out += "\"key\":";
      record::AppendJsonString(named.key, out);
      out += ',';
    }
    const std::pair<std::string_view, std::optional<double>> ends[] = {{"from", named.from},
                                                                       {"to", named.to}};
    for (const auto& [name, end] : ends) {
      if (!end) continue;
      out += fmt::format("\"{}\":", name);
      AppendJavaDouble(*end, out);
      out += ',';
      if (aggregation.kind != Kind::kDateRange) continue;
      out += fmt::format("\"{}_as_string\":", name);
      const expr::Value time_ns = static_cast<int64_t>(*end) * 1'000'000;
      record::AppendJsonString(KeyText(aggregation, time_ns), out);
      out += ',';
    }
    out += fmt::format("\"doc_count\":{}", count);
    if (!children.empty()) out += "," + children;
    out += '}';
  }

  // -1, 0, 1 in the order of the sources; what is missing comes first.
  static int CompareKeys(const Aggregation& composite, const std::vector<Value>& a,
                         const std::vector<Value>& b) {
    for (size_t i = 0; i < composite.sources.size(); ++i) {
      const bool left = std::holds_alternative<expr::Missing>(a[i]);
      const bool right = std::holds_alternative<expr::Missing>(b[i]);
      const int order = left || right ? (left ? 0 : 1) - (right ? 0 : 1) : expr::CompareValues(a[i], b[i]);
      if (order != 0) return composite.descending[i] ? -order : order;
    }
    return 0;
  }

  static absl::StatusOr<std::vector<Value>> AfterOf(const Aggregation& composite) {
    std::vector<Value> after;
    for (const Aggregation& source : composite.sources) {
      const lang::Json& json = *composite.after->Find(source.name);
      if (json.IsNull()) {
        after.emplace_back(expr::Missing{});
      } else if (source.field.kind == lang::Field::Kind::kTime) {
        const std::string usual = "strict_date_optional_time||epoch_millis";
        const lang::DateOptions options{
            .zone = source.interval.zone,
            .format = source.format.empty() || json.IsNumber() ? usual : source.format + "||" + usual};
        TAFFRAIL_ASSIGN_OR_RETURN(const int64_t time_ns, lang::ParseDate(json.ToText(), options));
        after.emplace_back(time_ns);
      } else {
        std::string text;
        lang::AppendJson(json, text);
        after.push_back(Normal(source, expr::ParseJsonValue(text)));
      }
    }
    return after;
  }

  absl::StatusOr<Answers> Composite(const Aggregation& aggregation, const Level& level) {
    std::vector<LevelKey> keys;
    std::vector<ExprPtr> all = {level.filter};
    for (const Aggregation& source : aggregation.sources) {
      keys.push_back({&source, KeyOf(source, level.keys.size() + keys.size())});
      all.push_back(source.only);
    }
    Level own = level;
    own.filter = expr::And(std::move(all));
    TAFFRAIL_ASSIGN_OR_RETURN(std::vector<std::vector<Bucket>> buckets, Buckets(aggregation, own, keys));
    std::vector<Value> after;
    if (aggregation.after) {
      TAFFRAIL_ASSIGN_OR_RETURN(after, AfterOf(aggregation));
    }
    for (std::vector<Bucket>& of : buckets) {
      std::erase_if(of, [&](const Bucket& bucket) {
        for (size_t i = 0; i < bucket.keys.size(); ++i) {
          if (std::holds_alternative<expr::Missing>(bucket.keys[i]) && !aggregation.missing_bucket[i])
            return true;
        }
        return !after.empty() && CompareKeys(aggregation, bucket.keys, after) <= 0;
      });
      std::sort(of.begin(), of.end(), [&](const Bucket& a, const Bucket& b) {
        return CompareKeys(aggregation, a.keys, b.keys) < 0;
      });
      if (of.size() > aggregation.size)
        of.erase(of.begin() + static_cast<ptrdiff_t>(aggregation.size), of.end());
      TAFFRAIL_RETURN_IF_ERROR(CountBuckets(of.size()));
    }
    const Level below = Below(own, keys, buckets, own.filter);
    TAFFRAIL_ASSIGN_OR_RETURN(const Answers children, Evaluate(aggregation.children, below));
    Answers answers(buckets.size());
    size_t child = 0;
    for (size_t p = 0; p < buckets.size(); ++p) {
      std::string rows;
      std::string key;
      for (const Bucket& bucket : buckets[p]) {
        key = "{";
        for (size_t i = 0; i < keys.size(); ++i) {
          if (i > 0) key += ',';
          record::AppendJsonString(aggregation.sources[i].name, key);
          key += ':';
          AppendKeyValue(aggregation.sources[i], bucket.keys[i], key);
        }
        key += '}';
        if (!rows.empty()) rows += ',';
        rows += fmt::format("{{\"key\":{},\"doc_count\":{}", key, bucket.count);
        const std::string& of_children = children[child++];
        rows += of_children.empty() ? "}" : "," + of_children + "}";
      }
      answers[p] = key.empty() ? "{" : "{\"after_key\":" + key + ",";
      answers[p] += "\"buckets\":[" + rows + "]}";
    }
    return answers;
  }

  const RunPlan& run_;
  size_t buckets_ = 0;
};

}  // namespace

absl::StatusOr<std::string> Aggregate(const std::vector<Aggregation>& aggregations, const ExprPtr& filter,
                                      const RunPlan& run) {
  return Evaluator(run).Run(aggregations, filter);
}

}  // namespace taffrail::elastic
