// A stretch of work that logs its start and its end with duration_ms and outcome, and sets its fields
// meanwhile.
//
//   taffrail::LogScope scope(log, "import_tasks", {{"file", path}});
//   if (!ok) scope.fail("no such file");
//
// writes "import_tasks started" and "import_tasks completed" (INFO) or "import_tasks failed" (ERROR): failed
// when fail() was called or an exception leaves the scope. The lines inside carry operation="import_tasks"
// and the fields. duration_ms is a double.
//
// A destructor cannot see which exception it is that leaves; who wants it on the line catches it:
//
//   } catch (const std::exception& e) { scope.fail(e); throw; }
//
// With Features::tracing the scope is a span (span.h) too, if it is inside a trace or spans are exported.
#pragma once

#include <cstdint>
#include <exception>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "taffrail/context.h"
#include "taffrail/error.h"
#include "taffrail/log.h"
#include "taffrail/span.h"

namespace taffrail {

class LogScope {
 public:
  LogScope(const Logger& logger, std::string_view operation, std::initializer_list<Field> fields = {},
           SourceLocation where = SourceLocation::current()) noexcept;
  ~LogScope();
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;

  void fail(std::string_view reason) noexcept;
  // The reason is what(); the line has the exception with all that is nested in it (error() in error.h).
  void fail(const std::exception& exception) noexcept;
  int64_t elapsed_ns() const noexcept;

 private:
  Logger logger_;
  std::string operation_;
  std::string reason_;
  SourceLocation where_;
  ErrorField error_;
  std::unique_ptr<Span> span_;  // null: no span
  Scope operation_scope_;       // operation=…
  Scope scope_;                 // the fields
  int64_t begun_ns_;
  int exceptions_;
  bool failed_ = false;
};

}  // namespace taffrail
