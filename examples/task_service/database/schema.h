// The tables, and what they hold on the first day.
#pragma once

#include "task_service/database/connection.h"

namespace task_service {

// Creates what is missing; fills an empty database with the demo's organizations, people, projects, tasks,
// reports.
void PrepareSchema(Connection& connection);

}  // namespace task_service
