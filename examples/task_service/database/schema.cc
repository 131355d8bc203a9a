#include "task_service/database/schema.h"

#include <taffrail/config.h>
#include <taffrail/log.h>

#include <array>
#include <ctime>
#include <string>

#include "demo/people.h"

namespace task_service {
namespace {

namespace demo = examples::demo;
using taffrail::kv;

const taffrail::Logger log("application");

constexpr const char* kTables = R"sql(
CREATE TABLE IF NOT EXISTS users(
  id TEXT PRIMARY KEY, organization_id TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS projects(
  id TEXT PRIMARY KEY, organization_id TEXT NOT NULL, name TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS projects_of_organization ON projects(organization_id);
CREATE TABLE IF NOT EXISTS tasks(
  id TEXT PRIMARY KEY, organization_id TEXT NOT NULL, project_id TEXT NOT NULL REFERENCES projects(id),
  title TEXT NOT NULL, status TEXT NOT NULL CHECK(status IN ('open', 'in_progress', 'done')),
  priority INTEGER NOT NULL, assignee_id TEXT REFERENCES users(id), created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, completed_at INTEGER,
  version INTEGER NOT NULL DEFAULT 1);
CREATE INDEX IF NOT EXISTS tasks_of_organization ON tasks(organization_id, updated_at DESC);
CREATE TABLE IF NOT EXISTS reports(
  id TEXT PRIMARY KEY, organization_id TEXT NOT NULL, name TEXT NOT NULL, step_seconds INTEGER NOT NULL,
  steps INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox(
  job_id TEXT PRIMARY KEY, recipient TEXT NOT NULL, subject TEXT NOT NULL,
  sent_at INTEGER NOT NULL) WITHOUT ROWID;
)sql";

constexpr int kTasksPerProject = 40;
constexpr int64_t kDaySeconds = 86'400;

constexpr Query kCountUsers = {"SELECT count(*) FROM users", "SELECT", "users"};
constexpr Query kInsertUser = {"INSERT INTO users VALUES(?, ?, ?, ?, ?)", "INSERT", "users"};
constexpr Query kInsertProject = {"INSERT INTO projects VALUES(?, ?, ?)", "INSERT", "projects"};
constexpr Query kInsertReport = {"INSERT INTO reports VALUES(?, ?, ?, ?, ?)", "INSERT", "reports"};
constexpr Query kInsertTask = {
    "INSERT INTO tasks(id, organization_id, project_id, title, status, priority, created_by, created_at, "
    "updated_at,"
    " completed_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9)",
    "INSERT", "tasks"};

// The longest one is what makes slow queries: ten years, by half hours, are 175 200 looks over the tasks.
struct ReportKind {
  const char* name;
  int64_t step_seconds;
  int64_t steps;
};
constexpr std::array<ReportKind, demo::kReportsPerOrganization> kReports = {
    {{"This week", 3'600, 168},
     {"This quarter", kDaySeconds, 90},
     {"Ten years by half hours", 1'800, 175'200}}};

constexpr std::array<const char*, demo::kProjectsPerOrganization> kProjectNames = {
    "Onboarding", "Billing v2", "Mobile app", "Umzug nach Köln"};
constexpr std::array<const char*, 8> kTitles = {"Fix login redirect loop",    "Quarterly roadmap draft",
                                                "Überprüfung der Rechnungen", "Update SLA document",
                                                "Préparer la réunion",        "会議の準備",
                                                "Customer interview notes",   "Review pull request"};

void InsertTasks(Connection& connection, const std::string& organization_id, const std::string& project_id,
                 uint64_t seed, int64_t now) {
  constexpr std::array<const char*, 3> kStatus = {"open", "in_progress", "done"};
  for (int i = 0; i < kTasksPerProject; ++i) {
    const uint64_t bits = demo::Scramble(seed * 1000 + static_cast<uint64_t>(i));
    const int64_t created_at = now - static_cast<int64_t>(bits % 365) * kDaySeconds;
    const char* status = kStatus[(bits >> 12) % kStatus.size()];
    Statement insert = connection.Prepare(kInsertTask);
    insert.Bind(1, "tsk_" + demo::Hex(bits, 10))
        .Bind(2, organization_id)
        .Bind(3, project_id)
        .Bind(4, kTitles[(bits >> 20) % kTitles.size()])
        .Bind(5, status)
        .Bind(6, static_cast<int64_t>((bits >> 28) % 4))
        .Bind(7, demo::PersonNumber(0).id)
        .Bind(8, created_at);
    status == kStatus.back() ? insert.Bind(9, created_at + kDaySeconds) : insert.BindNull(9);
    insert.Execute();
  }
}

void InsertOrganization(Connection& connection, int organization, int64_t now) {
  const std::string organization_id = demo::OrganizationId(organization);
  for (int i = 0; i < demo::kProjectsPerOrganization; ++i) {
    const auto seed =
        static_cast<uint64_t>(organization) * demo::kProjectsPerOrganization + static_cast<uint64_t>(i);
    const std::string project_id = demo::ProjectId(organization, i);
    connection.Prepare(kInsertProject)
        .Bind(1, project_id)
        .Bind(2, organization_id)
        .Bind(3, kProjectNames[i])
        .Execute();
    InsertTasks(connection, organization_id, project_id, seed, now);
  }
  for (int i = 0; i < demo::kReportsPerOrganization; ++i) {
    const ReportKind& kind = kReports[i];
    connection.Prepare(kInsertReport)
        .Bind(1, demo::ReportId(organization, i))
        .Bind(2, organization_id)
        .Bind(3, kind.name)
        .Bind(4, kind.step_seconds)
        .Bind(5, kind.steps)
        .Execute();
  }
}

void Fill(Connection& connection) {
  Transaction transaction(connection);
  for (int i = 0; i < demo::kUserCount; ++i) {
    const demo::Person person = demo::PersonNumber(i);
    connection.Prepare(kInsertUser)
        .Bind(1, person.id)
        .Bind(2, person.organization_id)
        .Bind(3, person.name)
        .Bind(4, person.email)
        .Bind(5, person.role)
        .Execute();
  }
  const auto now = static_cast<int64_t>(std::time(nullptr));
  for (int organization = 0; organization < demo::kOrganizationCount; ++organization) {
    InsertOrganization(connection, organization, now);
  }
  transaction.Commit();
}

bool IsEmpty(Connection& connection) {
  Statement count = connection.Prepare(kCountUsers);
  return count.Step() && count.Integer(0) == 0;
}

}  // namespace

void PrepareSchema(Connection& connection) {
  connection.ExecuteScript(kTables);
  if (!IsEmpty(connection)) {
    return;
  }
  taffrail::set_level("database", taffrail::Level::kInfo);  // two thousand lines would say: filling
  Fill(connection);
  taffrail::reset_level("database");
  log.info("Database filled", kv("users", demo::kUserCount), kv("organizations", demo::kOrganizationCount));
}

}  // namespace task_service
