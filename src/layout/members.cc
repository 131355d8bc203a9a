#include "layout/members.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_map>

#include "layout/put.h"
#include "record/json_writer.h"

namespace taffrail::layout {

using detail::Kind;
using record::EncodedField;
using record::FieldCursor;

namespace {

constexpr std::string_view kNoPath;

// Of members of equal names, from `begin` on, the last stays.
void KeepLast(std::vector<Member>& members, size_t begin) {
  constexpr size_t kFew = 24;  // up to here comparing all pairs is cheaper than a table
  const size_t count = members.size() - begin;
  std::vector<bool> dropped;
  const auto drop = [&](size_t i) {
    dropped.resize(members.size());
    dropped[i] = true;
  };
  if (count <= kFew) {
    for (size_t i = begin; i + 1 < members.size(); ++i) {
      for (size_t j = i + 1; j < members.size(); ++j) {
        if (members[i].hash == members[j].hash && members[i].key == members[j].key) drop(i);
      }
    }
  } else {
    std::unordered_map<std::string_view, size_t> last;
    for (size_t i = begin; i < members.size(); ++i) {
      const auto [known, fresh] = last.try_emplace(members[i].key, i);
      if (fresh) continue;
      drop(known->second);
      known->second = i;
    }
  }
  if (dropped.empty()) return;
  size_t kept = begin;
  for (size_t i = begin; i < members.size(); ++i) {
    if (!dropped[i]) members[kept++] = members[i];
  }
  members.resize(kept);
}

}  // namespace

uint32_t HashOf(std::string_view key) {
  // FNV-1a: keys are short, and their number is small.
  uint32_t hash = 2'166'136'261;
  for (const char c : key) hash = (hash ^ static_cast<uint8_t>(c)) * 16'777'619;
  return hash;
}

void KeySet::clear() {
  std::ranges::fill(bits_, 0);
  keys_.clear();
}

void KeySet::Add(std::string_view key, uint32_t hash) {
  bits_[hash >> 6 & 3] |= uint64_t{1} << (hash & 63);
  keys_.push_back({key, hash});
}

bool KeySet::Find(std::string_view key, uint32_t hash) const {
  return std::ranges::any_of(keys_,
                             [&](const Entry& entry) { return entry.hash == hash && entry.key == key; });
}

std::string_view MemberWriter::Join(std::string_view a, std::string_view b, std::string_view c) {
  remembers_ = true;
  char* const to = static_cast<char*>(memory_.allocate(a.size() + b.size() + c.size() + 1, 1));
  char* at = std::copy(a.begin(), a.end(), to);
  at = std::copy(b.begin(), b.end(), at);
  at = std::copy(c.begin(), c.end(), at);
  return {to, static_cast<size_t>(at - to)};
}

std::string_view MemberWriter::KeyOf(std::string_view name) {
  if (record::IsCanonical(name)) return name;
  std::string escaped;
  record::AppendEscaped(name, escaped);
  return Join(escaped, {}, {});
}

std::string_view MemberWriter::Aside(std::string_view key) { return Join(kAsidePrefix, key, {}); }

void MemberWriter::Read(std::string_view fields, const KeySet& reserved, std::vector<Member>& members) {
  const size_t begin = members.size();
  Collect(fields, {kNoPath, {}, censor_.active() ? Verdict::kScan : Verdict::kLeave, &reserved}, members);
  KeepLast(members, begin);
}

std::optional<EncodedField> MemberWriter::ExceptionIn(std::string_view fields) {
  FieldCursor cursor(fields);
  for (EncodedField field; cursor.Next(field);) {
    if (field.is_exception) return field;
  }
  return std::nullopt;
}

void MemberWriter::Collect(std::string_view fields, const Place& place, std::vector<Member>& members) {
  FieldCursor cursor(fields);
  for (EncodedField field; cursor.Next(field);) {
    if (field.is_exception) continue;
    std::string_view name = field.key;
    if (field.kind == Kind::kDuration) {
      const std::string_view ending = record::DurationEnding(field.key, field.unit);
      if (!ending.empty()) name = Join(name, ending, {});
    }
    Member member{.field = field};
    if (place.verdict != Verdict::kLeave) {
      member.path = place.path.empty() ? name : Join(place.path, ".", name);
      member.verdict = censor_.JudgeKey(member.path);
      if (member.verdict == Verdict::kRemove) continue;
    }
    if (!place.key_prefix.empty()) name = Join(place.key_prefix, ".", name);
    const bool whole = member.verdict == Verdict::kReplace || member.verdict == Verdict::kStars;
    if (dotted_ && place.reserved != nullptr && field.kind == Kind::kObject && !whole &&
        !field.payload.empty()) {
      Collect(field.payload, {member.path, name, member.verdict, place.reserved}, members);
      continue;
    }
    member.key = KeyOf(name);
    member.hash = HashOf(member.key);
    if (place.reserved != nullptr && place.reserved->Has(member.key, member.hash)) {
      member.key = Aside(member.key);
      member.hash = HashOf(member.key);
    }
    members.push_back(member);
  }
}

void MemberWriter::Write(const Member& member, OutBuffer& out) {
  out.Append('"');
  out.Append(member.key);
  out.Append("\":");
  WriteValue(member, out);
}

void MemberWriter::WriteValue(const Member& member, OutBuffer& out) {
  if (member.verdict == Verdict::kReplace || member.verdict == Verdict::kStars) {
    return WriteReplacement(member, out);
  }
  switch (member.field.kind) {
    case Kind::kString:
      return WriteText(
          member.verdict == Verdict::kScan ? censor_.Scan(member.field.payload) : member.field.payload,
          member.field.clipped, out);
    case Kind::kObject:
      return WriteObject(member, out);
    case Kind::kArray:
      return WriteArray(member, out);
    default:
      return WriteScalar(member, out);
  }
}

void MemberWriter::WriteText(std::string_view text, bool clipped, OutBuffer& out) {
  char* to = out.Room(text.size() + 2 + record::kClippedMark.size());
  *to++ = '"';
  if (CopyPlain(text.data(), text.size(), to)) {
    to += text.size();
  } else {
    std::string escaped;
    record::AppendEscaped(text, escaped);
    out.SetEnd(to);
    to = std::ranges::copy(escaped, out.Room(escaped.size() + 1 + record::kClippedMark.size())).out;
  }
  if (clipped) to = std::ranges::copy(record::kClippedMark, to).out;
  *to++ = '"';
  out.SetEnd(to);
}

std::vector<Member>& MemberWriter::Scratch(size_t depth) {
  while (scratch_.size() <= depth) scratch_.emplace_back();
  scratch_[depth].clear();
  return scratch_[depth];
}

void MemberWriter::ReadObject(const Member& object, std::vector<Member>& members) {
  Collect(object.field.payload, {object.path, {}, object.verdict, nullptr}, members);
  KeepLast(members, 0);
}

void MemberWriter::WriteObject(const Member& member, OutBuffer& out) {
  std::vector<Member>& members = Scratch(depth_);
  ReadObject(member, members);
  ++depth_;
  out.Append('{');
  for (const Member& inner : members) {
    if (&inner != members.data()) out.Append(',');
    Write(inner, out);
  }
  out.Append('}');
  --depth_;
}

void MemberWriter::WriteArray(const Member& member, OutBuffer& out) {
  out.Append('[');
  FieldCursor elements(member.field.payload);
  bool first = true;
  for (Member element{.path = member.path, .verdict = member.verdict}; elements.Next(element.field);) {
    if (!first) out.Append(',');
    first = false;
    WriteValue(element, out);
  }
  out.Append(']');
}

void MemberWriter::WriteScalar(const Member& member, OutBuffer& out) {
  constexpr size_t kLongest = 32;
  char* to = out.Room(kLongest);
  const EncodedField& field = member.field;
  const auto number = static_cast<int64_t>(field.bits);
  switch (field.kind) {
    case Kind::kBool:
      return out.Append(field.bits != 0 ? "true" : "false");
    case Kind::kInt:
      return out.SetEnd(record::PutInt(number, to));
    case Kind::kUint:
      return out.SetEnd(record::PutUint(field.bits, to));
    case Kind::kDouble:
      return out.SetEnd(record::PutDouble(std::bit_cast<double>(field.bits), to));
    case Kind::kTime:
      return out.SetEnd(record::PutTime(number, to));
    case Kind::kDuration:
      return out.SetEnd(record::PutDuration(number, record::DurationScale(field.key, field.unit), to));
    default:
      return out.Append("null");
  }
}

void MemberWriter::WriteReplacement(const Member& member, OutBuffer& out) {
  if (member.field.kind == Kind::kString) {
    return WriteText(censor_.Replacement(member.verdict, member.path, member.field.payload), false, out);
  }
  OutBuffer json;
  Member plain = member;
  plain.verdict = Verdict::kLeave;
  WriteValue(plain, json);
  WriteText(censor_.Replacement(member.verdict, member.path, json.view()), false, out);
}

}  // namespace taffrail::layout
