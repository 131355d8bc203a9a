// The stages that look inside a line: parse it, compute from it, rename what was found. They turn records
// into entries: a line with a changing set of named fields.
//
//   an entry's fields   the stream's labels, the record's attributes, and what stages before have added
//
// To an entry a FieldRef kLabel or kLogql is the field of that name; kField is what a stage has put there,
// else the record's own field at that path; kLine is the line as it now stands; the rest are the record's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "expr/expr.h"
#include "query/plan/scalar.h"

namespace taffrail::query::plan {

// Adds fields found in a text (query/parse has the formats). A field whose name a label or attribute has
// already is called NAME_extracted. A text that is not in the format leaves the entry as it was, with the
// field __error__.
struct ParseFields {
  enum class Format : uint8_t { kJson, kLogfmt, kPattern, kRegexp, kUnpack, kCsv };
  struct Wanted {
    std::string name;
    std::string path;  // kJson: a.b[0]["c"]; kLogfmt: a key; kCsv: unused, columns are by place
    friend bool operator==(const Wanted&, const Wanted&) = default;
  };
  Format format = Format::kJson;
  expr::FieldRef from{expr::FieldRef::Source::kLine, ""};
  std::vector<Wanted> wanted;                    // empty: every field there is
  std::string pattern;                           // kPattern, kRegexp
  bool strict = false;                           // kLogfmt: a malformed pair is an error
  bool keep_empty = false;                       // kLogfmt: keys without a value are fields too
  std::optional<std::vector<std::string>> only;  // the fields that are read later; the rest need not be added
  bool typed = false;  // numbers and JSON's booleans are such; else all are texts, as in LogQL
  friend bool operator==(const ParseFields&, const ParseFields&) = default;
};

// Sets fields to computed values, one after the other; `sets_line` replaces the line instead.
struct Assignment {
  std::string name;
  bool sets_line = false;
  ScalarPtr value;
};
struct Extend {
  std::vector<Assignment> assignments;
};

struct Rename {
  std::vector<std::pair<std::string, std::string>> names;  // from, to
  friend bool operator==(const Rename&, const Rename&) = default;
};

// Removes the named fields (or all others, when `keeps`); those with a condition only where it holds for
// them.
struct Select {
  struct Name {
    std::string name;
    bool has_condition = false;
    bool is_regex = false;
    bool is_negated = false;
    std::string text;
    friend bool operator==(const Name&, const Name&) = default;
  };
  bool keeps = false;
  std::vector<Name> names;
  friend bool operator==(const Select&, const Select&) = default;
};

// Sets __error__ of the entries for which the condition holds, unless they have one.
struct Mark {
  std::string error;
  expr::ExprPtr condition;
};

// The value that a following RangeAggregate works on, of a label (expr::FieldRef::Source::kLabel). Entries
// without it are dropped; one that does not convert gets __error__ = "SampleExtractionErr".
struct Unwrap {
  enum class Conversion : uint8_t { kNumber, kDuration, kBytes };  // kDuration: to seconds
  std::string field;
  Conversion conversion = Conversion::kNumber;
  friend bool operator==(const Unwrap&, const Unwrap&) = default;
};

// Keeps the first row for each combination of the fields' values.
struct Dedup {
  std::vector<expr::FieldRef> fields;
  bool keeps_missing = false;  // and every row in which a field is missing or null
  friend bool operator==(const Dedup&, const Dedup&) = default;
};

// A row for each element of an array, under a name, beside all the row has; for any other value the row as it
// is, with that.
struct Unnest {
  expr::FieldRef field;
  std::string name;
  friend bool operator==(const Unnest&, const Unnest&) = default;
};

// Puts each line through a jq filter: an entry for each of its outputs. A line that is no JSON is a string to
// the filter. Lines for which it fails give what came before the failure, and are counted.
struct JqFilter {
  std::string program;
  friend bool operator==(const JqFilter&, const JqFilter&) = default;
};

}  // namespace taffrail::query::plan
