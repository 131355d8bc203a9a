// What a scan asks of a block, as text: the same for the same question, so that answers can be known by it.
#pragma once

#include <string>

namespace taffrail::store {

struct ScanRequest;

struct Question {
  // The predicate, in the form that reads back to the same; empty: there is none, or it is too long to keep.
  std::string filter;
  std::string output;  // what is wanted of the rows that pass
};

Question QuestionOf(const ScanRequest& request);

}  // namespace taffrail::store
