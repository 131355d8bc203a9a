// GET /healthz and /stats: what whoever runs the service asks of it.
#pragma once

#include <functional>

#include "http/router.h"

namespace examples::service {

// healthy is asked at each call; it may throw, which counts as no.
void AddProbes(http::Router& router, std::function<bool()> healthy);

}  // namespace examples::service
