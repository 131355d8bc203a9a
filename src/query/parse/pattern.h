// Patterns: literal text with captures between.
//
//   <ip> - <_> [<time>] "<method> <path> <_>" <status> <size>
//
// <name> is what stands up to the next literal, <_> the same without a name. Two uses: `| pattern` takes a
// line's fields, and the line filters |> and !> test a line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "query/parse/field_sink.h"

namespace taffrail::query::parse {

class Pattern {
 public:
  enum class Use : uint8_t { kFields, kFilter };
  // InvalidArgument: two captures side by side; for kFields no named capture or the same one twice; for
  // kFilter a named one.
  static absl::StatusOr<Pattern> Parse(std::string_view text, Use use);

  // Captures up to where the line stops to match.
  void Match(std::string_view line, FieldSink& sink) const;
  // Whether the whole line is of this form.
  bool Test(std::string_view line) const;

 private:
  struct Node {
    bool is_capture = false;
    std::string text;  // a literal, or the capture's name ("_": without)
  };
  std::vector<Node> nodes_;
};

// The same test as a regular expression, for the columns that know only those.
std::string PatternToRegex(const std::string& pattern);

}  // namespace taffrail::query::parse
