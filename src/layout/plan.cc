#include "layout/plan.h"

#include <algorithm>
#include <iterator>

#include "layout/put.h"
#include "record/json_writer.h"
#include "record/level.h"

namespace taffrail::layout {
namespace {

using detail::Kind;

// Bytes that a step writes at most, beside its literal; nothing for one that asks for room itself.
constexpr uint32_t kAsks = ~uint32_t{0};
uint32_t FixedSize(Step step) {
  switch (step) {
    case Step::kTimestamp:
      return 40;  // TimeText::kMaxBytes
    case Step::kInt:
    case Step::kUint:
    case Step::kThreadId:
      return 20;
    case Step::kDouble:
    case Step::kMoment:
    case Step::kDuration:
      return 32;
    case Step::kBool:
      return 5;
    case Step::kComma:
    case Step::kClose:
      return 1;
    case Step::kEnd:
    case Step::kPass:
    case Step::kSeek:
      return 0;
    default:
      return kAsks;
  }
}

Step StepOf(Kind kind) {
  switch (kind) {
    case Kind::kBool:
      return Step::kBool;
    case Kind::kInt:
      return Step::kInt;
    case Kind::kUint:
      return Step::kUint;
    case Kind::kDouble:
      return Step::kDouble;
    case Kind::kString:
      return Step::kText;
    case Kind::kTime:
      return Step::kMoment;
    case Kind::kDuration:
      return Step::kDuration;
    default:
      return Step::kJudged;
  }
}

class Builder {
 public:
  Builder(const CompiledLayout& layout, const Line& line, Censor& censor)
      : layout_(layout), line_(line), censor_(censor) {
    plan_.key = KeyOf(line);
  }

  Plan Build() {
    NameFields();
    // Fields that stand once, and in their order, are read as they come.
    plan_.seeks =
        CountFieldPlaces(layout_.slots) != 1 ||
        std::ranges::any_of(plan_.fields, [this](const PlanField& field) { return IsLifted(field); });
    plan_.literals.push_back('{');
    Object(layout_.slots);
    plan_.literals.append("}\n");
    Emit({.step = Step::kEnd});
    plan_.literals.append(kLiteralPadding, '\0');
    MeasureRoom();
    return std::move(plan_);
  }

 private:
  // Whether something stands in the present object.
  enum class Fill : uint8_t { kNothing, kSomething, kPerhaps };

  void NameFields() {
    if (!plan_.key.by_values || line_.site == nullptr) return;
    for (uint32_t i = 0; i < line_.site->field_count; ++i) {
      PlanField field{.type = line_.site->types[i],
                      .name = std::string(line_.site->keys[i].data, line_.site->keys[i].size)};
      if (field.type.kind == Kind::kDuration) {
        field.name.append(record::DurationEnding(field.name, field.type.unit));
      }
      record::AppendEscaped(field.name, field.key);
      field.verdict = censor_.JudgeKey(field.name);
      plan_.fields.push_back(std::move(field));
    }
  }

  int CountFieldPlaces(const std::vector<CompiledSlot>& slots) const {
    int count = 0;
    for (const CompiledSlot& slot : slots) {
      if (line_.level < slot.from) continue;
      if (slot.value == SlotValue::kMetadata || slot.value == SlotValue::kMetadataInline) ++count;
      if (slot.value == SlotValue::kObject) count += CountFieldPlaces(slot.children);
    }
    return count;
  }

  size_t LiftedIndex(const PlanField& field) const {
    return static_cast<size_t>(std::ranges::find(layout_.lifted, field.key) - layout_.lifted.begin());
  }
  bool IsLifted(const PlanField& field) const { return LiftedIndex(field) < layout_.lifted.size(); }

  // Whether the field stands in this place - it does not when a later one has its key there - and its key.
  bool StandsIn(size_t index, const FieldPlace& place, std::string& key) const {
    const PlanField& field = plan_.fields[index];
    if (field.verdict == Verdict::kRemove || IsLifted(field)) return false;
    key = Placed(field, place);
    for (size_t i = index + 1; i < plan_.fields.size(); ++i) {
      const PlanField& later = plan_.fields[i];
      if (later.verdict == Verdict::kRemove || IsLifted(later)) continue;
      if (Placed(later, place) == key) return false;
    }
    return true;
  }

