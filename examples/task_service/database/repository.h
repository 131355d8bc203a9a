// What the service asks of its database, in the service's own words. Throws DatabaseError and PoolExhausted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "task_service/database/pool.h"

namespace task_service {

struct Task {
  std::string id;
  std::string organization_id;
  std::string project_id;
  std::string title;
  std::string status;
  int64_t priority = 0;
  std::string assignee_id;  // empty: nobody's
  std::string created_by;
  int64_t created_at = 0;  // seconds of the Unix epoch, as all times here
  int64_t updated_at = 0;
  int64_t version = 1;
};

struct TaskFilter {
  std::string organization_id;
  std::optional<std::string> status;
  int64_t limit = 20;
};

struct TaskChange {
  std::optional<std::string> title;
  std::optional<std::string> status;
  std::optional<int64_t> priority;
  std::optional<std::string> assignee_id;
};

struct Project {
  std::string id;
  std::string name;
  int64_t task_count = 0;
};

struct User {
  std::string id;
  std::string organization_id;
  std::string name;
  std::string email;
  std::string role;
};

struct Report {
  std::string id;
  std::string organization_id;
  std::string name;
  int64_t step_seconds = 0;
  int64_t steps = 0;
};

struct Burndown {
  int64_t points = 0;
  int64_t open_max = 0;
  int64_t open_last = 0;
};

class Repository {
 public:
  explicit Repository(ConnectionPool& pool) : pool_(pool) {}

  std::optional<User> FindUser(const std::string& user_id);

  std::vector<Task> ListTasks(const TaskFilter& filter);
  std::optional<Task> FindTask(const std::string& organization_id, const std::string& task_id);
  void InsertTask(const Task& task);
  // False when the row's version is not expected_version any more: someone was faster.
  bool UpdateTask(const Task& task, const TaskChange& change, int64_t expected_version);
  bool DeleteTask(const std::string& organization_id, const std::string& task_id);

  std::vector<Project> ListProjects(const std::string& organization_id);
  bool ProjectExists(const std::string& organization_id, const std::string& project_id);

  std::optional<Report> FindReport(const std::string& organization_id, const std::string& report_id);
  Burndown ComputeBurndown(const Report& report);

  void RecordMail(const std::string& job_id, const std::string& recipient, const std::string& subject);
  // A statement whose table does not exist, for requests that ask for a fault (faults.h).
  void RunBrokenQuery();
  void Ping();  // not logged, being asked every few seconds

 private:
  ConnectionPool& pool_;
};

}  // namespace task_service
