// Exceptions as fields of a line.
#pragma once

#include <exception>
#include <string>

namespace taffrail {

// An exception made ready at the call, as the line's "exception".
struct ErrorField {
  std::string encoded;
};

// The exception as the line's "exception": type, message, error code and category, a fingerprint by which
// equal errors correlate, and the exceptions nested in it (std::nested_exception) as its causes.
ErrorField error(const std::exception& exception) noexcept;
// The one that is being handled, whatever its type; only inside a catch block.
ErrorField error() noexcept;

}  // namespace taffrail