  static std::string Placed(const PlanField& field, const FieldPlace& place) {
    const bool aside = place.reserved.Has(field.key, HashOf(field.key));
    return aside ? std::string(kAsidePrefix) + field.key : field.key;
  }

  void Emit(PlanStep step) {
    step.literal = pending_;
    step.literal_size = static_cast<uint32_t>(plan_.literals.size()) - pending_;
    pending_ = static_cast<uint32_t>(plan_.literals.size());
    plan_.steps.push_back(step);
  }

  // The next member of the present object begins.
  void Begin(std::string_view prefix) {
    if (fill_ == Fill::kPerhaps) Emit({.step = Step::kComma});
    if (fill_ == Fill::kSomething) plan_.literals.push_back(',');
    plan_.literals.append(prefix);
    fill_ = Fill::kSomething;
  }

  // A step that writes members, or nothing.
  void Optional(PlanStep step) {
    Emit(step);
    if (fill_ == Fill::kNothing) fill_ = Fill::kPerhaps;
  }

  template <typename Members>
  void OptionalObject(const CompiledSlot& slot, Members members) {
    Emit({.step = Step::kOpen, .slot = &slot});
    const Fill around = fill_ == Fill::kNothing ? Fill::kPerhaps : fill_;
    fill_ = Fill::kNothing;
    members();
    Emit({.step = Step::kClose});
    fill_ = around;
  }

  template <typename Members>
  void CertainObject(const CompiledSlot& slot, Members members) {
    Begin(slot.prefix);
    plan_.literals.push_back('{');
    fill_ = Fill::kNothing;
    members();
    plan_.literals.push_back('}');
    fill_ = Fill::kSomething;
  }

  void Constant(const CompiledSlot& slot, std::string_view json) {
    Begin(slot.prefix);
    plan_.literals.append(json);
  }

  void ConstantText(const CompiledSlot& slot, std::string_view text) {
    if (text.empty()) return;
    Begin(slot.prefix);
    record::AppendJsonString(text, plan_.literals);
  }

  bool HasFields(const FieldPlace& place) const {
    std::string key;
    for (size_t i = 0; i < plan_.fields.size(); ++i) {
      if (StandsIn(i, place, key)) return true;
    }
    return false;
  }

  // Whether the slot writes something on every line of the plan.
  bool IsCertain(const CompiledSlot& slot) const {
    if (line_.level < slot.from) return false;
    switch (slot.value) {
      case SlotValue::kTimestamp:
      case SlotValue::kLevel:
      case SlotValue::kMessage:
      case SlotValue::kSeverityNumber:
        return true;
      case SlotValue::kMetadata:
      case SlotValue::kMetadataInline:
        return HasFields(*slot.place);
      case SlotValue::kObject:
        return std::ranges::any_of(slot.children,
                                   [this](const CompiledSlot& child) { return IsCertain(child); });
      case SlotValue::kLogger:
        return !LoggerName().empty();
      case SlotValue::kFile:
      case SlotValue::kModule:
      case SlotValue::kFunction:
        return !SourceText(slot.value).empty();
      case SlotValue::kLine:
        return HasLine();
      default:
        return !slot.constant.empty();
    }
  }

  std::string_view LoggerName() const { return line_.logger == nullptr ? "" : line_.logger->name; }

  // Another library may not say where a line comes from.
  bool HasLine() const { return line_.site != nullptr && line_.site->place.line != 0; }

  std::string_view SourceText(SlotValue value) const {
    if (line_.site == nullptr) return {};
    if (value == SlotValue::kFunction) return FunctionName(line_.site->place.function);
    const std::string_view file = line_.site->place.file;
    return value == SlotValue::kModule ? ModuleName(file) : file;
  }

