// Error answers as RFC 9457 problem documents, and how an absl::Status becomes an HTTP status.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace taffrail::net {

inline constexpr std::string_view kProblemContentType = "application/problem+json";

// An extension member of a problem document. The value is JSON text already ("42", "\"GET\"", "[1,2]").
struct ProblemField {
  std::string name;
  std::string json_value;
};

// The JSON text: type "about:blank", title, status, detail (left out when empty), then the extra fields in
// order. Invalid UTF-8 in the strings becomes U+FFFD, so that the document is always valid JSON.
std::string ProblemDocument(int status, std::string_view title, std::string_view detail,
                            const std::vector<ProblemField>& extra = {});

std::string JsonQuote(std::string_view text);  // with the quotes; the escaping ProblemDocument uses

std::string_view ReasonPhrase(int http_status);  // "Not Found"; "Unknown" for a number that has none

// Marks an error with the exact HTTP status that tells it best, where the code alone would not (413, 415, 408
// …).
absl::Status WithHttpStatus(absl::Status status, int http_status);
// The mark if there is one, else by code: InvalidArgument, OutOfRange, DataLoss 400, Unauthenticated 401,
// PermissionDenied 403, NotFound 404, AlreadyExists, Aborted 409, ResourceExhausted 429, Unimplemented 501,
// Unavailable 503, DeadlineExceeded 504, everything else 500; ok 200.
int HttpStatusOf(const absl::Status& status);

}  // namespace taffrail::net
