// One value: text to member, and what a value must look like.
#pragma once

#include <string>

#include "config/field.h"
#include "config/problems.h"
#include "config/yaml_tree.h"

namespace taffrail::config {

// False when the value makes no sense: then the member is as it was, and the problem told. `name` is the
// whole key for messages. REQUIRES: not of Kind::kRecords.
bool ReadValue(const Field& field, const std::string& name, const Node& value, void* object,
               Problems& problems);

// What values there are: "true or false", "a size from 64KiB to 64MiB".
std::string Wanted(const Field& field);

}  // namespace taffrail::config
