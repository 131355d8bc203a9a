// The tables of a statement, found by the words before them: FROM, JOIN, INTO, UPDATE, TABLE. Not a parser:
// what it cannot tell it leaves out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "events/sql_tokens.h"

namespace taffrail::events {

class SqlTables {
 public:
  void Take(const SqlToken& token);
  void Finish();

  // Empty when nothing was said yet. A constant, as SqlShape's.
  std::string_view operation() const { return operation_; }
  std::vector<std::string> Names() const;

 private:
  enum class Expect : uint8_t { kNothing, kTable, kRestOfName };
  struct Level {                     // of brackets
    bool in_from_list = false;       // a comma is followed by another table
    bool from_is_no_clause = false;  // EXTRACT(year FROM x)
  };

  void TakeWord(const SqlToken& token);
  void TakeMark(const SqlToken& token);
  void TakeKeyword(std::string_view word);
  bool WantsTable(std::string_view word) const;
  void BeginName(const SqlToken& token);
  void EndName(bool is_call);
  bool IsWithName(const SqlToken& token);

  std::vector<Level> levels_ = std::vector<Level>(1);
  size_t depth_ = 0;  // of brackets, also beyond those in levels_
  Expect expect_ = Expect::kNothing;
  std::string name_;
  bool name_is_whole_ = false;     // no dot came after its last part
  bool name_may_be_call_ = false;  // after FROM or JOIN: f(1) is no table, after INTO t(a) is one
  bool expects_with_name_ = false;
  bool in_with_ = false;
  bool creates_index_ = false;
  bool begun_ = false;
  std::string_view operation_;
  std::string_view before_;  // the last word
  std::string_view before_that_;
  std::vector<std::string> tables_;
  std::vector<std::string> with_names_;
};

}  // namespace taffrail::events
