// How a line looks, as configuration: a layout is a table of slots, each a key and what stands there. The
// built-in layouts are such tables too (src/layout/layouts.cc, docs/layouts.md).
//
// No object of a line ever has a key twice. Of a table's equal keys the first counts. Of equal fields a
// call's beats a bound logger's, which beats the context's, and in one call the last; a field named as one of
// the slots beside it is written as "fields.<name>".
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
  kField,           // the call's or the context's field of the name `source`, which then stands nowhere else
  kContext,         // an object of the scopes' fields
  kMetadata,        // an object of the call's fields
  kContextInline,   // the same, as members of the object that the slot is in
  kMetadataInline,
  kException,        // an object: whole, or of the kField slots in `children`, which name its members
  kExceptionInline,  // those slots, as members of the object that the slot is in
  kConstant,         // the string `source`
  kObject,           // of the slots in `children`
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
  bool dotted_fields = false;     // members of fields that are objects, as "http.method" beside the others
  std::vector<SlotConfig> slots;  // what is empty is left out
};

}  // namespace taffrail
