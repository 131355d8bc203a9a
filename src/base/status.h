// Errors travel as absl::Status; these two macros pass them up. No exception crosses a folder.
//
// Debian's Abseil keeps its own string_view type, so messages are built with fmt::format (a std::string).
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define TAFFRAIL_RETURN_IF_ERROR(expr)                    \
  do {                                                    \
    if (::absl::Status status_ = (expr); !status_.ok()) { \
      return status_;                                     \
    }                                                     \
  } while (false)

#define TAFFRAIL_STATUS_CONCAT_INNER(a, b) a##b
#define TAFFRAIL_STATUS_CONCAT(a, b) TAFFRAIL_STATUS_CONCAT_INNER(a, b)

// TAFFRAIL_ASSIGN_OR_RETURN(auto file, env.OpenRead(path));
#define TAFFRAIL_ASSIGN_OR_RETURN(lhs, expr) \
  TAFFRAIL_ASSIGN_OR_RETURN_INNER(TAFFRAIL_STATUS_CONCAT(result_, __LINE__), lhs, expr)
#define TAFFRAIL_ASSIGN_OR_RETURN_INNER(result, lhs, expr) \
  auto result = (expr);                                    \
  if (!result.ok()) {                                      \
    return std::move(result).status();                     \
  }                                                        \
  lhs = *std::move(result)
