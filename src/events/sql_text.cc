#include "events/sql_text.h"

#include <array>
#include <cstdio>

#include "base/hash.h"
#include "events/cut_text.h"
#include "events/sql_tables.h"
#include "events/sql_tokens.h"

namespace taffrail::events {
namespace {

class ShapeWriter {
 public:
  void Take(const SqlToken& token);
  std::string Text() && { return std::move(text_); }

 private:
  bool IsValue(const SqlToken& token) const;
  bool WantsSpace(const SqlToken& token, bool is_value) const;
  void CloseBracket();
  void JoinRows();

  std::string text_;
  SqlToken before_;
  bool before_was_value_ = false;
  int list_depth_ = 0;           // inside the brackets of IN or VALUES: how deep
  bool list_may_begin_ = false;  // after IN, VALUES, or a row of VALUES
};

constexpr std::string_view kOperators = "=<>!+-*/%|&~^";
constexpr std::array<std::string_view, 7> kWordsBeforeValue = {"LIKE",  "ILIKE",   "GLOB", "REGEXP",
                                                               "MATCH", "BETWEEN", "THEN"};

// A literal, or what only SQLite knows to be one.
bool ShapeWriter::IsValue(const SqlToken& token) const {
  if (token.kind != SqlTokenKind::kQuoted) return token.kind == SqlTokenKind::kValue;
  if (token.text.front() != '"') return false;
  if (list_depth_ > 0) return true;
  if (before_.kind == SqlTokenKind::kMark) {
    return !before_.text.empty() && kOperators.find(before_.text.front()) != std::string_view::npos;
  }
  for (const std::string_view word : kWordsBeforeValue) {
    if (before_.kind == SqlTokenKind::kWord && IsSqlWord(before_.text, word)) return true;
  }
  return false;
}

bool ShapeWriter::WantsSpace(const SqlToken& token, bool is_value) const {
  if (text_.empty() || token.text == "," || token.text == ")" || text_.back() == '(') return false;
  const bool would_merge = before_was_value_ && (is_value || IsSqlName(token.text.front()));
  return token.after_space || would_merge || text_.back() == ',';
}

// (?, ?, ?) becomes (?): how many values there are is no part of the shape.
void ShapeWriter::CloseBracket() {
  size_t begin = text_.size() - 1;  // of the values before the bracket
  while (begin > 0 && (text_[begin - 1] == '?' || text_[begin - 1] == ',' || text_[begin - 1] == ' '))
    --begin;
  if (begin > 0 && text_[begin - 1] == '(' && text_[begin] == '?') {
    text_.replace(begin, std::string::npos, "?)");
    JoinRows();
  }
}

// (?), (?) becomes (?): rows of VALUES.
void ShapeWriter::JoinRows() {
  constexpr std::string_view kTwoRows = "(?), (?)";
  if (text_.ends_with(kTwoRows)) text_.resize(text_.size() - std::string_view(", (?)").size());
}

void ShapeWriter::Take(const SqlToken& token) {
  const bool is_value = IsValue(token);
  if (WantsSpace(token, is_value)) text_ += ' ';
  text_ += is_value ? std::string_view("?") : token.text;
  if (token.text == "(" && (list_depth_ > 0 || list_may_begin_)) {
    ++list_depth_;
  } else if (token.text == ")") {
    if (list_depth_ > 0) --list_depth_;
    CloseBracket();
  }
  const bool is_row_end = list_depth_ == 0 && (token.text == ")" || token.text == ",") && list_may_begin_;
  list_may_begin_ =
      is_row_end || (list_may_begin_ && list_depth_ > 0) ||
      (token.kind == SqlTokenKind::kWord && (IsSqlWord(token.text, "IN") || IsSqlWord(token.text, "VALUES")));
  before_ = token;
  before_was_value_ = is_value;
}

std::string Hex(uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(number));
  return text;
}

}  // namespace

SqlShape ShapeOf(std::string_view sql) {
  SqlTokens tokens(sql.substr(0, kSqlReadBytesMax));
  ShapeWriter writer;
  SqlTables tables;
  for (SqlToken token; tokens.Next(token);) {
    tables.Take(token);
    writer.Take(token);
  }
  tables.Finish();
  std::string text = std::move(writer).Text();
  SqlShape shape{.text = {}, .fingerprint = Hex(base::Hash64(text)), .operation = tables.operation()};
  shape.text = CutText(text, kSqlShapeBytesMax);
  shape.tables = tables.Names();
  if (shape.operation.empty()) shape.operation = "OTHER";
  return shape;
}

}  // namespace taffrail::events
