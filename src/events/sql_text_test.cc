#include "events/sql_text.h"

#include <gmock/gmock.h>

namespace taffrail::events {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string Text(std::string_view sql) { return ShapeOf(sql).text; }
std::vector<std::string> Tables(std::string_view sql) { return ShapeOf(sql).tables; }
std::string_view Operation(std::string_view sql) { return ShapeOf(sql).operation; }

// REQ E-03
TEST(SqlText, ValuesBecomeQuestionMarks) {
  EXPECT_EQ(Text("SELECT * FROM t WHERE a = 'it''s' AND b=12 AND c > 1.5e-3 AND d = .5"),
            "SELECT * FROM t WHERE a = ? AND b=? AND c > ? AND d = ?");
  EXPECT_EQ(Text("SELECT E'a\\'b', X'0aff', N'n', U&'d', B'01', $$x'y$$, $t$ $$ $t$, 0xFF, -1"),
            "SELECT ?, ?, ?, ?, ?, ?, ?, ?, -?");
  EXPECT_EQ(Text("SELECT ?, ?12, :name, @name, $1, $name, x::int"), "SELECT ?, ?, ?, ?, ?, ?, x::int");
  EXPECT_EQ(Text("SELECT date'2024-01-01', table1.col2"), "SELECT date?, table1.col2");
}

TEST(SqlText, ListsAndRowsAreOneOfTheirKind) {
  EXPECT_EQ(Text("SELECT 1 FROM t WHERE a IN (1,2, 3) AND b IN ('x')"),
            "SELECT ? FROM t WHERE a IN (?) AND b IN (?)");
  EXPECT_EQ(Text("INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y'),(3,'z')"),
            "INSERT INTO t (a, b) VALUES (?)");
  EXPECT_EQ(ShapeOf("DELETE FROM t WHERE a IN (1)").fingerprint,
            ShapeOf("DELETE  FROM t\nWHERE a IN ( ?, $2 ) -- why").fingerprint);
  EXPECT_NE(ShapeOf("DELETE FROM t WHERE a IN (1)").fingerprint,
            ShapeOf("DELETE FROM t WHERE b IN (1)").fingerprint);
}

TEST(SqlText, CommentsAndWhiteSpaceGo) {
  EXPECT_EQ(Text(" SELECT/* 'a' */a\t,b -- 'secret'\n FROM t /*request_id='req_1'*/"), "SELECT a, b FROM t");
  EXPECT_EQ(Text("SELECT a /* x /* y */ z */ FROM t"), "SELECT a FROM t");
  EXPECT_EQ(Text("SELECT a /* never ends FROM t"), "SELECT a");
}

TEST(SqlText, AQuotedNameIsKeptWhereItCanBeOne) {
  EXPECT_EQ(Text(R"(SELECT "Users"."id", `b` FROM "public"."Users" WHERE "Users"."id" = 1)"),
            R"(SELECT "Users"."id", `b` FROM "public"."Users" WHERE "Users"."id" = ?)");
  // SQLite reads these as strings.
  EXPECT_EQ(Text(R"(SELECT a FROM t WHERE b = "secret" OR b LIKE "secret%" OR c IN ("secret", "s2"))"),
            "SELECT a FROM t WHERE b = ? OR b LIKE ? OR c IN (?)");
  EXPECT_EQ(Text(R"(INSERT INTO t VALUES ("secret", 1), (2, lower("secret")))"),
            "INSERT INTO t VALUES (?), (?, lower(?))");
  EXPECT_EQ(Text(R"(SELECT "unfinished secret)"), "SELECT ?");
}

TEST(SqlText, TheOperation) {
  EXPECT_EQ(Operation("select 1"), "SELECT");
  EXPECT_EQ(Operation("  /* x */ Insert into t values (1)"), "INSERT");
  EXPECT_EQ(Operation("WITH a AS (SELECT 1 FROM b) UPDATE c SET d = 1"), "UPDATE");
  EXPECT_EQ(Operation("hunter2"), "OTHER");
  EXPECT_EQ(Operation(""), "OTHER");
}

TEST(SqlText, TheTables) {
  EXPECT_THAT(Tables("SELECT * FROM tasks"), ElementsAre("tasks"));
  EXPECT_THAT(
      Tables("SELECT a.x FROM tasks a, users AS u, (SELECT 1 FROM inner_one) q, last WHERE a.x IN (1, 2)"),
      ElementsAre("tasks", "users", "inner_one", "last"));
  EXPECT_THAT(Tables("select * from a join b on f(a.x, b.x) left join only c using (x) order by x, y"),
              ElementsAre("a", "b", "c"));
  EXPECT_THAT(Tables(R"(SELECT 1 FROM "public"."Users" JOIN other . "t" ON true)"),
              ElementsAre("public.Users", "other.t"));
  EXPECT_THAT(Tables("INSERT OR IGNORE INTO tasks(a, b) VALUES (1, 2) ON CONFLICT (a) DO UPDATE SET b = 2"),
              ElementsAre("tasks"));
  EXPECT_THAT(Tables("UPDATE OR ROLLBACK tasks SET a = 1"), ElementsAre("tasks"));
  EXPECT_THAT(Tables("DELETE FROM tasks WHERE id = (SELECT max(id) FROM old)"), ElementsAre("tasks", "old"));
  EXPECT_THAT(Tables("SELECT * FROM tasks FOR UPDATE OF tasks"), ElementsAre("tasks"));
  EXPECT_THAT(Tables("SELECT * FROM tasks FOR NO KEY UPDATE"), ElementsAre("tasks"));
  EXPECT_THAT(Tables("CREATE TABLE IF NOT EXISTS t (a INT REFERENCES b ON UPDATE CASCADE)"),
              ElementsAre("t"));
  EXPECT_THAT(Tables("CREATE UNIQUE INDEX i ON t (a, b)"), ElementsAre("t"));
  EXPECT_THAT(Tables("TRUNCATE TABLE t"), ElementsAre("t"));
  EXPECT_THAT(Tables("COPY t FROM STDIN"), ElementsAre("t"));
  EXPECT_THAT(Tables("SELECT * FROM (a JOIN b ON a.x = b.x)"), ElementsAre("a", "b"));
}

TEST(SqlText, WhatIsNoTable) {
  EXPECT_THAT(Tables("SELECT extract(year FROM created), trim(both FROM x) FROM tasks"),
              ElementsAre("tasks"));
  EXPECT_THAT(Tables("SELECT 1 FROM t WHERE a IS NOT DISTINCT FROM b"), ElementsAre("t"));
  EXPECT_THAT(Tables("SELECT * FROM generate_series(1, 3), json_each(x) j"), IsEmpty());
  EXPECT_THAT(Tables("WITH RECURSIVE tree(n) AS (SELECT 1 FROM nodes), Leaf AS (SELECT 2 FROM tree) "
                     "SELECT * FROM leaf JOIN tree ON true JOIN more ON true"),
              ElementsAre("nodes", "more"));
  EXPECT_THAT(Tables("SELECT 'FROM secret'"), IsEmpty());
  EXPECT_THAT(Tables("BEGIN"), IsEmpty());
}

TEST(SqlText, IsBounded) {
  std::string many = "INSERT INTO t VALUES ";
  while (many.size() < 4 * kSqlReadBytesMax) many += "(1, lower('x')), ";
  const SqlShape shape = ShapeOf(many);
  EXPECT_LE(shape.text.size(), kSqlShapeBytesMax);
  EXPECT_GT(shape.text.size(), kSqlShapeBytesMax - 4);
  EXPECT_EQ(shape.fingerprint.size(), 16U);

  std::string joins = "SELECT * FROM t0";
  for (int i = 1; i < 100; ++i) joins += " JOIN t" + std::to_string(i) + " ON true";
  EXPECT_EQ(Tables(joins).size(), kSqlTablesMax);
  EXPECT_EQ(Text(std::string(100'000, '(')).size(), kSqlShapeBytesMax);
}

}  // namespace
}  // namespace taffrail::events
