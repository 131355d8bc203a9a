// Series over a grid of points in time: what a metric query computes with and answers.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/plan/vectors.h"

namespace taffrail::query::exec {

struct Series {
  std::vector<std::pair<std::string, std::string>> labels;  // sorted by name
  std::vector<double> values;                               // by point
  std::vector<bool> present;                                // by point: a series may have gaps

  std::string_view Label(std::string_view name) const {
    for (const auto& [key, value] : labels) {
      if (key == name) return value;
    }
    return {};
  }
};

struct Matrix {
  plan::Grid grid;
  std::vector<Series> series;
  bool ordered = false;  // by sort or topk: the order of the series is part of the answer
};

}  // namespace taffrail::query::exec
