// Members as the YAML text that reads back to them.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "config/field.h"

namespace taffrail::config {

// In flow style, on one line: 64MiB, [app, audit], {tasks: DEBUG}, [{type: console}]. Of records only what
// differs from a new one. With `hide_secrets`, *** for those.
std::string ShowValue(const Field& field, const void* object, bool hide_secrets);

// A value of the integer kinds.
std::string ShowInteger(const Field& field, int64_t value);

}  // namespace taffrail::config
