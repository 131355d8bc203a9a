// A layout of JSON lines.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "layout/compiled.h"
#include "layout/frame_look.h"
#include "layout/layout.h"
#include "layout/members.h"
#include "layout/plan.h"
#include "layout/time_text.h"

namespace taffrail::layout {

class JsonLayout : public Layout {
 public:
  JsonLayout(const LayoutConfig& config, const Options& options);
  void Append(const Line& line, SitePlans& plans, OutBuffer& out) override;

 private:
  // A call expression writes at one level and, but for wrappers, to one logger: more plans than this are
  // made again and again rather than kept.
  static constexpr size_t kPlansMax = 16;

  // Where a line stands while it is written.
  struct Cursor {
    const Line& line;
    const Plan& plan;
    OutBuffer& out;
    const char* at;     // the next of the call's values
    char* to;           // the next byte
    const char* limit;  // out's
  };
  // The fields of a line that come with their keys, as they stand in one place.
  struct CallFields {
    const FieldPlace* place = nullptr;
    std::vector<Member> members;
    std::vector<std::optional<Member>> lifted;
    KeySet keys;
  };

  const Plan& PlanOf(const Line& line, SitePlans& plans);
  void Render(const Plan& plan, const Line& line, OutBuffer& out);
  void FindValues(const Plan& plan, const char* at);
  void PutText(const PlanStep& step, Cursor& cursor);
  void PutSlowText(const PlanStep& step, Cursor& cursor);
  void PutOther(const PlanStep& step, Cursor& cursor);
  void PutMembers(const PlanStep& step, Cursor& cursor);
  void PutJudged(const PlanStep& step, Cursor& cursor);
  void PutFrame(const PlanStep& step, Cursor& cursor);
  void PutFields(const PlanStep& step, Cursor& cursor);
  void PutLifted(const PlanStep& step, Cursor& cursor);
  void PutException(const PlanStep& step, Cursor& cursor);
  const CallFields& FieldsIn(const Line& line, const FieldPlace& place);

  CompiledLayout layout_;
  Censor censor_;
  TimeText time_;
  MemberWriter writer_;
  FrameLooks contexts_;
  FrameLooks bounds_;
  CallFields fields_;
  SitePlans own_;  // for lines without a site
  // Of the line that is being written: where its values begin, when the plan seeks, and where the optional
  // objects begin that are not closed.
  std::vector<const char*> values_;
  std::vector<size_t> open_;
};

}  // namespace taffrail::layout
