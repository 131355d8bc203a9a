#include "record/layout_fields.h"

#include <array>
#include <bit>
#include <cassert>
#include <cstring>

#include "record/json_writer.h"

namespace taffrail::record {
namespace {

using detail::FieldHead;
using detail::Unit;

struct UnitForm {
  Unit unit;
  std::string_view ending;
  int64_t nanos;
};
// The first of each unit is the ending that we write; all are understood.
constexpr std::array kUnits = {
    UnitForm{Unit::kNanos, "_ns", 1},
    UnitForm{Unit::kMicros, "_us", 1'000},
    UnitForm{Unit::kMillis, "_ms", 1'000'000},
    UnitForm{Unit::kSeconds, "_s", 1'000'000'000},
    UnitForm{Unit::kSeconds, "_seconds", 1'000'000'000},
    UnitForm{Unit::kMinutes, "_min", 60'000'000'000},
    UnitForm{Unit::kMinutes, "_minutes", 60'000'000'000},
    UnitForm{Unit::kHours, "_h", 3'600'000'000'000},
    UnitForm{Unit::kHours, "_hours", 3'600'000'000'000},
};

const UnitForm* UnitInKey(std::string_view key) {
  for (const UnitForm& form : kUnits) {
    if (key.ends_with(form.ending)) return &form;
  }
  return nullptr;
}

const UnitForm& FormOf(Unit unit) {
  for (const UnitForm& form : kUnits) {
    if (form.unit == unit) return form;
  }
  return kUnits[0];
}

void AppendKey(const EncodedField& field, std::string& out) {
  out.push_back('"');
  AppendEscaped(field.key, out);
  if (field.kind == detail::Kind::kDuration) out.append(DurationEnding(field.key, field.unit));
  out.append("\":", 2);
}

// Millisecond digits when that says it all, else micro, else nano.
int TimeDigits(int64_t time_ns) {
  if (time_ns % 1'000'000 == 0) return 3;
  return time_ns % 1'000 == 0 ? 6 : 9;
}

void AppendMember(const EncodedField& field, std::string& out) {
  if (out.back() != '{') out.push_back(',');
  AppendKey(field, out);
  AppendJsonValue(field, out);
}

}  // namespace

bool FieldCursor::Next(EncodedField& field) {
  if (at_ == end_) return false;
  FieldHead head;
  assert(static_cast<size_t>(end_ - at_) >= sizeof(head));
  std::memcpy(&head, at_, sizeof(head));
  at_ += sizeof(head);
  field.key = {at_, head.key_size};
  at_ += head.key_size;
  field.kind = head.kind;
  field.unit = static_cast<Unit>(head.flags >> FieldHead::kUnitShift);
  field.clipped = (head.flags & FieldHead::kClipped) != 0;
  field.is_exception = (head.flags & FieldHead::kException) != 0;
  assert(static_cast<size_t>(end_ - at_) >= head.payload_size);
  field.payload = {at_, head.payload_size};
  field.bits = 0;
  if (head.payload_size == 8) {
    std::memcpy(&field.bits, at_, 8);
  } else if (head.payload_size == 1) {
    field.bits = static_cast<uint8_t>(*at_);
  }
  at_ += head.payload_size;
  return true;
}

void AppendJsonValue(const EncodedField& field, std::string& out) {
  switch (field.kind) {
    case detail::Kind::kNull:
      out.append("null", 4);
      return;
    case detail::Kind::kBool:
      AppendBool(field.bits != 0, out);
      return;
    case detail::Kind::kInt:
      AppendInt(static_cast<int64_t>(field.bits), out);
      return;
    case detail::Kind::kUint:
      AppendUint(field.bits, out);
      return;
    case detail::Kind::kDouble:
      AppendDouble(std::bit_cast<double>(field.bits), out);
      return;
    case detail::Kind::kString:
      out.push_back('"');
      AppendEscaped(field.payload, out);
      if (field.clipped) out.append(kClippedMark);
      out.push_back('"');
      return;
    case detail::Kind::kTime: {
      char text[32];
      out.append(text, PutTime(static_cast<int64_t>(field.bits), text));
      return;
    }
    case detail::Kind::kDuration: {
      char text[32];
      const int64_t scale = DurationScale(field.key, field.unit);
      out.append(text, PutDuration(static_cast<int64_t>(field.bits), scale, text));
      return;
    }
    case detail::Kind::kObject:
      out.push_back('{');
      AppendMembers(field.payload, out);
      out.push_back('}');
      return;
    case detail::Kind::kArray: {
      out.push_back('[');
      FieldCursor elements(field.payload);
      for (EncodedField element; elements.Next(element);) {
        if (out.back() != '[') out.push_back(',');
        AppendJsonValue(element, out);
      }
      out.push_back(']');
      return;
    }
  }
}

void AppendMembers(std::string_view fields, std::string& out) {
  FieldCursor cursor(fields);
  for (EncodedField field; cursor.Next(field);) {
    if (!field.is_exception) AppendMember(field, out);
  }
}

void EncodeValues(const detail::CallSite& site, const char* values, std::string& out) {
  for (uint32_t i = 0; i < site.field_count; ++i) {
    detail::Scalar value{.kind = site.types[i].kind, .unit = site.types[i].unit};
    if (value.kind == detail::Kind::kString) {
      uint32_t size = 0;
      std::memcpy(&size, values, sizeof(size));
      values += sizeof(size);
      if (size == detail::kTextNull) {
        value.kind = detail::Kind::kNull;
      } else {
        value.clipped = (size & detail::kTextClipped) != 0;
        value.size = size & ~detail::kTextClipped;
        value.text = values;
        values += value.size;
      }
    } else if (value.kind != detail::Kind::kNull) {
      value.size = value.kind == detail::Kind::kBool ? 1 : 8;
      std::memcpy(&value.bits, values, value.size);
      values += value.size;
    }
    const Key key(std::string_view(site.keys[i].data, site.keys[i].size));
    const size_t at = out.size();
    out.resize(at + detail::field_size(key, value));
    detail::put_field(out.data() + at, key, value);
  }
}

std::string WrittenKey(const EncodedField& field) {
  std::string key(field.key);
  if (field.kind == detail::Kind::kDuration) key.append(DurationEnding(field.key, field.unit));
  return key;
}

std::string_view DurationEnding(std::string_view key, Unit unit) {
  return UnitInKey(key) == nullptr ? FormOf(unit).ending : std::string_view();
}

int64_t DurationScale(std::string_view key, Unit unit) {
  const UnitForm* named = UnitInKey(key);
  return (named != nullptr ? *named : FormOf(unit)).nanos;
}

char* PutDuration(int64_t nanos, int64_t scale, char* to) {
  if (nanos % scale == 0) return PutInt(nanos / scale, to);
  return PutDouble(static_cast<double>(nanos) / static_cast<double>(scale), to);
}

char* PutTime(int64_t time_ns, char* to) {
  *to++ = '"';
  to = PutRfc3339(time_ns, TimeDigits(time_ns), to);
  *to++ = '"';
  return to;
}

}  // namespace taffrail::record
