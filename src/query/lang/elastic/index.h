// Index names: NAME-TYPE-YYYY.MM.DD, as services ship to Elasticsearch, one a service, type and day.
//
//   NAME   the service, in lower case, with '_' for what an index name may not have; "taffrail" when it has
//   none TYPE   audit, performance, security: as the record's category, event.category, log_type,
//   security_level or
//          logger ("audit.oauth") says; else error for ERROR and CRITICAL, else application
//
// No index is stored: a name becomes a condition on the records that would be in it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "expr/expr.h"

namespace taffrail::query::lang::elastic {

inline constexpr std::string_view kIndexTypes[] = {"application", "audit", "performance", "error",
                                                   "security"};

// Of the records in the indices that a pattern with "*" names. InvalidArgument for a name no index can have.
absl::StatusOr<expr::ExprPtr> IndexCondition(std::string_view pattern);

struct IndexSelection {
  expr::ExprPtr filter;
  std::vector<std::string> concrete;  // names without "*": Elasticsearch has them, or answers 404
};
// "a-*,b-error-2025.10.30,-a-audit-*"; empty, "*" and "_all": everything.
absl::StatusOr<IndexSelection> SelectIndices(std::string_view expression);

// The index that a record is in; `field` gives a field's text, or nothing.
using FieldText = std::function<std::string(std::string_view path)>;
std::string IndexOf(int64_t timestamp_ns, std::string_view level, const FieldText& field);

// The paths that IndexOf may ask for, in its order: of the service, of the type.
std::vector<std::string> ServicePaths();
std::vector<std::string> TypePaths();

}  // namespace taffrail::query::lang::elastic
