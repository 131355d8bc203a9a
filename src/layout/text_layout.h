// Lines for people, and the two text formats that older programs' readers expect.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "layout/censor.h"
#include "layout/layout.h"
#include "layout/members.h"
#include "layout/time_text.h"

namespace taffrail::layout {

// A text format: what of a line in which order, the rest as it stands. In `pattern`, %t is the time, %l the
// level, %L the level padded to its column, %n the logger, %m the message. The call's fields, then the
// context's, follow as " key=value".
struct TextForm {
  std::string_view name;
  std::string_view pattern;
  std::string_view unnamed;  // what stands for the root logger; empty: nothing, nor what stands before %m
  TimeForm time;
  bool own_time_digits;  // else Options::fraction_digits
};

// Control characters are escaped, so that a logged string can neither command a terminal nor forge a line.
class TextLayout : public Layout {
 public:
  TextLayout(const TextForm& form, const Options& options);
  void Append(const Line& line, SitePlans& plans, OutBuffer& out) override;

 private:
  void PutLevel(Level level, bool padded, OutBuffer& out);
  void PutFields(std::string_view fields, OutBuffer& out);
  void PutField(const Member& member, OutBuffer& out);
  void PutColour(std::string_view code, OutBuffer& out) const {
    if (colour_) out.Append(code);
  }

  const TextForm& form_;
  bool colour_;
  TimeText time_;
  Censor censor_;
  MemberWriter writer_;
  std::vector<Member> members_;
  std::string encoded_;
  std::string escaped_;
};

// text, text-dashed or text-comma; null for any other name.
std::unique_ptr<Layout> MakeTextLayout(std::string_view name, const Options& options);

}  // namespace taffrail::layout
