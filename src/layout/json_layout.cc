#include "layout/json_layout.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "layout/put.h"
#include "record/json_writer.h"

namespace taffrail::layout {
namespace {

using detail::Kind;
using record::EncodedField;

template <typename T>
T Take(const char*& at) {
  T value;
  std::memcpy(&value, at, sizeof(value));
  at += sizeof(value);
  return value;
}

// The value at `at` of a call (detail/encoding.h), which moves on to the next.
EncodedField TakeValue(detail::FieldType type, std::string_view key, const char*& at) {
  EncodedField field{.key = key, .kind = type.kind, .unit = type.unit};
  if (type.kind == Kind::kString) {
    const auto size = Take<uint32_t>(at);
    if (size == detail::kTextNull) {
      field.kind = Kind::kNull;
    } else {
      field.clipped = (size & detail::kTextClipped) != 0;
      field.payload = {at, size & ~detail::kTextClipped};
      at += field.payload.size();
    }
  } else if (type.kind == Kind::kBool) {
    field.bits = Take<uint8_t>(at);
  } else if (type.kind != Kind::kNull) {
    field.bits = Take<uint64_t>(at);
  }
  return field;
}

// A comma, unless the object has just begun.
char* PutComma(char* to) {
  if (to[-1] != '{') *to++ = ',';
  return to;
}

void AppendComma(OutBuffer& out) {
  if (out.back() != '{') out.Append(',');
}

}  // namespace

SitePlans::SitePlans() = default;
SitePlans::~SitePlans() = default;
SitePlans::SitePlans(SitePlans&&) noexcept = default;
SitePlans& SitePlans::operator=(SitePlans&&) noexcept = default;

JsonLayout::JsonLayout(const LayoutConfig& config, const Options& options)
    : layout_(Compile(config, options.process)),
      censor_(options.redactor),
      time_({.fraction_digits = config.fraction_digits, .utc_as_offset = config.utc_as_offset}),
      writer_(censor_, config.dotted_fields),
      contexts_(writer_, layout_.lifted),
      bounds_(writer_, layout_.lifted) {}

void JsonLayout::Append(const Line& line, SitePlans& plans, OutBuffer& out) {
  const Plan& plan = PlanOf(line, line.site == nullptr ? own_ : plans);
  Render(plan, line, out);
}

const Plan& JsonLayout::PlanOf(const Line& line, SitePlans& plans) {
  const PlanKey key = KeyOf(line);
  for (const auto& plan : plans.plans_) {
    if (plan->key == key) return *plan;
  }
  if (plans.plans_.size() >= kPlansMax) plans.plans_.erase(plans.plans_.begin());
  plans.plans_.push_back(std::make_unique<Plan>(MakePlan(layout_, line, censor_)));
  return *plans.plans_.back();
}

void JsonLayout::Render(const Plan& plan, const Line& line, OutBuffer& out) {
  Cursor cursor{.line = line,
                .plan = plan,
                .out = out,
                .at = line.values,
                .to = out.Room(plan.room),
                .limit = out.limit()};
  open_.clear();
  if (plan.seeks) FindValues(plan, line.values);
  const char* const literals = plan.literals.data();
  for (const PlanStep* step = plan.steps.data();; ++step) {
    cursor.to = PutLiteral(literals + step->literal, step->literal_size, cursor.to);
    switch (step->step) {
      case Step::kEnd:
        out.SetEnd(cursor.to);
        fields_.place = nullptr;
        writer_.Forget();
        return;
      case Step::kTimestamp:
        cursor.to = time_.Put(line.time_ns, cursor.to);
        break;
      case Step::kText:
        PutText(*step, cursor);
        break;
      case Step::kInt:
        cursor.to = record::PutInt(Take<int64_t>(cursor.at), cursor.to);
        break;
      case Step::kUint:
        cursor.to = record::PutUint(Take<uint64_t>(cursor.at), cursor.to);
        break;
      case Step::kDouble:
        cursor.to = record::PutDouble(Take<double>(cursor.at), cursor.to);
        break;
      case Step::kJudged:
        PutJudged(*step, cursor);
        break;
      default:
        PutOther(*step, cursor);
    }
  }
}

void JsonLayout::FindValues(const Plan& plan, const char* at) {
  values_.clear();
  for (const PlanField& field : plan.fields) {
    values_.push_back(at);
    TakeValue(field.type, field.name, at);
  }
}

void JsonLayout::PutText(const PlanStep& step, Cursor& cursor) {
  uint32_t size;
  std::memcpy(&size, cursor.at, sizeof(size));
  const size_t needed = size_t{size} + 2 + step.room + OutBuffer::kSlack;
  if (size >= detail::kTextClipped || static_cast<size_t>(cursor.limit - cursor.to) < needed) [[unlikely]]
    return PutSlowText(step, cursor);
  const char* const text = cursor.at + sizeof(size);
  *cursor.to = '"';
  if (!CopyPlain(text, size, cursor.to + 1)) [[unlikely]]
    return PutSlowText(step, cursor);
  cursor.at = text + size;
  cursor.to += size + 2;
  cursor.to[-1] = '"';
}

// What PutText leaves: null, clipped, with escapes, or the buffer must grow.
void JsonLayout::PutSlowText(const PlanStep& step, Cursor& cursor) {
  const PlanField& field = cursor.plan.fields[step.index];
  const Member member{.field = TakeValue(field.type, field.name, cursor.at)};
  cursor.out.SetEnd(cursor.to);
  writer_.WriteValue(member, cursor.out);
  cursor.to = cursor.out.Room(step.room);
  cursor.limit = cursor.out.limit();
}

void JsonLayout::PutOther(const PlanStep& step, Cursor& cursor) {
  const PlanField* const field =
      step.index < cursor.plan.fields.size() ? &cursor.plan.fields[step.index] : nullptr;
  switch (step.step) {
    case Step::kBool: {
      const std::string_view text = Take<uint8_t>(cursor.at) != 0 ? "true" : "false";
      cursor.to = std::ranges::copy(text, cursor.to).out;
      return;
    }
    case Step::kMoment:
      cursor.to = record::PutTime(Take<int64_t>(cursor.at), cursor.to);
      return;
    case Step::kDuration:
      cursor.to = record::PutDuration(Take<int64_t>(cursor.at), step.scale, cursor.to);
      return;
    case Step::kPass:
      TakeValue(field->type, field->name, cursor.at);
      return;
    case Step::kSeek:
      cursor.at = values_[step.index];
      return;
    case Step::kThreadId:
      cursor.to = record::PutUint(cursor.line.thread_id, cursor.to);
      return;
    case Step::kComma:
      cursor.to = PutComma(cursor.to);
      return;
    case Step::kClose:
      if (cursor.to[-1] == '{') {
        cursor.to -= cursor.to - cursor.out.data() - static_cast<ptrdiff_t>(open_.back());
      } else {
        *cursor.to++ = '}';
      }
      open_.pop_back();
      return;
    default:  // all that ask for room
      cursor.out.SetEnd(cursor.to);
      PutMembers(step, cursor);
      cursor.to = cursor.out.Room(step.room);
      cursor.limit = cursor.out.limit();
  }
}

void JsonLayout::PutMembers(const PlanStep& step, Cursor& cursor) {
  OutBuffer& out = cursor.out;
  const Line& line = cursor.line;
  switch (step.step) {
    case Step::kMessage:
      return MemberWriter::WriteText(censor_.Scan(line.message), line.message_clipped, out);
    case Step::kThreadName:
      if (line.thread_name.empty()) return;
      AppendComma(out);
      out.Append(step.slot->prefix);
      return MemberWriter::WriteText(line.thread_name, false, out);
    case Step::kContext:
    case Step::kBound:
      return PutFrame(step, cursor);
    case Step::kFields:
      return PutFields(step, cursor);
    case Step::kLifted:
      return PutLifted(step, cursor);
    case Step::kException:
      return PutException(step, cursor);
    case Step::kOpen:
      open_.push_back(out.size());
      AppendComma(out);
      out.Append(step.slot->prefix);
      return out.Append('{');
    default:
      return;
  }
}

// Most are texts that the redactor leaves alone, and those are written as any other.
void JsonLayout::PutJudged(const PlanStep& step, Cursor& cursor) {
  const PlanField& field = cursor.plan.fields[step.index];
  uint32_t size = detail::kTextClipped;
  if (field.verdict == Verdict::kScan && field.type.kind == Kind::kString)
    std::memcpy(&size, cursor.at, sizeof(size));
  if (size < detail::kTextClipped) {
    const std::string_view text(cursor.at + sizeof(size), size);
    const std::string_view left = censor_.Scan(text);
    if (left.data() == text.data()) return PutText(step, cursor);
    cursor.at = text.data() + size;
    cursor.out.SetEnd(cursor.to);
    MemberWriter::WriteText(left, false, cursor.out);
  } else {
    cursor.out.SetEnd(cursor.to);
    writer_.WriteValue(
        {.path = field.name, .verdict = field.verdict, .field = TakeValue(field.type, field.name, cursor.at)},
        cursor.out);
  }
  cursor.to = cursor.out.Room(step.room);
  cursor.limit = cursor.out.limit();
}

void JsonLayout::PutFrame(const PlanStep& step, Cursor& cursor) {
  const Line& line = cursor.line;
  const FieldPlace& place = *step.slot->place;
  const FrameLook& look =
      step.step == Step::kContext ? contexts_.Of(*line.context, place) : bounds_.Of(*line.bound, place);
  const FrameLook* const bound = step.against_bound ? &bounds_.Of(*line.bound, place) : nullptr;
  const KeySet* keys = nullptr;
  if (step.against_fields)
    keys = cursor.plan.key.by_values ? &cursor.plan.field_keys : &FieldsIn(line, place).keys;
  const auto is_hidden = [&](const FrameLook::Piece& piece) {
    if (keys != nullptr && keys->Has(piece.key, piece.hash)) return true;
    return bound != nullptr && std::ranges::any_of(bound->pieces(), [&](const FrameLook::Piece& other) {
             return other.hash == piece.hash && other.key == piece.key;
           });
  };
  if (std::ranges::none_of(look.pieces(), is_hidden)) {
    if (look.text().empty()) return;
    AppendComma(cursor.out);
    return cursor.out.Append(look.text());
  }
  for (const FrameLook::Piece& piece : look.pieces()) {
    if (is_hidden(piece)) continue;
    AppendComma(cursor.out);
    cursor.out.Append(look.Text(piece));
  }
}

const JsonLayout::CallFields& JsonLayout::FieldsIn(const Line& line, const FieldPlace& place) {
  if (fields_.place == &place) return fields_;
  fields_.place = nullptr;
  fields_.members.clear();
  fields_.keys.clear();
  fields_.lifted.assign(layout_.lifted.size(), std::nullopt);
  writer_.Read(line.fields, place.reserved, fields_.members);
  std::erase_if(fields_.members, [this](const Member& member) {
    const auto known = std::ranges::find(layout_.lifted, member.key);
    if (known == layout_.lifted.end()) return false;
    fields_.lifted[static_cast<size_t>(known - layout_.lifted.begin())] = member;
    return true;
  });
  for (const Member& member : fields_.members) fields_.keys.Add(member.key, member.hash);
  fields_.place = &place;
  return fields_;
}

void JsonLayout::PutFields(const PlanStep& step, Cursor& cursor) {
  constexpr std::string_view kClippedKey = "fields_clipped";
  const CallFields& fields = FieldsIn(cursor.line, *step.slot->place);
  for (const Member& member : fields.members) {
    AppendComma(cursor.out);
    writer_.Write(member, cursor.out);
  }
  if (!cursor.line.fields_clipped || fields.keys.Has(kClippedKey, HashOf(kClippedKey))) return;
  AppendComma(cursor.out);
  cursor.out.Append("\"fields_clipped\":true");
}

void JsonLayout::PutLifted(const PlanStep& step, Cursor& cursor) {
  const Line& line = cursor.line;
  std::string_view json;
  const Member* own = nullptr;
  if (!cursor.plan.key.by_values) {
    const CallFields& fields = FieldsIn(line, *layout_.fields_place);
    if (fields.lifted[step.index].has_value()) own = &*fields.lifted[step.index];
  }
  if (own == nullptr && line.bound != nullptr)
    json = bounds_.Of(*line.bound, *layout_.fields_place).Lifted(step.index);
  if (own == nullptr && json.empty() && line.context != nullptr) {
    json = contexts_.Of(*line.context, *layout_.context_place).Lifted(step.index);
  }
  if (own == nullptr && json.empty()) return;
  AppendComma(cursor.out);
  cursor.out.Append(step.slot->prefix);
  if (own == nullptr) return cursor.out.Append(json);
  writer_.WriteValue(*own, cursor.out);
}

void JsonLayout::PutException(const PlanStep& step, Cursor& cursor) {
  const std::optional<EncodedField> exception = MemberWriter::ExceptionIn(cursor.line.fields);
  if (!exception.has_value()) return;
  const CompiledSlot& slot = *step.slot;
  OutBuffer& out = cursor.out;
  Member whole{.key = slot.key, .field = *exception};
  if (censor_.active()) {
    whole.path = "exception";
    whole.verdict = Verdict::kScan;
  }
  const size_t begin = out.size();
  const bool is_inline = slot.value == SlotValue::kExceptionInline;
  if (!is_inline) AppendComma(out);
  if (!is_inline && slot.children.empty()) return writer_.Write(whole, out);
  if (!is_inline) {
    out.Append(slot.prefix);
    out.Append('{');
  }
  std::vector<Member> members;
  writer_.ReadObject(whole, members);
  bool any = false;
  for (const CompiledSlot& child : slot.children) {
    const auto member = std::ranges::find(members, child.source, &Member::key);
    if (member == members.end() || cursor.line.level < child.from) continue;
    AppendComma(out);
    out.Append(child.prefix);
    writer_.WriteValue(*member, out);
    any = true;
  }
  if (is_inline) return;
  if (any) {
    out.Append('}');
  } else {
    out.resize_down(begin);
  }
}

}  // namespace taffrail::layout
