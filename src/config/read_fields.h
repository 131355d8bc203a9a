// From a tree to members, by a table of fields. Every mistake is told; what is right is set all the same.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "config/field.h"
#include "config/problems.h"
#include "config/yaml_tree.h"

namespace taffrail::config {

// Hears of every field of the outermost table that was set, and where.
using OnSet = std::function<void(const Field& field, const Mark& mark)>;

// REQUIRES: the fields are of object's type.
void ReadFields(const Node& map, std::span<const Field> fields, void* object, Problems& problems,
                const OnSet& on_set);

}  // namespace taffrail::config
