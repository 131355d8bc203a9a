// Expressions over records: the vocabulary of the store, queries, alerts and redaction.
//
// An Expr is an immutable tree. Every query language compiles its conditions to it; Matcher (matcher.h)
// evaluates it over a RecordBatch, column by column; ToString (text.h) prints it and Parse reads that text
// back to the same tree.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace taffrail::expr {

// What a condition or an output looks at.
struct FieldRef {
  enum class Source : uint8_t {
    // A dotted path in the line; when the row has none there, the attribute, then the stream label, so named.
    kField,
    // A dotted path in the line only.
    kPath,
    // A stream label only: what LogQL selects by.
    kStream,
    // A stream label or attribute: LogQL before a parser stage.
    kLabel,
    // After LogQL's `| json`: stream label, attribute, or the line's path with every character outside
    // [A-Za-z0-9_] as
    // '_' ("ctx.id" is ctx_id); a path that collides with a label answers to NAME_extracted.
    kLogql,
    // The stored line.
    kLine,
    // Compared with text, which is Unix time in decimal nanoseconds.
    kTimestamp,
    // The order of arrival: which of an engine's records it is. Compared with
    // decimal text; 0 where the engine has none.
    kSequence,
    // The well-known level field, as one of TRACE, DEBUG, INFO, WARNING, ERROR, CRITICAL; as written when it
    // is none.
    kLevel,
    // The well-known message field; of a text line the line.
    kMessage,
    // Any value of the record, of its line, attributes or labels; not its keys, and null is no value here:
    // bare words of
    // the search box.
    kAny,
  };
  Source source = Source::kField;
  std::string name;  // for kField, kPath, kStream, kLabel, kLogql

  friend bool operator==(const FieldRef&, const FieldRef&) = default;
};

struct Expr;
using ExprPtr = std::shared_ptr<const Expr>;

struct Expr {
  enum class Op : uint8_t {
    kTrue,
    kFalse,
    kAnd,  // children
    kOr,   // children
    kNot,  // one child
    // The field's text == text. Missing: false, or true when missing_is_empty and text is empty. For kField,
    // when text is a number and the field is one, numbers are compared: 200 equals 200.0.
    kEqual,
    // Numbers when is_number (a field that is no number: false), else texts in byte order. For all sources
    // but kField, LogQL's, a text that reads as a number in `unit` is one.
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,
    kIn,      // field's text is one of texts
    kExists,  // the record has the field (null counts; for kField so does an object)
    // A JSON reader may find another value at the path than this record has as its field: the line repeats a
    // path, or has an object there. True of too many rows, never of too few; for filters that run ahead of
    // such a reader. With `no_text` also of rows whose value there is no text: numbers, truth values, arrays.
    kUncertain,
    kRegex,  // RE2 finds text in the field's text; anchored when `anchored`. missing_is_empty as for kEqual
    kContains,   // text is a substring of the field's text
    kPhrase,     // the words of text stand next to each other, as whole words, in the field's text (words.h)
    kWildcard,   // '*' any run and '?' any one character match the whole of the field's text
    kInNetwork,  // the field's text is an IPv4 or IPv6 address inside the network in text (network.h)
  };
  enum class Unit : uint8_t {
    kNone,
    kDuration,
    kBytes
  };  // "1h30m" in nanoseconds, "20KB" in bytes (units.h)

  Op op = Op::kTrue;
  FieldRef field;
  std::string text;
  std::vector<std::string> texts;  // kIn
  double number = 0;               // for the ordering operators when is_number
  bool is_number = false;
  Unit unit = Unit::kNone;        // for the ordering operators when is_number
  bool ignore_case = false;       // ASCII letters; for kRegex as RE2's (?i)
  bool anchored = false;          // kRegex
  bool missing_is_empty = false;  // LogQL: a label that is not there is the empty string
  bool non_null = false;          // kExists: null does not count
  bool no_text = false;           // kUncertain
  std::vector<ExprPtr> children;
};

// Deeper trees are refused by the parsers and by Matcher::Compile, since both they and the matcher recurse:
// people write a handful of parentheses, generators perhaps dozens.
inline constexpr int kMaxExprDepth = 200;

bool Equal(const Expr& a, const Expr& b);

ExprPtr True();
ExprPtr False();
ExprPtr And(std::vector<ExprPtr> children);  // flattens; And({}) is True
ExprPtr Or(std::vector<ExprPtr> children);   // flattens; Or({}) is False
ExprPtr Not(ExprPtr child);
ExprPtr Make(Expr expr);

}  // namespace taffrail::expr
