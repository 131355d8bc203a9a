// Which fields of a line are its time, level, message, service and ids, whatever its writer calls them.
//
// One table, in order of preference, drawn from the field's conventions: OpenTelemetry, ECS, Loki, syslog,
// Zeek, MongoDB, CloudTrail, Suricata, journald, GELF and the five stacks of docs/requirements.md.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "record/batch.h"

namespace taffrail::record {

enum class Role : uint8_t { kTime, kLevel, kMessage, kService, kRequestId };

// Paths that can play a role, best first.
std::span<const std::string_view> PathsOf(Role role);

// For every shape of the batch the hole that plays the role: index into shape.holes, or -1.
std::vector<int> HolesOf(const RecordBatch& batch, Role role);

// Reads the time of each row from its kTime field, in any of the formats of base/time_text.h; rows without
// one, or with one that cannot be read or lies outside years 1970–2261, keep timestamp_ns as it is. Returns
// how many rows kept theirs because the field was there but unreadable.
size_t SetTimesFromFields(RecordBatch& batch, std::string_view time_field = {});

}  // namespace taffrail::record
