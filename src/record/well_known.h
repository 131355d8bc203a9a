// Which fields of a line are its time, level, message and service, whatever its writer calls them.
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

enum class Role : uint8_t { kTime, kLevel, kMessage, kService };

// Paths that can play a role, best first.
std::span<const std::string_view> PathsOf(Role role);

// For every shape of the batch the hole that plays the role: index into shape.holes, or -1.
std::vector<int> HolesOf(const RecordBatch& batch, Role role);

struct TimeReport {
  size_t missing = 0;     // rows without a time field
  size_t unreadable = 0;  // rows whose field is no time, or one before 1970 or after 2262
};

// Sets timestamp_ns of each row from its kTime field (or from `time_field` when that is given), in any of the
// forms of base/time_text.h. Rows counted in the report keep the time they have.
TimeReport SetTimesFromFields(RecordBatch& batch, std::string_view time_field = {});

}  // namespace taffrail::record
