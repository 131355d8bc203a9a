// How a line looks, as configuration: a layout is a table of slots, each a key and what stands there. The
// built-in layouts are such tables too (src/record/layouts.cc).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "taffrail/level.h"

namespace taffrail {

enum class SlotValue : uint8_t {
  kTimestamp,
  kLevel,
  kService,
  kEnvironment,
  kVersion,
  kHostname,
  kProcessId,
  kProcessName,
  kThreadId,
  kThreadName,
  kLogger,
  kMessage,
  kModule,  // the file's name without its directory and ending
  kFile,
  kFunction,
  kLine,
  kSeverityNumber,  // OpenTelemetry's
  kField,           // the context's or the call's field of the name `source`, which then stands nowhere else
  kContext,         // an object of the scopes' fields
  kMetadata,        // an object of the call's fields
  kContextInline,   // the same, as members of the object that the slot is in
  kMetadataInline,
  kException,
  kConstant,  // `source` as it is
  kObject,    // of the slots in `children`
};

struct SlotConfig {
  std::string key;  // unused by the inline ones
  SlotValue value = SlotValue::kConstant;
  std::string source = {};
  Level from = Level::kTrace;  // written from this level up
  std::vector<SlotConfig> children = {};
};

struct LayoutConfig {
  std::string name;
  int fraction_digits = 3;        // of the timestamp's second: 0 to 9
  bool utc_as_offset = false;     // +00:00 instead of Z
  std::vector<SlotConfig> slots;  // what is empty is left out
};

}  // namespace taffrail
