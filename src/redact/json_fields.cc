#include "redact/json_fields.h"

#include "base/hash.h"
#include "record/batch_builder.h"
#include "record/json_scan.h"
#include "redact/mask.h"

namespace taffrail::redact {
namespace {

using record::ScannedValue;
using record::ScanString;
using record::SkipSpace;

class FieldWalk {
 public:
  FieldWalk(const Policy& policy, std::string_view line, PathCache& paths, Findings& findings,
            std::vector<Range>& kept)
      : policy_(policy),
        begin_(line.data()),
        end_(line.data() + line.size()),
        paths_(paths),
        findings_(findings),
        kept_(kept) {}

  void Run() {
    const char* const at = SkipSpace(begin_, end_);
    if (at != end_ && (*at == '{' || *at == '[')) Value(at, 0);
  }

 private:
  // Each returns the byte behind it, or nullptr where the line is no JSON.
  const char* Value(const char* at, uint64_t path);
  const char* Object(const char* at, uint64_t path);
  const char* Array(const char* at, uint64_t path);
  const char* Skip(const char* at);
  const char* Act(Action action, const char* at);
  std::optional<Action> Judge(uint64_t path);
  // An item of an object or array: from its key on, or from its value. Returns whether it was taken out.
  const char* Item(const char* item, const char* value, uint64_t path, bool& kept_before);

  size_t Place(const char* at) const { return static_cast<size_t>(at - begin_); }

  const Policy& policy_;
  const char* const begin_;
  const char* const end_;
  PathCache& paths_;
  Findings& findings_;
  std::vector<Range>& kept_;
  std::vector<std::string_view> keys_;  // from the top, as written; kElement for elements
};

const char* FieldWalk::Skip(const char* at) {
  if (at == end_) return nullptr;
  if (*at != '"') return record::SkipValue(at, end_, 1);
  ScannedValue value;
  return ScanString(at + 1, end_, value);
}

const char* FieldWalk::Value(const char* at, uint64_t path) {
  if (at == end_) return nullptr;
  if (keys_.size() >= kFieldDepthMax) return Skip(at);
  if (*at == '{') return Object(at + 1, path);
  return *at == '[' ? Array(at + 1, path) : Skip(at);
}

const char* FieldWalk::Object(const char* at, uint64_t path) {
  bool kept_before = false;
  at = SkipSpace(at, end_);
  if (at != end_ && *at == '}') return at + 1;
  while (at != end_ && *at == '"') {
    const char* const item = at;
    ScannedValue key;
    at = ScanString(at + 1, end_, key);
    if (at == nullptr) return nullptr;
    at = SkipSpace(at, end_);
    if (at == end_ || *at != ':') return nullptr;
    at = SkipSpace(at + 1, end_);
    keys_.push_back(key.text);
    at = Item(item, at, base::Hash64(key.text, path + 1), kept_before);
    keys_.pop_back();
    if (at == nullptr) return nullptr;
    if (at != end_ && *at == '}') return at + 1;
    if (at == end_ || *at != ',') return nullptr;
    at = SkipSpace(at + 1, end_);
  }
  return nullptr;
}

const char* FieldWalk::Array(const char* at, uint64_t path) {
  bool kept_before = false;
  at = SkipSpace(at, end_);
  if (at != end_ && *at == ']') return at + 1;
  while (at != end_) {
    keys_.push_back(kElement);
    at = Item(at, at, base::Hash64(kElement, path + 2), kept_before);
    keys_.pop_back();
    if (at == nullptr) return nullptr;
    if (at != end_ && *at == ']') return at + 1;
    if (at == end_ || *at != ',') return nullptr;
    at = SkipSpace(at + 1, end_);
  }
  return nullptr;
}

// Returns the comma or bracket behind it.
const char* FieldWalk::Item(const char* item, const char* value, uint64_t path, bool& kept_before) {
  const auto action = Judge(path);
  if (!action.has_value()) {
    kept_before = true;
    const char* const after = Value(value, path);
    return after == nullptr ? nullptr : SkipSpace(after, end_);
  }
  if (*action != Action::kRemove) {
    kept_before = true;
    const char* const after = Act(*action, value);
    return after == nullptr ? nullptr : SkipSpace(after, end_);
  }
  const char* after = Skip(value);
  if (after == nullptr) {  // the line ends within it
    findings_.push_back(
        {.begin = Place(value), .end = Place(end_), .rule = kFieldRule, .mask = Mask::kRemove});
    return nullptr;
  }
  after = SkipSpace(after, end_);
  Finding gone{.begin = Place(item), .end = Place(after), .rule = kFieldRule, .mask = Mask::kRemove};
  if (kept_before) {
    while (begin_[gone.begin - 1] != ',') --gone.begin;
    --gone.begin;
  } else if (after != end_ && *after == ',') {
    gone.end = Place(SkipSpace(after + 1, end_));
  }
  findings_.push_back(gone);
  return after;
}

const char* FieldWalk::Act(Action action, const char* at) {
  const char* after = Skip(at);
  const bool is_string = at != end_ && *at == '"';
  const bool is_cut = after == nullptr;
  if (is_cut) after = end_;
  if (action == Action::kKeep) {
    kept_.push_back({Place(at), Place(after)});
    return is_cut ? nullptr : after;
  }
  Finding finding{.begin = Place(at), .end = Place(after), .rule = kFieldRule, .mask = MaskOf(action)};
  if (is_string) {
    ++finding.begin;
    if (!is_cut) --finding.end;
    finding.escaped = true;
  } else {
    finding.quotes = 1;
    const bool is_container = at != end_ && (*at == '{' || *at == '[');
    if (is_container && action != Action::kHash) finding.mask = Mask::kStars;  // its end says nothing
  }
  const std::string_view value(begin_ + finding.begin, finding.end - finding.begin);
  if (finding.begin < finding.end && value != "null" && !IsMasked(value, finding.mask))
    findings_.push_back(finding);
  return is_cut ? nullptr : after;
}

std::optional<Action> FieldWalk::Judge(uint64_t path) {
  // Paths that are made at run time must not fill the memory.
  constexpr size_t kPathsMax = 8192;
  const auto known = paths_.find(path);
  if (known != paths_.end())
    return known->second == 0 ? std::nullopt : std::optional(Action(known->second - 1));
  std::vector<std::string> steps;
  std::string plain;
  for (const std::string_view key : keys_) {
    plain.clear();
    record::AppendUnescaped(key, plain);
    AppendSteps(plain, steps);
  }
  const auto action = policy_.ActionFor(steps);
  if (paths_.size() >= kPathsMax) paths_.clear();
  paths_[path] = action.has_value() ? static_cast<uint8_t>(static_cast<int>(*action) + 1) : uint8_t{0};
  return action;
}

}  // namespace

void FindFields(const Policy& policy, std::string_view line, PathCache& paths, Findings& findings,
                std::vector<Range>& kept) {
  FieldWalk(policy, line, paths, findings, kept).Run();
}

}  // namespace taffrail::redact
