// Fields by the named groups of a regular expression.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "query/parse/field_sink.h"

namespace taffrail::query::parse {

class Regexp {
 public:
  // InvalidArgument: it does not compile, names no group, or names one badly or twice.
  static absl::StatusOr<std::unique_ptr<Regexp>> Compile(const std::string& pattern);
  virtual ~Regexp() = default;
  // Nothing is added when the pattern is not found.
  virtual void Match(std::string_view line, FieldSink& sink) const = 0;
};

}  // namespace taffrail::query::parse
