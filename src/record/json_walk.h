// Walks the fields of one JSON object, in a line or in a skeleton: the one place that knows what is a field,
// what is its path, and which fields get a hole. Internal to record.
//
//   {"a":1,"b":{"c":"x","d":null},"a":2}       fields: a = hole, b.c = hole, b.d = constant null, second a:
//   no field
//
// A visitor has
//   bool OnHole(std::string_view path, const char* begin, const char* end, const ScannedValue& value)
//   void OnConstant(std::string_view path, std::string_view json)
// OnHole returns whether the value becomes a hole; if not it is reported as a constant.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/hash.h"
#include "record/batch_builder.h"
#include "record/json_scan.h"

namespace taffrail::record {

// In a skeleton a hole is one byte 1..7 (8 is a whole text line). Raw JSON never has these bytes outside
// strings.
inline bool IsHoleByte(char c) { return c >= 1 && c < static_cast<char>(Kind::kText); }

// The paths seen so far in one line. A few dozen compare faster than they hash; a hostile line may have 100
// 000.
class PathSet {
 public:
  // False when it was there. (64 bits: paths that collide would merely share a field's first value.)
  bool Insert(std::string_view path) {
    const uint64_t hash = base::Hash64(path);
    if (few_.size() < kFew) {
      if (std::find(few_.begin(), few_.end(), hash) != few_.end()) return false;
      few_.push_back(hash);
      return true;
    }
    if (many_.empty()) many_.insert(few_.begin(), few_.end());
    return many_.insert(hash).second;
  }

 private:
  static constexpr size_t kFew = 64;
  std::vector<uint64_t> few_;
  absl::flat_hash_set<uint64_t> many_;
};

template <typename Visitor>
class JsonWalk {
 public:
  // `skeleton`: hole bytes stand for values, and values that could have been holes are constants.
  JsonWalk(Visitor& visitor, bool skeleton) : visitor_(visitor), skeleton_(skeleton) {}

  // The text must be one JSON object, with white space around it.
  bool Run(std::string_view text) {
    end_ = text.data() + text.size();
    const char* at = SkipSpace(text.data(), end_);
    if (at == end_ || *at != '{') return false;
    at = Object(at + 1, 1);
    return at != nullptr && SkipSpace(at, end_) == end_;
  }

  // Whether a path was met twice; nobody was told of its later values.
  bool repeats() const { return repeats_; }

 private:
  bool Insert() {
    const bool inserted = paths_.Insert(path_);
    repeats_ = repeats_ || !inserted;
    return inserted;
  }

  const char* Object(const char* at, int depth) {
    at = SkipSpace(at, end_);
    if (at != end_ && *at == '}') return at + 1;
    while (true) {
      if (at == end_ || *at != '"') return nullptr;
      ScannedValue key;
      at = ScanString(at + 1, end_, key);
      if (at == nullptr) return nullptr;
      at = SkipSpace(at, end_);
      if (at == end_ || *at != ':') return nullptr;
      at = SkipSpace(at + 1, end_);
      const size_t parent = path_.size();
      if (depth > 1) path_.push_back('.');
      if (key.has_escapes) {
        AppendUnescaped(key.text, path_);
      } else {
        path_.append(key.text);
      }
      at = Value(at, depth);
      path_.resize(parent);
      if (at == nullptr) return nullptr;
      at = SkipSpace(at, end_);
      if (at == end_) return nullptr;
      if (*at == '}') return at + 1;
      if (*at != ',') return nullptr;
      at = SkipSpace(at + 1, end_);
    }
  }

  const char* Value(const char* at, int depth) {
    if (at == end_) return nullptr;
    ScannedValue value;
    if (skeleton_ && IsHoleByte(*at)) {
      value.kind = static_cast<Kind>(*at);
      value.text = std::string_view(at, 1);
      return paths_.Insert(path_) && visitor_.OnHole(path_, at, at + 1, value) ? at + 1 : nullptr;
    }
    if (*at == '{') {
      const char* const inner = SkipSpace(at + 1, end_);
      if (inner != end_ && *inner == '}') return Constant(at, inner + 1);
      if (depth < kMaxDepth) return Object(at + 1, depth + 1);
    }
    const char* after = nullptr;
    if (*at == '{') {
      after = SkipValue(at, end_, depth);
      value.kind = Kind::kJson;
      if (after != nullptr) value.text = std::string_view(at, static_cast<size_t>(after - at));
    } else if (StartsHole(*at)) {
      after = ScanHole(at, end_, value);
    } else {
      after = SkipValue(at, end_, depth);
      return after == nullptr ? nullptr : Constant(at, after);
    }
    if (after == nullptr) return nullptr;
    if (skeleton_) return Constant(at, after);
    if (!Insert()) return after;
    if (!visitor_.OnHole(path_, at, after, value)) visitor_.OnConstant(path_, Text(at, after));
    return after;
  }

  const char* Constant(const char* begin, const char* after) {
    if (Insert()) visitor_.OnConstant(path_, Text(begin, after));
    return after;
  }

  static std::string_view Text(const char* begin, const char* after) {
    return std::string_view(begin, static_cast<size_t>(after - begin));
  }

  Visitor& visitor_;
  const bool skeleton_;
  const char* end_ = nullptr;
  std::string path_;
  PathSet paths_;
  bool repeats_ = false;
};

}  // namespace taffrail::record
