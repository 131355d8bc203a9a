// The program around a library.
#pragma once

#include <cstdio>
#include <exception>

#include "harness/crash.h"
#include "harness/disabled.h"
#include "harness/latency.h"
#include "harness/options.h"
#include "harness/quiet.h"
#include "harness/throughput.h"

namespace bench {

template <Library L>
void Measure(L& library, const Options& options) {
  if (options.mode == "latency") return MeasureLatency(library, options);
  if (options.mode == "disabled") return MeasureDisabled(library, options);
  if (options.mode == "throughput") return MeasureThroughput(library, options);
  if (options.mode == "idle") return MeasureIdle(library, options);
  if (options.mode == "paced") return MeasurePaced(library, options);
  if (options.mode == "crash") return Crash(library, options);
  if (options.mode == "start-again") return StartAgain(library, options);
  throw std::invalid_argument("no such mode: " + options.mode);
}

template <Library L>
int Main(int argc, char** argv) {
  try {
    static L library;  // outlives the threads of the library itself
    Measure(library, ParseOptions(argc, argv));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 2;
  }
}

}  // namespace bench
