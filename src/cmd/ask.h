// Puts a question to a server, a store or files, and the answer on the output.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "cmd/answer.h"
#include "cmd/ask_options.h"
#include "cmd/output.h"
#include "query/exec/engine.h"
#include "store/store.h"

namespace taffrail::cmd {

struct Question {
  std::string text = "*";
  std::string lang = "search";
  Period period;
  uint64_t limit = 1000;   // records; 0: all. What a person looks through, and a terminal holds
  bool has_limit = false;  // given by the user: then it holds for tables too
  uint64_t last = 0;       // > 0: the newest so many instead, in order of time
  bool explain = false;    // how it is answered, instead of the answer
  bool progress = false;   // a bar on stderr while nothing has come yet
};

struct AnswerForm {
  std::string format;
  AnswerStyle style;
};

struct Asked {
  uint64_t rows = 0;               // records, or rows of a table
  std::vector<std::string> notes;  // for a person (server/query_notes.h)
};

// The exit code of an error is that of its status: InvalidArgument for a
// query that makes no sense.
absl::StatusOr<Asked> AskServer(const std::string& url, const Question& question, const AnswerForm& form,
                                base::Env& env, Output& output);
absl::StatusOr<Asked> AskLocally(const Place& place, const Question& question, const AnswerForm& form,
                                 base::Env& env, Output& output);

// An existing store, without its lock: a server may be running on it. NotFound says what to give.
absl::StatusOr<std::unique_ptr<store::Store>> OpenStoreToRead(const std::string& dir, base::Env& env);

// The engine of a store's directory or of files.
struct LocalEngine {
  std::unique_ptr<store::Store> store;  // null for files
  std::unique_ptr<query::exec::Engine> engine;
};
absl::StatusOr<LocalEngine> OpenLocalEngine(const Place& place, base::Env& env);

}  // namespace taffrail::cmd
