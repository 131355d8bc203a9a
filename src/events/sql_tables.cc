#include "events/sql_tables.h"

#include <algorithm>
#include <array>
#include <span>

#include "events/sql_text.h"

namespace taffrail::events {
namespace {

constexpr size_t kLevelsMax = 64;      // deeper subqueries' tables are not looked for
constexpr size_t kNameBytesMax = 260;  // catalogue, schema and table of PostgreSQL's limit, and some more
constexpr size_t kWithNamesMax = 64;   // a name beyond them passes for a table

constexpr std::array<std::string_view, 29> kOperations = {
    "SELECT",  "INSERT",   "UPDATE",  "DELETE",  "MERGE",  "REPLACE",  "CREATE",    "ALTER",
    "DROP",    "TRUNCATE", "BEGIN",   "START",   "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE",
    "PRAGMA",  "VACUUM",   "ANALYZE", "EXPLAIN", "COPY",   "SET",      "SHOW",      "CALL",
    "REINDEX", "LISTEN",   "NOTIFY",  "LOCK",    "VALUES"};
// Between FROM, INTO or UPDATE and the name.
constexpr std::array<std::string_view, 13> kBeforeName = {
    "ONLY", "IF",     "NOT",     "EXISTS", "TABLE", "LATERAL", "CONCURRENTLY",
    "OR",   "IGNORE", "REPLACE", "ABORT",  "FAIL",  "ROLLBACK"};
// In the place of a name: there is none.
constexpr std::array<std::string_view, 5> kNoName = {"SELECT", "SET", "VALUES", "OF", "WITH"};
constexpr std::array<std::string_view, 14> kEndFromList = {
    "WHERE",  "GROUP",     "ORDER",  "HAVING", "LIMIT", "OFFSET",    "UNION",
    "EXCEPT", "INTERSECT", "WINDOW", "FETCH",  "FOR",   "RETURNING", "SET"};
constexpr std::array<std::string_view, 4> kFromIsNoClause = {"EXTRACT", "SUBSTRING", "TRIM", "OVERLAY"};

bool IsOneOf(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::any_of(words, [&](std::string_view each) { return IsSqlWord(word, each); });
}

std::string_view OperationOf(std::string_view word) {
  const auto found =
      std::ranges::find_if(kOperations, [&](std::string_view each) { return IsSqlWord(word, each); });
  return found == kOperations.end() ? "OTHER" : *found;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace

void SqlTables::Take(const SqlToken& token) {
  const bool is_name = token.kind == SqlTokenKind::kWord || token.kind == SqlTokenKind::kQuoted;
  if (expect_ == Expect::kRestOfName) {
    if (token.text == ".") {
      name_is_whole_ = false;
      return;
    }
    if (is_name && !name_is_whole_) return BeginName(token);
    EndName(token.text == "(");
  }
  if (is_name) {
    TakeWord(token);
  } else if (token.kind == SqlTokenKind::kMark) {
    TakeMark(token);
  } else {
    expect_ = Expect::kNothing;
  }
}

void SqlTables::Finish() {
  if (expect_ == Expect::kRestOfName) EndName(false);
}

// The first part of a name, or the next one after a dot.
void SqlTables::BeginName(const SqlToken& token) {
  if (expect_ == Expect::kRestOfName) name_ += '.';
  const bool quoted = token.kind == SqlTokenKind::kQuoted;
  name_ += quoted ? token.text.substr(1, token.text.size() - 2) : token.text;
  name_is_whole_ = true;
  expect_ = Expect::kRestOfName;
}

void SqlTables::EndName(bool is_call) {
  expect_ = Expect::kNothing;
  if (!(is_call && name_may_be_call_) && tables_.size() < kSqlTablesMax && name_.size() <= kNameBytesMax &&
      std::ranges::find(tables_, name_) == tables_.end()) {
    tables_.push_back(name_);
  }
  name_.clear();
}

bool SqlTables::IsWithName(const SqlToken& token) {
  if (!expects_with_name_ || IsSqlWord(token.text, "RECURSIVE")) return false;
  expects_with_name_ = false;
  const bool quoted = token.kind == SqlTokenKind::kQuoted;
  if (with_names_.size() < kWithNamesMax) {
    with_names_.push_back(Lower(quoted ? token.text.substr(1, token.text.size() - 2) : token.text));
  }
  return true;
}

void SqlTables::TakeWord(const SqlToken& token) {
  const bool is_keyword = token.kind == SqlTokenKind::kWord;
  if (IsWithName(token)) return;
  if (expect_ == Expect::kTable && !(is_keyword && IsOneOf(token.text, kBeforeName))) {
    expect_ = Expect::kNothing;
    if (!(is_keyword && IsOneOf(token.text, kNoName))) return BeginName(token);
  }
  if (is_keyword) TakeKeyword(token.text);
}

void SqlTables::TakeKeyword(std::string_view word) {
  if (!begun_) {
    begun_ = true;
    in_with_ = expects_with_name_ = IsSqlWord(word, "WITH");
    if (!in_with_) operation_ = OperationOf(word);
  } else if (creates_index_ && IsSqlWord(word, "ON")) {
    expect_ = Expect::kTable;
    creates_index_ = false;
  }
  if (in_with_ && depth_ == 0 && OperationOf(word) != "OTHER") {
    in_with_ = expects_with_name_ = false;
    operation_ = OperationOf(word);
  }
  if (operation_ == "CREATE" && IsSqlWord(word, "INDEX")) creates_index_ = true;
  if (WantsTable(word)) {
    expect_ = Expect::kTable;
    name_may_be_call_ = IsSqlWord(word, "FROM") || IsSqlWord(word, "JOIN");
    if (depth_ < levels_.size()) levels_[depth_].in_from_list = IsSqlWord(word, "FROM");
  } else if (IsOneOf(word, kEndFromList) && depth_ < levels_.size()) {
    levels_[depth_].in_from_list = false;
  }
  before_that_ = before_;
  before_ = word;
}

bool SqlTables::WantsTable(std::string_view word) const {
  if (IsSqlWord(word, "FROM")) {
    const bool is_comparison =
        IsSqlWord(before_, "DISTINCT") && (IsSqlWord(before_that_, "IS") || IsSqlWord(before_that_, "NOT"));
    if (operation_ == "COPY" && depth_ == 0) return false;  // FROM stdin
    return !is_comparison && depth_ < levels_.size() && !levels_[depth_].from_is_no_clause;
  }
  if (IsSqlWord(word, "UPDATE")) {  // not FOR UPDATE, FOR NO KEY UPDATE, ON UPDATE, DO UPDATE
    return !IsSqlWord(before_, "FOR") && !IsSqlWord(before_, "KEY") && !IsSqlWord(before_, "ON") &&
           !IsSqlWord(before_, "DO");
  }
  if (IsSqlWord(word, "TRUNCATE") || IsSqlWord(word, "COPY")) return before_.empty();
  return IsSqlWord(word, "JOIN") || IsSqlWord(word, "INTO") || IsSqlWord(word, "TABLE");
}

void SqlTables::TakeMark(const SqlToken& token) {
  if (token.text == "(") {
    ++depth_;
    if (depth_ == levels_.size() && depth_ < kLevelsMax) {
      levels_.push_back({.from_is_no_clause = IsOneOf(before_, kFromIsNoClause)});
    }
  } else if (token.text == ")") {
    if (depth_ > 0) --depth_;
    if (levels_.size() > depth_ + 1) levels_.resize(depth_ + 1);
  } else if (token.text == ",") {
    if (in_with_ && depth_ == 0) expects_with_name_ = true;
    if (depth_ < levels_.size() && levels_[depth_].in_from_list) {
      expect_ = Expect::kTable;
      name_may_be_call_ = true;
    }
    return;
  }
  // FROM (a JOIN b) names tables; FROM (SELECT …) begins anew.
  if (token.text != "(" || !name_may_be_call_) expect_ = Expect::kNothing;
}

std::vector<std::string> SqlTables::Names() const {
  std::vector<std::string> names;
  for (const std::string& table : tables_) {
    if (std::ranges::find(with_names_, Lower(table)) == with_names_.end()) names.push_back(table);
  }
  return names;
}

}  // namespace taffrail::events
