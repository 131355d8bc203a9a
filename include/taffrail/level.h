// How much a line matters. The numbers are OpenTelemetry's severity numbers, so that a level of another
// system that lies between two of ours keeps its place.
#pragma once

#include <cstdint>

namespace taffrail {

enum class Level : uint8_t {
  kTrace = 1,
  kDebug = 5,
  kInfo = 9,
  kWarning = 13,
  kError = 17,
  kCritical = 21,
  kOff = 25,  // a threshold that nothing reaches; no line carries it
};

}  // namespace taffrail