  void Object(const std::vector<CompiledSlot>& slots) {
    for (const CompiledSlot& slot : slots) {
      if (line_.level >= slot.from) Slot(slot);
    }
  }

  void Slot(const CompiledSlot& slot) {
    switch (slot.value) {
      case SlotValue::kTimestamp:
        Begin(slot.prefix);
        plan_.literals.push_back('"');
        Emit({.step = Step::kTimestamp});
        plan_.literals.push_back('"');
        return;
      case SlotValue::kLevel:
        return ConstantText(slot, record::LevelName(line_.level));
      case SlotValue::kSeverityNumber:
        return Constant(slot, std::to_string(record::OtelSeverity(line_.level)));
      case SlotValue::kLogger:
        return ConstantText(slot, LoggerName());
      case SlotValue::kFile:
      case SlotValue::kModule:
      case SlotValue::kFunction:
        return ConstantText(slot, SourceText(slot.value));
      case SlotValue::kLine:
        if (HasLine()) Constant(slot, std::to_string(line_.site->place.line));
        return;
      case SlotValue::kMessage:
        return Message(slot);
      case SlotValue::kThreadId:
        Begin(slot.prefix);
        return Emit({.step = Step::kThreadId});
      case SlotValue::kThreadName:
        return Optional({.step = Step::kThreadName, .slot = &slot});
      case SlotValue::kObject:
        return Children(slot);
      case SlotValue::kException:
      case SlotValue::kExceptionInline:
        // An exception comes with encoded fields.
        if (!plan_.key.by_values) Optional({.step = Step::kException, .slot = &slot});
        return;
      case SlotValue::kField:
        return Lifted(slot);
      case SlotValue::kContext:
        if (plan_.key.context) OptionalObject(slot, [&] { Context(slot); });
        return;
      case SlotValue::kContextInline:
        if (plan_.key.context) Context(slot);
        return;
      case SlotValue::kMetadata:
        return Metadata(slot);
      case SlotValue::kMetadataInline:
        return Fields(slot);
      default:
        return Constant(slot, slot.constant);
    }
  }

  void Message(const CompiledSlot& slot) {
    Begin(slot.prefix);
    if (!plan_.key.literal_message) return Emit({.step = Step::kMessage});
    record::AppendJsonString(line_.message, plan_.literals);
  }

  void Children(const CompiledSlot& slot) {
    if (IsCertain(slot)) return CertainObject(slot, [&] { Object(slot.children); });
    OptionalObject(slot, [&] { Object(slot.children); });
  }

  void Context(const CompiledSlot& slot) {
    Optional({.step = Step::kContext,
              .against_fields = slot.shares_object,
              .against_bound = slot.shares_object && plan_.key.bound,
              .slot = &slot});
    if (slot.shares_object) KeepKeys(*slot.place);
  }

  void Metadata(const CompiledSlot& slot) {
    if (HasFields(*slot.place)) return CertainObject(slot, [&] { Fields(slot); });
    if (plan_.key.by_values && !plan_.key.bound) return;
    OptionalObject(slot, [&] { Fields(slot); });
  }

  void Fields(const CompiledSlot& slot) {
    if (plan_.key.bound) {
      Optional({.step = Step::kBound, .against_fields = true, .slot = &slot});
      KeepKeys(*slot.place);
    }
    if (!plan_.key.by_values) return Optional({.step = Step::kFields, .slot = &slot});
    std::string key;
    for (size_t i = 0; i < plan_.fields.size(); ++i) {
      if (StandsIn(i, *slot.place, key)) {
        Begin('"' + key + "\":");
        Value(i);
      } else if (!plan_.seeks) {
        Emit({.step = Step::kPass, .index = static_cast<uint16_t>(i)});
      }
    }
  }

