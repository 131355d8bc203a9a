#include "taffrail/propagate/sql.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <memory>
#include <string>

#include "taffrail/propagate/headers.h"

namespace taffrail {
namespace {

constexpr const char* kTraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

// REQ C-04
TEST(SqlComment, StandsAtTheEndSortedAndEncoded) {
  EXPECT_EQ(with_sql_comment("SELECT 1"), "SELECT 1");
  const IdScope ids("a/b@c+d=e:f");
  EXPECT_EQ(with_sql_comment("SELECT 1"), "SELECT 1 /*request_id='a%2Fb%40c%2Bd%3De%3Af'*/");
  const TraceScope trace(TraceContext{
      .parent = *parse_traceparent(kTraceParent), .state = parse_tracestate("x=it's,y=*/"), .baggage = {}});
  EXPECT_EQ(sql_comment(), std::string("/*request_id='a%2Fb%40c%2Bd%3De%3Af',traceparent='") + kTraceParent +
                               "',tracestate='x%3Dit%27s%2Cy%3D%2A%2F'*/");
}

TEST(SqlComment, StandsBeforeTheSemicolon) {
  const IdScope ids("r");
  const std::string comment = " /*request_id='r'*/";
  EXPECT_EQ(with_sql_comment("SELECT 1;"), "SELECT 1" + comment + ";");
  EXPECT_EQ(with_sql_comment("SELECT 1 ;\n; "), "SELECT 1" + comment + " ;\n; ");
  EXPECT_EQ(with_sql_comment("SELECT ';'"), "SELECT ';'" + comment);
}

TEST(SqlComment, LeavesAloneWhatIsNotSurelyAStatementWithoutOne) {
  const IdScope ids("r");
  for (const std::string& sql : {std::string(), std::string(" ;; \n"), std::string("SELECT 1 /* mine */"),
                                 std::string("SELECT 1 -- mine"), std::string("SELECT '/*'"),
                                 std::string("SELECT '--'"), std::string("SELECT 1\0", 9)})
    EXPECT_EQ(with_sql_comment(sql), sql);
}

TEST(SqlComment, HostileIdsStayOut) {
  const Scope scope({{"request_id", "x*/; DROP TABLE tasks; --"}});
  EXPECT_EQ(with_sql_comment("SELECT 1"), "SELECT 1");
}

// SQLite itself parses it, and the comment is in what it traces.
TEST(SqlComment, SqliteTakesIt) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(":memory:", &database), SQLITE_OK);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> close(database, sqlite3_close);
  const IdScope ids("r'*/1");  // not an id: nothing is added
  const IdScope good("req/1");
  for (const char* sql : {"CREATE TABLE t (a TEXT)", "INSERT INTO t VALUES ('x;y');", "SELECT a FROM t ; ",
                          "SELECT a FROM t WHERE a = ?1", "BEGIN;", "COMMIT"}) {
    const std::string with = with_sql_comment(sql);
    EXPECT_NE(with.find("req%2F1"), with.npos);
    sqlite3_stmt* statement = nullptr;
    const char* rest = nullptr;
    ASSERT_EQ(sqlite3_prepare_v2(database, with.c_str(), -1, &statement, &rest), SQLITE_OK)
        << with << ": " << sqlite3_errmsg(database);
    EXPECT_EQ(std::string(rest).find_first_not_of("; "), std::string::npos) << rest;
    EXPECT_NE(std::string(sqlite3_sql(statement)).find("request_id='req%2F1'"), std::string::npos);
    EXPECT_GE(sqlite3_step(statement), SQLITE_ROW);
    sqlite3_finalize(statement);
  }
}

}  // namespace
}  // namespace taffrail
