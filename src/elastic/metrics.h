// Metrics of an aggregation: which aggregated columns each takes, and what it makes of their values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expr/value.h"
#include "query/lang/elastic/aggs.h"
#include "query/plan/plan.h"

namespace taffrail::elastic {

// The record's time in milliseconds, under this name, is what metrics of "@timestamp" aggregate.
inline constexpr std::string_view kMillisField = "__millis";

// Appends the calls of a metric. (top_hits has none.)
void AddCalls(const query::lang::elastic::Aggregation& metric, std::vector<query::plan::Call>& calls);
size_t CallCount(const query::lang::elastic::Aggregation& metric);
bool NeedsMillis(const query::lang::elastic::Aggregation& metric);

// The metric as JSON, from the values of its calls; null: of no documents.
void AppendMetric(const query::lang::elastic::Aggregation& metric, const expr::Value* values,
                  std::string& out);

// What an order names: the metric's value, or one of several: "max", "99".
std::optional<double> MetricValue(const query::lang::elastic::Aggregation& metric, const expr::Value* values,
                                  std::string_view part);

// As Java writes a double: with a point.
void AppendJavaDouble(double value, std::string& out);

}  // namespace taffrail::elastic
