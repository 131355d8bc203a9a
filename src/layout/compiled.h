// A layout's table, checked and made ready: keys escaped and each there once, what is empty for the whole
// process gone, and for every object which names its own slots take.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "layout/frame_look.h"
#include "layout/layout.h"

namespace taffrail::layout {

struct CompiledSlot {
  SlotValue value;
  Level from;
  std::string key = {};               // as written; empty of the inline ones
  std::string prefix = {};            // "key":
  std::string constant = {};          // JSON, of what is the same on each line of the process
  std::string source = {};            // of an exception's slots: the name within the exception
  size_t lifted = 0;                  // kField: index into CompiledLayout::lifted
  const FieldPlace* place = nullptr;  // of fields, in whatever form
  bool shares_object = false;         // kContextInline, kMetadataInline: the other is in the same object
  std::vector<CompiledSlot> children = {};  // kObject, and of an exception the wanted
};

struct CompiledLayout {
  std::vector<CompiledSlot> slots;
  std::vector<std::string> lifted;  // names of fields that have slots of their own
  // Where fields stand; the first is an object of fields alone.
  std::vector<std::unique_ptr<FieldPlace>> places;
  // The first of the table, from whose looks lifted fields are taken as well.
  const FieldPlace* context_place = nullptr;
  const FieldPlace* fields_place = nullptr;
  std::deque<std::string> names;  // what the places refer to
};

CompiledLayout Compile(const LayoutConfig& config, const Process& process);

}  // namespace taffrail::layout
