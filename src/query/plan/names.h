// What the printed form calls things, for its printer and its parser.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "query/plan/plan.h"

namespace taffrail::query::plan {

template <typename Key>
using Name = std::pair<Key, std::string_view>;

inline constexpr Name<Order> kOrders[] = {
    {Order::kNone, "none"},
    {Order::kAscending, "ascending"},
    {Order::kDescending, "descending"},
};

inline constexpr Name<Function> kFunctions[] = {
    {Function::kCount, "count"},       {Function::kCountDistinct, "count_distinct"},
    {Function::kSum, "sum"},           {Function::kAvg, "avg"},
    {Function::kMin, "min"},           {Function::kMax, "max"},
    {Function::kQuantile, "quantile"}, {Function::kStddev, "stddev"},
    {Function::kFirst, "first"},       {Function::kLast, "last"},
    {Function::kShare, "share"},
};

inline constexpr Name<ParseFields::Format> kFormats[] = {
    {ParseFields::Format::kJson, "json"},       {ParseFields::Format::kLogfmt, "logfmt"},
    {ParseFields::Format::kPattern, "pattern"}, {ParseFields::Format::kRegexp, "regexp"},
    {ParseFields::Format::kUnpack, "unpack"},   {ParseFields::Format::kCsv, "csv"},
};

inline constexpr Name<Unwrap::Conversion> kConversions[] = {
    {Unwrap::Conversion::kNumber, "number"},
    {Unwrap::Conversion::kDuration, "duration"},
    {Unwrap::Conversion::kBytes, "bytes"},
};

inline constexpr Name<RangeFunction> kRangeFunctions[] = {
    {RangeFunction::kCount, "count"},
    {RangeFunction::kRate, "rate"},
    {RangeFunction::kBytes, "bytes"},
    {RangeFunction::kBytesRate, "bytes_rate"},
    {RangeFunction::kSum, "sum"},
    {RangeFunction::kSumRate, "sum_rate"},
    {RangeFunction::kAvg, "avg"},
    {RangeFunction::kMin, "min"},
    {RangeFunction::kMax, "max"},
    {RangeFunction::kFirst, "first"},
    {RangeFunction::kLast, "last"},
    {RangeFunction::kStddev, "stddev"},
    {RangeFunction::kStdvar, "stdvar"},
    {RangeFunction::kQuantile, "quantile"},
    {RangeFunction::kCounterRate, "counter_rate"},
    {RangeFunction::kAbsent, "absent"},
};

inline constexpr Name<VectorFunction> kVectorFunctions[] = {
    {VectorFunction::kSum, "sum"},
    {VectorFunction::kAvg, "avg"},
    {VectorFunction::kMin, "min"},
    {VectorFunction::kMax, "max"},
    {VectorFunction::kCount, "count"},
    {VectorFunction::kStddev, "stddev"},
    {VectorFunction::kStdvar, "stdvar"},
    {VectorFunction::kTopK, "topk"},
    {VectorFunction::kBottomK, "bottomk"},
    {VectorFunction::kSort, "sort"},
    {VectorFunction::kSortDescending, "sort_descending"},
};

inline constexpr Name<BinaryOperator> kBinaryOperators[] = {
    {BinaryOperator::kAdd, "add"},           {BinaryOperator::kSubtract, "subtract"},
    {BinaryOperator::kMultiply, "multiply"}, {BinaryOperator::kDivide, "divide"},
    {BinaryOperator::kModulo, "modulo"},     {BinaryOperator::kPower, "power"},
    {BinaryOperator::kEqual, "equal"},       {BinaryOperator::kNotEqual, "not_equal"},
    {BinaryOperator::kGreater, "greater"},   {BinaryOperator::kGreaterEqual, "greater_equal"},
    {BinaryOperator::kLess, "less"},         {BinaryOperator::kLessEqual, "less_equal"},
    {BinaryOperator::kAnd, "and"},           {BinaryOperator::kOr, "or"},
    {BinaryOperator::kUnless, "unless"},
};

template <typename Key, size_t kSize>
std::string_view NameOf(const Name<Key> (&table)[kSize], Key key) {
  for (const auto& [known, name] : table) {
    if (known == key) return name;
  }
  return {};
}

template <typename Key, size_t kSize>
std::optional<Key> Find(const Name<Key> (&table)[kSize], std::string_view name) {
  for (const auto& [key, text] : table) {
    if (text == name) return key;
  }
  return std::nullopt;
}

}  // namespace taffrail::query::plan
