// What may be said of an SQL statement in a log: its shape without the values, what it does, and to which
// tables.
//
//   SELECT * FROM "tasks" t WHERE id IN (7, 8) AND name = 'it''s me' -- for Ann
//   SELECT * FROM "tasks" t WHERE id IN (?) AND name = ?             SELECT, tasks
//
// Literals and parameters become ?, comments go, white space is one blank, a list of values is one of them:
// calls that differ in values only have one shape, and one fingerprint. Understood are the words of SQLite
// and PostgreSQL: doubled quotes, E'' with backslashes, $tag$ quotes, X'', ?1, :name, @name, $1. A name in
// double quotes is kept, except where only a value can stand (after an operator, in IN and VALUES lists), for
// SQLite reads it as a string there when there is no such column.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace taffrail::events {

inline constexpr size_t kSqlReadBytesMax = size_t{64} << 10;  // a bulk insert's values say nothing more
inline constexpr size_t kSqlShapeBytesMax = size_t{2} << 10;  // what a person reads of a statement
inline constexpr size_t kSqlTablesMax = 8;  // a query over a hundred partitions is one table

struct SqlShape {
  std::string text;                 // cut at kSqlShapeBytesMax, between characters
  std::string fingerprint;          // of the whole shape, cut or not: 16 hexadecimal digits
  std::string_view operation;       // SELECT, INSERT, …; "OTHER" for what is no known statement
  std::vector<std::string> tables;  // as written, without quotes, in order; not the names that WITH makes
};

// Any bytes give a shape; linear in their number.
SqlShape ShapeOf(std::string_view sql);

}  // namespace taffrail::events
