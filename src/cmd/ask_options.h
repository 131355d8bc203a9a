// The options that search, tail, trail and stats share: where to ask, when, and how to print.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "cmd/answer.h"
#include "cmd/command.h"
#include "query/plan/plan.h"

namespace taffrail::cmd {

// A server, a store's directory, or files.
struct Place {
  std::string url;
  std::string data_dir;
  std::vector<std::string> files;

  bool IsServer() const { return data_dir.empty() && files.empty(); }
};

void AddUrlOption(Command command, Place& place);
void AddPlaceOptions(Command command, Place& place);  // --url and --data

// --lang: one of the query languages.
Option AddLanguageOption(Command command, std::string& language);

struct Period {
  std::string from;
  std::string to;
};
void AddPeriodOptions(Command command, Period& period);
// InvalidArgument names the option.
absl::StatusOr<query::plan::TimeRange> RangeOf(const Period& period, base::Env& env);

struct Printing {
  std::string format;  // empty: pretty on a terminal, else raw
  std::vector<std::string> fields;
};
// REQUIRES: `printing` outlives the parse.
void AddPrintingOptions(Command command, Printing& printing);
std::string FormatOf(const Printing& printing);
AnswerStyle StyleOf(const Printing& printing, const Program& program);

}  // namespace taffrail::cmd
