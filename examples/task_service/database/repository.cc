#include "task_service/database/repository.h"

#include <algorithm>
#include <ctime>

namespace task_service {
namespace {

#define TASK_COLUMNS                                                                                  \
  "id, organization_id, project_id, title, status, priority, coalesce(assignee_id, ''), created_by, " \
  "created_at,"                                                                                       \
  " updated_at, version"

constexpr Query kFindUser = {"SELECT id, organization_id, name, email, role FROM users WHERE id = ?",
                             "SELECT", "users"};
constexpr Query kListTasks = {"SELECT " TASK_COLUMNS
                              " FROM tasks WHERE organization_id = ?1 AND (?2 IS NULL OR status = ?2)"
                              " ORDER BY updated_at DESC LIMIT ?3",
                              "SELECT", "tasks"};
constexpr Query kFindTask = {"SELECT " TASK_COLUMNS " FROM tasks WHERE organization_id = ? AND id = ?",
                             "SELECT", "tasks"};
constexpr Query kInsertTask = {
    "INSERT INTO tasks(id, organization_id, project_id, title, status, priority, assignee_id, created_by, "
    "created_at,"
    " updated_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
    "INSERT", "tasks"};
constexpr Query kUpdateTask = {
    "UPDATE tasks SET title = coalesce(?3, title), status = coalesce(?4, status), priority = coalesce(?5, "
    "priority),"
    " assignee_id = coalesce(?6, assignee_id), updated_at = ?7,"
    " completed_at = iif(coalesce(?4, status) = 'done', coalesce(completed_at, ?7), NULL), version = version "
    "+ 1"
    " WHERE id = ?1 AND version = ?2",
    "UPDATE", "tasks"};
constexpr Query kDeleteTask = {"DELETE FROM tasks WHERE organization_id = ? AND id = ?", "DELETE", "tasks"};
constexpr Query kListProjects = {
    "SELECT p.id, p.name, (SELECT count(*) FROM tasks t WHERE t.organization_id = p.organization_id"
    " AND t.project_id = p.id) FROM projects p WHERE p.organization_id = ? ORDER BY p.name",
    "SELECT", "projects"};
constexpr Query kProjectExists = {"SELECT 1 FROM projects WHERE organization_id = ? AND id = ?", "SELECT",
                                  "projects"};
constexpr Query kFindReport = {
    "SELECT id, organization_id, name, step_seconds, steps FROM reports WHERE organization_id = ? AND id = ?",
    "SELECT", "reports"};
// How many tasks were open at each step back in time. Over the 400 newest tasks only: the cost is steps times
// tasks, and an organization's tasks are without limit.
constexpr Query kBurndown = {
    "WITH RECURSIVE step(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM step WHERE n + 1 < ?2),"
    " newest AS MATERIALIZED (SELECT created_at, completed_at FROM tasks WHERE organization_id = ?1"
    " ORDER BY updated_at DESC LIMIT 400)"
    " SELECT (SELECT count(*) FROM newest WHERE created_at <= ?4 - step.n * ?3"
    " AND (completed_at IS NULL OR completed_at > ?4 - step.n * ?3)) FROM step",
    "SELECT", "tasks"};
constexpr Query kRecordMail = {"INSERT OR IGNORE INTO outbox VALUES(?, ?, ?, ?)", "INSERT", "outbox"};
constexpr Query kBroken = {"SELECT * FROM tasks_archive WHERE id = ?", "SELECT", "tasks_archive"};

#undef TASK_COLUMNS

Task ReadTask(const Statement& row) {
  return {.id = row.Text(0),
          .organization_id = row.Text(1),
          .project_id = row.Text(2),
          .title = row.Text(3),
          .status = row.Text(4),
          .priority = row.Integer(5),
          .assignee_id = row.Text(6),
          .created_by = row.Text(7),
          .created_at = row.Integer(8),
          .updated_at = row.Integer(9),
          .version = row.Integer(10)};
}

template <typename T>
void BindOptional(Statement& statement, int index, const std::optional<T>& value) {
  value ? statement.Bind(index, *value) : statement.BindNull(index);
}

int64_t Now() { return static_cast<int64_t>(std::time(nullptr)); }

}  // namespace

std::optional<User> Repository::FindUser(const std::string& user_id) {
  const auto connection = pool_.Acquire();
  Statement row = connection->Prepare(kFindUser);
  if (!row.Bind(1, user_id).Step()) {
    return std::nullopt;
  }
  return User{row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Text(4)};
}

std::vector<Task> Repository::ListTasks(const TaskFilter& filter) {
  const auto connection = pool_.Acquire();
  Statement row = connection->Prepare(kListTasks);
  row.Bind(1, filter.organization_id).Bind(3, filter.limit);
  BindOptional(row, 2, filter.status);
  std::vector<Task> tasks;
  while (row.Step()) {
    tasks.push_back(ReadTask(row));
  }
  return tasks;
}

std::optional<Task> Repository::FindTask(const std::string& organization_id, const std::string& task_id) {
  const auto connection = pool_.Acquire();
  Statement row = connection->Prepare(kFindTask);
  return row.Bind(1, organization_id).Bind(2, task_id).Step() ? std::optional(ReadTask(row)) : std::nullopt;
}

void Repository::InsertTask(const Task& task) {
  const auto connection = pool_.Acquire();
  Statement insert = connection->Prepare(kInsertTask);
  insert.Bind(1, task.id)
      .Bind(2, task.organization_id)
      .Bind(3, task.project_id)
      .Bind(4, task.title)
      .Bind(5, task.status)
      .Bind(6, task.priority)
      .Bind(8, task.created_by)
      .Bind(9, task.created_at);
  task.assignee_id.empty() ? insert.BindNull(7) : insert.Bind(7, task.assignee_id);
  insert.Execute();
}

bool Repository::UpdateTask(const Task& task, const TaskChange& change, int64_t expected_version) {
  const auto connection = pool_.Acquire();
  Statement update = connection->Prepare(kUpdateTask);
  update.Bind(1, task.id).Bind(2, expected_version).Bind(7, Now());
  BindOptional(update, 3, change.title);
  BindOptional(update, 4, change.status);
  BindOptional(update, 5, change.priority);
  BindOptional(update, 6, change.assignee_id);
  return update.Execute() == 1;
}

bool Repository::DeleteTask(const std::string& organization_id, const std::string& task_id) {
  const auto connection = pool_.Acquire();
  return connection->Prepare(kDeleteTask).Bind(1, organization_id).Bind(2, task_id).Execute() == 1;
}

std::vector<Project> Repository::ListProjects(const std::string& organization_id) {
  const auto connection = pool_.Acquire();
  Statement row = connection->Prepare(kListProjects);
  row.Bind(1, organization_id);
  std::vector<Project> projects;
  while (row.Step()) {
    projects.push_back({row.Text(0), row.Text(1), row.Integer(2)});
  }
  return projects;
}

bool Repository::ProjectExists(const std::string& organization_id, const std::string& project_id) {
  const auto connection = pool_.Acquire();
  return connection->Prepare(kProjectExists).Bind(1, organization_id).Bind(2, project_id).Step();
}

std::optional<Report> Repository::FindReport(const std::string& organization_id,
                                             const std::string& report_id) {
  const auto connection = pool_.Acquire();
  Statement row = connection->Prepare(kFindReport);
  if (!row.Bind(1, organization_id).Bind(2, report_id).Step()) {
    return std::nullopt;
  }
  return Report{row.Text(0), row.Text(1), row.Text(2), row.Integer(3), row.Integer(4)};
}

Burndown Repository::ComputeBurndown(const Report& report) {
  const auto connection = pool_.Acquire();
  Statement row = connection->Prepare(kBurndown);
  row.Bind(1, report.organization_id).Bind(2, report.steps).Bind(3, report.step_seconds).Bind(4, Now());
  Burndown out;
  while (row.Step()) {
    const int64_t open = row.Integer(0);
    out.open_last = out.points == 0 ? open : out.open_last;  // the first step is now
    out.open_max = std::max(out.open_max, open);
    ++out.points;
  }
  return out;
}

void Repository::RecordMail(const std::string& job_id, const std::string& recipient,
                            const std::string& subject) {
  const auto connection = pool_.Acquire();
  connection->Prepare(kRecordMail)
      .Bind(1, job_id)
      .Bind(2, recipient)
      .Bind(3, subject)
      .Bind(4, Now())
      .Execute();
}

void Repository::RunBrokenQuery() {
  const auto connection = pool_.Acquire();
  connection->Prepare(kBroken).Bind(1, "").Step();
}

void Repository::Ping() { pool_.Acquire()->ExecuteScript("SELECT 1"); }

}  // namespace task_service
