#pragma once

#include <string_view>
#include <vector>

#include "base/status.h"
#include "query/templates/node.h"

namespace taffrail::query::templates {

// Actions within actions, and parentheses within parentheses: both recurse.
inline constexpr int kMaxDepth = 50;

absl::StatusOr<std::vector<Node>> ParseNodes(std::string_view text);

}  // namespace taffrail::query::templates
