// What the readers of a request share: its text for errors, the time, and how much has been read.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/status.h"
#include "query/lang/elastic/json.h"

namespace taffrail::query::lang::elastic {

// Elasticsearch's own numbers, which clients know. Terms of one terms query; clauses of one request.
inline constexpr size_t kMaxTerms = 65'536;
inline constexpr size_t kMaxClauses = 4'096;

struct Context {
  std::string_view text;  // of the request's body
  int64_t now_ns = 0;
  size_t clauses = 0;

  // "[1:23] message", marked with the type that Elasticsearch gives such an error.
  absl::Status Error(const Json& at, std::string_view message,
                     std::string_view type = "parsing_exception") const;
  // Counts a clause of a query.
  absl::Status CountClause();
};

// An error that is marked with its type in Elasticsearch's JSON.
absl::Status TypedError(std::string_view type, std::string_view message);
std::string TypeOf(const absl::Status& status);  // of an unmarked one: by its code

// The members of an object, each of which must be one of `known`.
absl::Status CheckMembers(const Context& context, const Json& object, std::string_view what,
                          std::initializer_list<std::string_view> known);

// Each reads a member that may be missing, then `fallback`.
absl::StatusOr<std::string> TextMember(const Context& context, const Json& object, std::string_view name,
                                       std::string_view fallback = {});
absl::StatusOr<int64_t> IntegerMember(const Context& context, const Json& object, std::string_view name,
                                      int64_t fallback);
absl::StatusOr<double> NumberMember(const Context& context, const Json& object, std::string_view name,
                                    double fallback);
absl::StatusOr<bool> BoolMember(const Context& context, const Json& object, std::string_view name,
                                bool fallback);
absl::StatusOr<bool> ToBool(const Context& context, const Json& value, std::string_view name);
absl::StatusOr<int64_t> ToInteger(const Context& context, const Json& value, std::string_view name);
// A text, or an array of them; missing: none.
absl::StatusOr<std::vector<std::string>> TextsMember(const Context& context, const Json& object,
                                                     std::string_view name);

}  // namespace taffrail::query::lang::elastic
