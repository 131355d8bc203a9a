// Exceptions as fields of a line.
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace taffrail {

// An exception made ready at the call, as the line's "exception".
struct ErrorField {
  std::string encoded;
};

// What the program knows of an exception and the exception does not say. What is empty is left as it is.
struct ErrorDetails {
  std::string_view code;  // a name of your own, "SESSION_EXPIRED"; instead of std::system_error's number
  // Found by itself for the standard exceptions: configuration, validation, dependency, timeout,
  // authorization, resource, internal; or one of your own.
  std::string_view category;
  std::string_view stack_trace;  // where a library took one when the exception was thrown
};

// The exception as the line's "exception": type, message, error code and category, a fingerprint by which
// equal errors correlate, and the exceptions nested in it (std::nested_exception) as its causes.
ErrorField error(const std::exception& exception) noexcept;
ErrorField error(const std::exception& exception, const ErrorDetails& details) noexcept;
// The one that is being handled, whatever its type; only inside a catch block.
ErrorField error() noexcept;

// Whether error() takes a stack trace, of the place where it is called: no portable exception remembers that
// of its throw. It costs some microseconds and a kilobyte a line, so that it is off unless asked for.
// Functions of a program that is linked without -rdynamic show as file and offset, which addr2line reads.
void set_error_stacks(bool on) noexcept;

}  // namespace taffrail
