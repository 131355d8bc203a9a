// The functions that templates may call: Go's own and those that Loki documents.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "query/templates/template.h"
#include "query/templates/value.h"

namespace re2 {
class RE2;
}

namespace taffrail::query::templates {

// What a function may know beside its arguments.
struct CallContext {
  const Fields* fields = nullptr;
  int64_t now_ns = 0;
  const Map* all_fields = nullptr;  // of `{{.}}`, when a template asked for it
  // Patterns seen so far: they are constants nearly always. At most kMaxPatterns are kept.
  std::map<std::string, std::shared_ptr<re2::RE2>, std::less<>> patterns;
};

using FunctionBody = absl::StatusOr<Value> (*)(std::span<const Value> arguments, CallContext& context);

struct FunctionEntry {
  std::string_view name;
  size_t min_arguments;
  size_t max_arguments;
  FunctionBody body;
};

// The tables, a file each.
std::span<const FunctionEntry> TextFunctions();     // functions_text.cc
std::span<const FunctionEntry> NumberFunctions();   // functions_number.cc
std::span<const FunctionEntry> TimeFunctions();     // functions_time.cc
std::span<const FunctionEntry> GeneralFunctions();  // functions_general.cc

const FunctionEntry* FindFunction(std::string_view name);
bool IsFunction(std::string_view name);
absl::StatusOr<Value> Call(const FunctionEntry& function, std::span<const Value> arguments,
                           CallContext& context);

// Go's printf.
std::string FormatValues(std::string_view format, std::span<const Value> arguments);

}  // namespace taffrail::query::templates
