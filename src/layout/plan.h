// A line of one call site, logger and level as a few steps: what never changes is text already, and between
// its pieces stands what does.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "layout/compiled.h"
#include "layout/line.h"
#include "layout/members.h"

namespace taffrail::layout {

enum class Step : uint8_t {
  kEnd,
  kTimestamp,
  // A call's values, one after the other as they are in the record.
  kText,
  kInt,
  kUint,
  kDouble,
  kBool,
  kMoment,
  kDuration,
  kJudged,  // of any kind: the redactor has its say
  kPass,    // not written here
  kSeek,    // the next value is not the one after the last
  // What only some lines of the plan have.
  kMessage,
  kThreadId,
  kThreadName,
  kContext,  // the frames' fields as members
  kBound,
  kFields,  // those that the record has with their keys
  kLifted,
  kException,
  // For these.
  kComma,  // unless nothing stands before it in the object
  kOpen,   // an object ...
  kClose,  // ... which goes again when nothing came into it
};

struct PlanStep {
  Step step = Step::kEnd;
  bool against_fields = false;  // kContext, kBound: a field of the call in the same object hides a frame's
  bool against_bound = false;   // kContext: as does a bound logger's
  uint16_t index = 0;           // of the call's field; kLifted: of the name
  uint32_t literal = 0, literal_size = 0;  // written before the step
  uint32_t room = 0;                       // for all up to the next step that asks for room itself
  const CompiledSlot* slot = nullptr;      // from kContext on
  int64_t scale = 1;                       // kDuration
};

struct PlanField {
  detail::FieldType type;
  std::string name;  // with a duration's unit, not escaped
  std::string key;   // as it stands in the line
  Verdict verdict = Verdict::kLeave;
};

// Which lines look alike but for their values.
struct PlanKey {
  const detail::LoggerNode* logger;
  Level level;
  bool context;
  bool bound;
  bool literal_message;
  bool by_values;

  friend bool operator==(const PlanKey&, const PlanKey&) = default;
};
PlanKey KeyOf(const Line& line);

class Plan {
 public:
  PlanKey key = {};
  std::string literals;  // kLiteralPadding longer than what is written of it
  std::vector<PlanStep> steps;
  uint32_t room = 0;  // as PlanStep's, for the beginning
  std::vector<PlanField> fields;
  KeySet field_keys;              // of the fields, where frames may stand beside them
  std::deque<std::string> names;  // what field_keys refers to
  bool seeks = false;
};

// The name of a function without what else the compiler says about it: "void ns::F(int) [with T = int]" is
// "ns::F".
std::string_view FunctionName(std::string_view function);
// The file's name without its directory and ending.
std::string_view ModuleName(std::string_view file);

// The layout must outlive the plan.
Plan MakePlan(const CompiledLayout& layout, const Line& line, Censor& censor);

}  // namespace taffrail::layout
