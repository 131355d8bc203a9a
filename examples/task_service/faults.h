// Faults on request, as chaos tests make them: X-Demo-Fault: exception | database. Off unless --allow-faults
// is given.
#pragma once

#include "http/message.h"
#include "task_service/database/repository.h"

namespace task_service {

void ThrowIfAsked(const examples::http::Request& request, Repository& repository);

}  // namespace task_service
