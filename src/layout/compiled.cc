#include "layout/compiled.h"

#include <algorithm>

#include "record/json_writer.h"

namespace taffrail::layout {
namespace {

std::string Quoted(std::string_view text) {
  std::string json;
  record::AppendJsonString(text, json);
  return json;
}

bool IsOfProcess(SlotValue value) {
  switch (value) {
    case SlotValue::kService:
    case SlotValue::kEnvironment:
    case SlotValue::kVersion:
    case SlotValue::kHostname:
    case SlotValue::kProcessId:
    case SlotValue::kProcessName:
    case SlotValue::kConstant:
      return true;
    default:
      return false;
  }
}

// As JSON; empty when there is nothing to write.
std::string ConstantOf(const SlotConfig& slot, const Process& process) {
  const auto quoted = [](const std::string& text) { return text.empty() ? text : Quoted(text); };
  switch (slot.value) {
    case SlotValue::kService:
      return quoted(process.service);
    case SlotValue::kEnvironment:
      return quoted(process.environment);
    case SlotValue::kVersion:
      return quoted(process.version);
    case SlotValue::kHostname:
      return quoted(process.hostname);
    case SlotValue::kProcessName:
      return quoted(process.name);
    case SlotValue::kProcessId:
      return process.id == 0 ? "" : std::to_string(process.id);
    default:
      return Quoted(slot.source);
  }
}

bool IsInline(SlotValue value) {
  return value == SlotValue::kContextInline || value == SlotValue::kMetadataInline ||
         value == SlotValue::kExceptionInline;
}

class Compiler {
 public:
  Compiler(const Process& process, CompiledLayout& out) : process_(process), out_(out) {
    out_.places.push_back(std::make_unique<FieldPlace>());
  }

  // All of them first: a lifted name is nobody's own.
  void FindLifted(const std::vector<SlotConfig>& slots) {
    for (const SlotConfig& slot : slots) {
      if (slot.value == SlotValue::kField) Lift(slot.source);
      if (slot.value == SlotValue::kObject) FindLifted(slot.children);
    }
  }

  std::vector<CompiledSlot> Object(const std::vector<SlotConfig>& slots) {
    out_.places.push_back(std::make_unique<FieldPlace>());
    FieldPlace& place = *out_.places.back();
    const auto has = [&](SlotValue value) {
      return std::ranges::any_of(
          slots, [&](const SlotConfig& slot) { return slot.value == value && slot.from != Level::kOff; });
    };
    const bool shares = has(SlotValue::kContextInline) && has(SlotValue::kMetadataInline);
    KeySet taken;
    std::vector<CompiledSlot> compiled;
    for (const SlotConfig& slot : slots) {
      if (slot.from == Level::kOff) continue;
      CompiledSlot made{.value = slot.value, .from = slot.from, .shares_object = shares};
      if (!IsInline(slot.value)) {
        if (IsOfProcess(slot.value)) made.constant = ConstantOf(slot, process_);
        if (IsOfProcess(slot.value) && made.constant.empty()) continue;
        if (!Take(slot.key, taken, place, made)) continue;
      }
      const bool is_inline_fields =
          slot.value == SlotValue::kContextInline || slot.value == SlotValue::kMetadataInline;
      made.place = is_inline_fields ? &place : out_.places.front().get();
      RememberPlace(made);
      if (slot.value == SlotValue::kField) made.lifted = Lift(slot.source);
      if (slot.value == SlotValue::kObject) made.children = Object(slot.children);
      if (slot.value == SlotValue::kException) {
        KeySet own;
        FieldPlace nobodys;
        made.children = ExceptionSlots(slot.children, own, nobodys);
      }
      if (slot.value == SlotValue::kExceptionInline) {
        made.children = ExceptionSlots(slot.children, taken, place);
      }
      compiled.push_back(std::move(made));
    }
    return compiled;
  }

 private:
  size_t Lift(const std::string& name) {
    std::string written;
    record::AppendEscaped(name, written);
    const auto known = std::ranges::find(out_.lifted, written);
    const auto index = static_cast<size_t>(known - out_.lifted.begin());
    if (known == out_.lifted.end()) out_.lifted.push_back(std::move(written));
    return index;
  }

  void RememberPlace(const CompiledSlot& slot) {
    const bool context = slot.value == SlotValue::kContext || slot.value == SlotValue::kContextInline;
    const bool fields = slot.value == SlotValue::kMetadata || slot.value == SlotValue::kMetadataInline;
    if (context && out_.context_place == nullptr) out_.context_place = slot.place;
    if (fields && out_.fields_place == nullptr) out_.fields_place = slot.place;
  }

  // False when a slot before has the key.
  bool Take(const std::string& key, KeySet& taken, FieldPlace& place, CompiledSlot& slot) {
    record::AppendEscaped(key, slot.key);
    slot.prefix = '"' + slot.key + "\":";
    const uint32_t hash = HashOf(slot.key);
    if (taken.Has(slot.key, hash)) return false;
    const std::string& kept = out_.names.emplace_back(slot.key);
    taken.Add(kept, hash);
    if (std::ranges::find(out_.lifted, kept) == out_.lifted.end()) place.reserved.Add(kept, hash);
    return true;
  }

  // The members of an exception that are wanted, by the names they have there.
  std::vector<CompiledSlot> ExceptionSlots(const std::vector<SlotConfig>& slots, KeySet& taken,
                                           FieldPlace& place) {
    std::vector<CompiledSlot> compiled;
    for (const SlotConfig& slot : slots) {
      CompiledSlot made{.value = slot.value, .from = slot.from, .source = slot.source};
      if (slot.value != SlotValue::kField || !Take(slot.key, taken, place, made)) continue;
      compiled.push_back(std::move(made));
    }
    return compiled;
  }

  const Process& process_;
  CompiledLayout& out_;
};

}  // namespace

CompiledLayout Compile(const LayoutConfig& config, const Process& process) {
  CompiledLayout layout;
  Compiler compiler(process, layout);
  compiler.FindLifted(config.slots);
  layout.slots = compiler.Object(config.slots);
  if (layout.context_place == nullptr) layout.context_place = layout.places.front().get();
  if (layout.fields_place == nullptr) layout.fields_place = layout.places.front().get();
  return layout;
}

}  // namespace taffrail::layout
