// Errors a handler may throw, and the RFC 9457 problem document the caller then gets.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.h"

namespace examples::http {

struct FieldError {
  std::string field;
  std::string error;
};

// An answer other than success that the service means to give; anything else thrown by a handler becomes a
// 500.
class Error : public std::runtime_error {
 public:
  Error(int status, const std::string& detail, std::vector<FieldError> fields = {})
      : std::runtime_error(detail), status_(status), fields_(std::move(fields)) {}

  [[nodiscard]] int status() const { return status_; }
  [[nodiscard]] const std::vector<FieldError>& fields() const { return fields_; }

 private:
  int status_;
  std::vector<FieldError> fields_;
};

std::string_view ReasonPhrase(int status);
Response Problem(int status, std::string_view detail, const std::vector<FieldError>& fields = {});
inline Response Problem(const Error& error) { return Problem(error.status(), error.what(), error.fields()); }

}  // namespace examples::http
