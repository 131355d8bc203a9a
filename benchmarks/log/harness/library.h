// What a library has to bring to be measured. Each has a program of its own (libraries/), because two
// libraries in one process would share its memory, its threads and its processor time.
#pragma once

#include <concepts>
#include <string>

#include "harness/workload.h"

namespace bench {

struct Setup {
  std::string file;       // lines go here, appended
  std::string queue_dir;  // for libraries that keep their queue in files
  std::string variant;    // of the library, for example "sync"; empty: its usual form
  bool fatal_signals = false;
};

// Log and LogDisabled are always inlined, as a call in a service stands in the function that needs it: what a
// wrapper costs is nobody's figure.
template <typename L>
concept Library = requires(L& library, const Setup& setup, const Workload& w, int number) {
  library.Start(setup);            // ready to log into the file
  library.Log(w, number);          // one W1 line with duration_ms = number
  library.LogDisabled(w, number);  // the same line on a level that is off
  library.Flush();                 // returns when every line is written to the file
};

}  // namespace bench
