// How lines look. A layout is made once for each output from its table (taffrail/layout.h); for each call
// site it makes ready all that does not change from line to line, so that a line is a few copies.
//
//   auto layout = MakeLayout("nested", config.layouts, options);
//   layout->Append(line, plans, buffer);    // plans: kept beside the call site, one for each layout
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "layout/line.h"
#include "layout/out_buffer.h"
#include "taffrail/layout.h"
#include "taffrail/redactor.h"

namespace taffrail::layout {

// What all lines of a process share; the empty and 0 are left out.
struct Process {
  std::string service;
  std::string environment;
  std::string version;
  std::string hostname;
  std::string name;
  int64_t id = 0;
};

struct Options {
  Process process;
  bool thread_id = false;
  bool thread_name = false;
  int fraction_digits = 3;            // of the built-in layouts; those of a configuration say it themselves
  Level source_from = Level::kError;  // likewise
  bool colour = false;                // of "text"
  Redactor* redactor = nullptr;       // must outlive the layout
};

class Plan;

// What one layout has made ready for the lines of one call site.
class SitePlans {
 public:
  SitePlans();
  ~SitePlans();
  SitePlans(SitePlans&&) noexcept;
  SitePlans& operator=(SitePlans&&) noexcept;

 private:
  friend class JsonLayout;
  std::vector<std::unique_ptr<Plan>> plans_;
};

// Not thread-safe. Nothing is thrown but std::bad_alloc.
class Layout {
 public:
  virtual ~Layout() = default;
  // The line and a newline. `plans` belongs to line.site and this layout alone; a line without a site (the
  // library's own) gives any.
  virtual void Append(const Line& line, SitePlans& plans, OutBuffer& out) = 0;
};

// A layout of `own` or, failing that, a built-in one of this name; null when there is none.
std::unique_ptr<Layout> MakeLayout(std::string_view name, std::span<const LayoutConfig> own,
                                   const Options& options);

}  // namespace taffrail::layout
