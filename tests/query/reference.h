// The slow, obvious executor: whole records at a time, each line parsed again, each condition read off its
// definition in expr.h. It shares no code with expr's matcher or query/exec; when they differ, one of them is
// wrong.
#pragma once

#include <string>
#include <vector>

#include "query/plan/plan.h"
#include "query/sample.h"

namespace taffrail::query_test {

// A value: what kind it is, and its text.
struct Cell {
  enum class Kind { kMissing, kNull, kBool, kNumber, kText, kJson };
  Kind kind = Kind::kMissing;
  std::string text;
};

// reference_match.cc
struct Field {
  std::string path;
  Cell cell;
};
struct ParsedRecord {
  const Sample* sample = nullptr;
  bool is_json = false;
  std::vector<Field> line;  // each path once, in order; of a text line one with path ""
  std::vector<Field> attributes;
  uint64_t sequence = 0;
  bool is_entry = false;     // a stage has looked inside: fields are first of all those of the entry
  std::vector<Field> added;  // by such stages
};
ParsedRecord ParseRecord(const Sample& sample);
Cell ReadField(const ParsedRecord& record, const expr::FieldRef& field);
bool Matches(const ParsedRecord& record, const expr::Expr& expr);
// On a table's row.
bool MatchesRow(const std::vector<std::string>& columns, const std::vector<Cell>& row,
                const expr::Expr& expr);
bool CellNumber(const Cell& cell, double& number);
std::string CellJson(const Cell& cell);
// Of a JSON array; any other cell is its own only one.
std::vector<Cell> ElementsOf(const Cell& cell);
int CompareCells(const Cell& a, const Cell& b);

// reference.cc: the answer, a string for each row: "timestamp line attributes", or cells as JSON with a space
// between.
std::vector<std::string> RunReference(const query::plan::Plan& plan, const std::vector<Sample>& samples,
                                      uint64_t first_sequence = 1);

// reference_scalar.cc: the computed values that random plans have.
Cell ValueOf(const ParsedRecord& record, const query::plan::Scalar& scalar);

}  // namespace taffrail::query_test
