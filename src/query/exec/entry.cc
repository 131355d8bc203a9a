#include "query/exec/entry.h"

#include <algorithm>

#include "query/exec/sort_buffer.h"

namespace taffrail::query::exec {

using Source = expr::FieldRef::Source;

const EntryField* Entry::Find(std::string_view name) const {
  for (const EntryField& field : fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

bool Entry::HasBase(std::string_view name) const {
  const bool of_stream =
      stream != nullptr &&
      std::any_of(stream->begin(), stream->end(), [name](const auto& label) { return label.first == name; });
  if (of_stream) return true;
  const EntryField* const field = Find(name);
  return field != nullptr && field->origin == EntryField::Origin::kAttribute;
}

void Entry::Set(std::string_view name, expr::Value value, EntryField::Origin origin) {
  if (name == kErrorField) {
    error = expr::ToText(value);
    return;
  }
  if (name == kErrorDetailsField) {
    error_details = expr::ToText(value);
    return;
  }
  for (EntryField& field : fields) {
    if (field.name != name) continue;
    field.value = std::move(value);
    field.is_changed = true;
    return;
  }
  fields.push_back({std::string(name), std::move(value), origin});
}

void Entry::Remove(std::string_view name) {
  if (name == kErrorField) error.clear();
  if (name == kErrorDetailsField) error_details.clear();
  std::erase_if(fields, [&](const EntryField& field) { return field.name == name; });
}

void Entry::SetError(std::string_view name, std::string_view details) {
  error = name;
  error_details = details;
}

size_t Entry::HeapBytes() const {
  size_t bytes =
      sizeof(Entry) + line.capacity() + fields.capacity() * sizeof(EntryField) + exec::HeapBytes(record);
  for (const EntryField& field : fields) bytes += field.name.capacity() + exec::HeapBytes(field.value);
  return bytes;
}

LabelSet LabelsOf(const Entry& entry) {
  LabelSet labels;
  labels.reserve(entry.fields.size() + 2);
  for (const EntryField& field : entry.fields) {
    std::string text = expr::ToText(field.value);
    if (!text.empty()) labels.emplace_back(field.name, std::move(text));
  }
  if (!entry.error.empty()) {
    labels.emplace_back(kErrorField, entry.error);
    if (!entry.error_details.empty()) labels.emplace_back(kErrorDetailsField, entry.error_details);
  }
  std::sort(labels.begin(), labels.end());
  return labels;
}

size_t EntrySchema::Add(const expr::FieldRef& field) {
  if (field.source == Source::kLabel || field.source == Source::kLogql || field.source == Source::kLine ||
      field.source == Source::kTimestamp || field.source == Source::kSequence) {
    return kNone;
  }
  const auto found = std::find(fields_.begin(), fields_.end(), field);
  if (found != fields_.end()) return static_cast<size_t>(found - fields_.begin());
  fields_.push_back(field);
  return fields_.size() - 1;
}

expr::Value EntryReader::Read(const Entry& entry) const {
  switch (field_.source) {
    case Source::kLine:
      return entry.line;
    case Source::kTimestamp:
      return entry.timestamp_ns;
    case Source::kSequence:
      return static_cast<int64_t>(entry.sequence);
    case Source::kStream:
      for (const auto& [name, value] : *entry.stream) {
        if (name == field_.name) return value;
      }
      return expr::Missing{};
    case Source::kLabel:
    case Source::kLogql:
    case Source::kField:
      if (field_.name == kErrorField && !entry.error.empty()) return entry.error;
      if (field_.name == kErrorDetailsField && !entry.error_details.empty()) return entry.error_details;
      if (const EntryField* const field = entry.Find(field_.name)) {
        // A label or attribute counts for kField as it does in the record: after the line's own field.
        const bool is_made = field->origin == EntryField::Origin::kParsed || field->is_changed;
        if (is_made || field_.source != Source::kField) return field->value;
      }
      [[fallthrough]];
    default:
      return number_ < entry.record.size() ? entry.record[number_] : expr::Value(expr::Missing{});
  }
}

}  // namespace taffrail::query::exec
