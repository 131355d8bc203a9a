// The instrumentation of libpq with a PostgreSQL server, where one is installed.
#include "taffrail/instrument/libpq.h"

#include <gmock/gmock.h>
#include <pwd.h>

#include <thread>

#include "logged_lines.h"
#include "server_process.h"
#include "taffrail/context.h"

namespace taffrail::instrument {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string FindBinaries() {
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql")) {
    if (std::filesystem::exists(version.path() / "bin" / "initdb")) return (version.path() / "bin").string();
  }
  return {};
}

// The server of all tests: starting one takes seconds.
class Postgres {
 public:
  static PGconn* Connect() {
    static auto* server = new Postgres;
    std::atexit([] { delete std::exchange(server_, nullptr); });
    server_ = server;
    return PQconnectdb(("host=" + server->directory_.path() + " user=taffrail dbname=postgres").c_str());
  }
  static bool IsInstalled() {
    return std::filesystem::exists("/usr/lib/postgresql") && !FindBinaries().empty();
  }

 private:
  Postgres() {
    const std::string bin = FindBinaries();
    uid_t uid = 0;
    gid_t gid = 0;
    if (getuid() == 0) {  // PostgreSQL refuses to run as root
      const passwd* user = getpwnam("postgres");
      uid = user->pw_uid;
      gid = user->pw_gid;
      if (chown(directory_.path().c_str(), uid, gid) != 0) return;
    }
    const std::string data = directory_.path() + "/data";
    Child({bin + "/initdb", "-D", data, "-U", "taffrail", "-A", "trust", "--no-sync"}, uid, gid).Wait();
    process_ = std::make_unique<Child>(
        std::vector<std::string>{bin + "/postgres", "-D", data, "-k", directory_.path(), "-h", "", "-F"}, uid,
        gid);
    constexpr int kTries = 300;  // half a minute, for a busy machine
    for (int i = 0; i < kTries; ++i) {
      const std::string where = "host=" + directory_.path() + " user=taffrail dbname=postgres";
      if (PQping(where.c_str()) == PQPING_OK) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }

  static inline Postgres* server_ = nullptr;
  TemporaryDirectory directory_;
  std::unique_ptr<Child> process_;
};

class LibpqTest : public LoggedTest {
 protected:
  void SetUp() override {
    if (!Postgres::IsInstalled()) GTEST_SKIP() << "no PostgreSQL server is installed";
    LoggedTest::SetUp();
    connection_ = Postgres::Connect();
    ASSERT_EQ(PQstatus(connection_), CONNECTION_OK) << PQerrorMessage(connection_);
    PQclear(PQexec(connection_, "CREATE TEMP TABLE t (a TEXT UNIQUE, n INT)"));
  }
  void TearDown() override {
    PQfinish(connection_);
    LoggedTest::TearDown();
  }
  std::string Text(PGresult* result) {
    std::string text = PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "";
    PQclear(result);
    return text;
  }

  PGconn* connection_ = nullptr;
};

// REQ E-03
TEST_F(LibpqTest, QueriesAreLoggedAndCountedByTheirShape) {
  const char* values[] = {"bound-secret"};
  PQclear(pq_exec_params(connection_, "INSERT INTO t (a, n) VALUES ($1, 1), ('literal-secret', 2)", 1,
                         nullptr, values, nullptr, nullptr, 0));
  EXPECT_EQ(Text(pq_exec(connection_, "SELECT count(*) FROM t WHERE a LIKE '%secret'")), "2");
  PQclear(pq_prepare(connection_, "by_a", "SELECT n FROM t WHERE a = $1", 1, nullptr));
  EXPECT_EQ(Text(pq_exec_prepared(connection_, "by_a", "SELECT n FROM t WHERE a = $1", 1, values, nullptr,
                                  nullptr, 0)),
            "1");
  EXPECT_THAT(Everything(), Not(HasSubstr("secret")));
  EXPECT_THAT(Lines({"query_type", "table", "rows", "database", "query"}),
              ElementsAre("Executed database query query_type=\"INSERT\" table=\"t\" rows=2 "
                          "database=\"postgres\" query=\"INSERT INTO t (a, n) VALUES (?)\"",
                          "Executed database query query_type=\"SELECT\" table=\"t\" rows=1 "
                          "database=\"postgres\" query=\"SELECT count(*) FROM t WHERE a LIKE ?\"",
                          "Executed database query query_type=\"PREPARE\" table=\"t\" "
                          "database=\"postgres\" query=\"SELECT n FROM t WHERE a = ?\"",
                          "Executed database query query_type=\"SELECT\" table=\"t\" rows=1 "
                          "database=\"postgres\" query=\"SELECT n FROM t WHERE a = ?\""));
  EXPECT_EQ(stats_.totals().database_queries, 4U);
}

TEST_F(LibpqTest, AFailureNamesItsStateAndNoValue) {
  PQclear(pq_exec(connection_, "INSERT INTO t (n) VALUES ('secret')"));
  PQclear(pq_exec(connection_, "INSERT INTO t (a) VALUES ('secret'), ('secret')"));
  PQclear(pq_exec(connection_, "SELECT secret secret secret"));
  PQclear(pq_exec(connection_, "SELECT * FROM missing"));
  const auto lines = Lines({"error_code", "error_message"});
  EXPECT_THAT(lines,
              ElementsAre("Database query failed error_code=\"22P02\" error_message=\"invalid input syntax "
                          "for type integer: \\\"?\\\"\"",
                          "Database query failed error_code=\"23505\" error_message=\"duplicate key value "
                          "violates unique constraint \\\"t_a_key\\\"\"",
                          "Database query failed error_code=\"42601\" error_message=\"syntax error at or "
                          "near \\\"?\\\"\"",
                          "Database query failed error_code=\"42P01\" error_message=\"relation "
                          "\\\"missing\\\" does not exist\""));
  EXPECT_EQ(stats_.totals().database_queries, 4U);
}

TEST_F(LibpqTest, ABrokenConnectionIsAFailure) {
  PQclear(pq_exec(connection_, "SELECT pg_terminate_backend(pg_backend_pid())"));
  EXPECT_THAT(Lines({"query"}),
              ElementsAre("Database query failed query=\"SELECT pg_terminate_backend(pg_backend_pid())\""));
}

// REQ C-04
TEST_F(LibpqTest, TheServerSeesTheRequestsId) {
  const Scope scope({{"request_id", "req_42"}});
  EXPECT_THAT(Text(pq_exec(connection_, "SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()")),
              HasSubstr("/*request_id='req_42'"));
}

}  // namespace
}  // namespace taffrail::instrument