  void Value(size_t i) {
    const PlanField& field = plan_.fields[i];
    const auto index = static_cast<uint16_t>(i);
    if (plan_.seeks) Emit({.step = Step::kSeek, .index = index});
    const bool plain = field.verdict == Verdict::kLeave ||
                       (field.verdict == Verdict::kScan && field.type.kind != Kind::kString);
    if (plain && field.type.kind == Kind::kNull) {
      plan_.literals.append("null");
      return;
    }
    PlanStep step{.step = plain ? StepOf(field.type.kind) : Step::kJudged, .index = index};
    if (field.type.kind == Kind::kDuration) step.scale = record::DurationScale(field.name, field.type.unit);
    Emit(step);
  }

  void Lifted(const CompiledSlot& slot) {
    for (size_t i = plan_.fields.size(); i-- > 0;) {
      const PlanField& field = plan_.fields[i];
      if (LiftedIndex(field) != slot.lifted || field.verdict == Verdict::kRemove) continue;
      Begin(slot.prefix);
      return Value(i);
    }
    if (plan_.key.by_values && !plan_.key.context && !plan_.key.bound) return;
    Optional({.step = Step::kLifted, .index = static_cast<uint16_t>(slot.lifted), .slot = &slot});
  }

  // Frames will be compared with the call's fields.
  void KeepKeys(const FieldPlace& place) {
    std::string key;
    for (size_t i = 0; i < plan_.fields.size(); ++i) {
      if (!StandsIn(i, place, key) || plan_.field_keys.Has(key, HashOf(key))) continue;
      const std::string& kept = plan_.names.emplace_back(key);
      plan_.field_keys.Add(kept, HashOf(kept));
    }
  }

  void MeasureRoom() {
    uint32_t room = 0;
    for (size_t i = plan_.steps.size(); i-- > 0;) {
      PlanStep& step = plan_.steps[i];
      const uint32_t fixed = FixedSize(step.step);
      step.room = room;
      room = (fixed == kAsks ? 0 : room + fixed) + step.literal_size;
    }
    plan_.room = room;
  }

  const CompiledLayout& layout_;
  const Line& line_;
  Censor& censor_;
  Plan plan_;
  uint32_t pending_ = 0;  // where the literal begins that no step has yet
  Fill fill_ = Fill::kNothing;
};

}  // namespace

PlanKey KeyOf(const Line& line) {
  return {.logger = line.logger,
          .level = line.level,
          .context = line.context != nullptr,
          .bound = line.bound != nullptr,
          .literal_message = line.site != nullptr && line.site->message_size != 0 && !line.message_clipped &&
                             line.message.data() == line.site->message.load_relaxed(),
          .by_values = line.values != nullptr};
}

std::string_view FunctionName(std::string_view function) {
  constexpr std::string_view kAnonymous[] = {"(anonymous namespace)", "{anonymous}"};
  size_t begin = 0;
  int templates = 0;
  for (size_t i = 0; i < function.size(); ++i) {
    const std::string_view rest = function.substr(i);
    const auto named = std::ranges::find_if(kAnonymous, [&](auto name) { return rest.starts_with(name); });
    if (named != std::end(kAnonymous)) {  // says nothing, and brings a brace
      i += named->size() - 1;
      if (function.substr(i + 1).starts_with("::")) begin = i + 3;
    } else if (rest.starts_with("operator")) {  // its own name may have any of these characters
      const size_t parameters = rest.find('(', rest.starts_with("operator()") ? 10 : 0);
      return function.substr(begin, i + std::min(parameters, rest.size()) - begin);
    } else if (rest[0] == '<') {
      ++templates;
    } else if (rest[0] == '>') {
      --templates;
    } else if (templates == 0 && rest[0] == '(') {
      return function.substr(begin, i - begin);
    } else if (templates == 0 && (rest[0] == ' ' || rest[0] == '*' || rest[0] == '&')) {
      begin = i + 1;
    }
  }
  return function.substr(begin);
}

std::string_view ModuleName(std::string_view file) {
  const size_t slash = file.rfind('/');
  if (slash != std::string_view::npos) file.remove_prefix(slash + 1);
  const size_t dot = file.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? file : file.substr(0, dot);
}

Plan MakePlan(const CompiledLayout& layout, const Line& line, Censor& censor) {
  return Builder(layout, line, censor).Build();
}

}  // namespace taffrail::layout
