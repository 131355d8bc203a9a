#include "store/question.h"

#include "expr/text.h"
#include "store/store.h"

namespace taffrail::store {
namespace {

// Longer ones are lists of ids, say, that are asked once.
constexpr size_t kMaxFilterBytes = 2048;

std::string OutputOf(const ScanRequest& request) {
  std::string output;
  if (request.columns.line) output += 'L';
  if (request.NeedsTimes()) output += 'T';
  for (const expr::FieldRef& field : request.columns.fields) {
    output += static_cast<char>('a' + static_cast<int>(field.source));
    output += field.name;
    output += '\0';
  }
  return output;
}

}  // namespace

Question QuestionOf(const ScanRequest& request) {
  Question question;
  if (request.predicate == nullptr || request.predicate->MatchesAll()) return question;
  question.filter = expr::ToString(request.predicate->expr());
  if (question.filter.size() > kMaxFilterBytes) question.filter.clear();
  question.output = OutputOf(request);
  return question;
}

}  // namespace taffrail::store
