// A stretch of work that logs its start and its end with duration_ms and outcome, and sets its fields
// meanwhile.
//
//   taffrail::LogScope scope(log, "import_tasks", {{"file", path}});
//   if (!ok) scope.fail("no such file");
//
// writes "import_tasks started" and "import_tasks completed" (INFO) or "import_tasks failed" (ERROR): failed
// when fail() was called or an exception leaves the scope. The lines inside carry operation="import_tasks"
// and the fields.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "taffrail/context.h"
#include "taffrail/log.h"

namespace taffrail {

class LogScope {
 public:
  LogScope(const Logger& logger, std::string_view operation, std::initializer_list<Field> fields = {},
           SourceLocation where = SourceLocation::current()) noexcept;
  ~LogScope();
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;

  void fail(std::string_view reason) noexcept;
  int64_t elapsed_ns() const noexcept;

 private:
  Logger logger_;
  std::string operation_;
  std::string reason_;
  SourceLocation where_;
  Scope operation_scope_;  // operation=…
  Scope scope_;            // the fields
  int64_t begun_ns_;
  int exceptions_;
  bool failed_ = false;
};

}  // namespace taffrail
