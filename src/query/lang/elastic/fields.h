// Fields of documents, and conditions on one of them.
//
//   @timestamp, timestamp   the record's time          _index   index.h
//   message                 the message, of a line that is text the line
//   _id                     TIME-SEQUENCE in hexadecimal digits: which record it is
//   name.keyword            the field `name`; full-text conditions compare it as a whole
//   *                       every value of the record
//
// There is no mapping here: a text is both a keyword and a text. What compares terms (term, terms, prefix,
// wildcard, regexp) sees the whole value, what analyzes (match, query_string) its words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "expr/expr.h"
#include "query/lang/elastic/context.h"

namespace taffrail::query::lang::elastic {

struct Field {
  enum class Kind : uint8_t { kValue, kTime, kId, kIndex, kAny, kNone };
  Kind kind = Kind::kValue;
  bool is_keyword = false;
  expr::FieldRef ref;
  std::string name;  // as asked for
};
Field FieldOf(std::string_view name);

// The value is `text`, as a number too.
absl::StatusOr<expr::ExprPtr> Term(const Field& field, const std::string& text, bool ignore_case,
                                   int64_t now_ns);
expr::ExprPtr Exists(const Field& field);
// Whole values; `words` too: of the words in it one.
expr::ExprPtr Wildcard(const Field& field, const std::string& pattern, bool ignore_case, bool words);
expr::ExprPtr Prefix(const Field& field, const std::string& prefix, bool ignore_case, bool words);
// A regular expression of Lucene, on the whole value.
absl::StatusOr<expr::ExprPtr> Regex(const Field& field, const std::string& pattern, bool ignore_case);

// Full text: the pieces of a text that are words, and each as a condition.
std::vector<std::string> WordsOf(std::string_view text);
expr::ExprPtr Phrase(const Field& field, const std::string& words);
expr::ExprPtr PhrasePrefix(const Field& field, const std::string& words);

struct Bound {
  std::string text;
  bool is_number = false;  // as written in the request
  expr::Expr::Op op = expr::Expr::Op::kGreaterEqual;
};
struct RangeOptions {
  int64_t now_ns = 0;
  std::string format;
  std::string zone;
};
absl::StatusOr<expr::ExprPtr> Range(const Field& field, const Bound& bound, const RangeOptions& options);

// So many of the conditions: all, any, or "75%", "-1", "2<50%". 0: as many as must be by itself.
absl::StatusOr<size_t> MinimumOf(std::string_view text, size_t conditions);
absl::StatusOr<expr::ExprPtr> AtLeast(std::vector<expr::ExprPtr> conditions, size_t least);

}  // namespace taffrail::query::lang::elastic
