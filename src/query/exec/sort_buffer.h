// Holds rows to be sorted, within the memory budget; of a sort whose first N rows are all that is wanted,
// only the N best seen so far, in a heap with the worst on top.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "expr/value.h"
#include "query/exec/budget.h"
#include "query/plan/plan.h"

namespace taffrail::query::exec {

// Memory that a value takes beside sizeof(Value).
inline size_t HeapBytes(const expr::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return text->capacity();
  if (const auto* number = std::get_if<expr::Number>(&value)) return number->text.capacity();
  if (const auto* json = std::get_if<expr::Json>(&value)) return json->text.capacity();
  return 0;
}

inline size_t HeapBytes(const std::vector<expr::Value>& row) {
  size_t bytes = row.capacity() * sizeof(expr::Value);
  for (const expr::Value& value : row) bytes += HeapBytes(value);
  return bytes;
}

// Ordinal: what breaks ties, less coming first.
template <typename Payload, typename Ordinal = uint64_t>
class SortBuffer {
 public:
  // `keep`: rows to keep; 0: all.
  SortBuffer(const std::vector<plan::SortKey>& keys, uint64_t keep, Budget& budget)
      : keep_(keep), budget_(budget) {
    for (const plan::SortKey& key : keys) descending_.push_back(key.descending);
  }

  // Whether a row with these keys, coming after all earlier ones, would be kept: asked before its payload is
  // made.
  bool Wants(const std::vector<expr::Value>& keys, const Ordinal& ordinal) const {
    return keep_ == 0 || entries_.size() < keep_ || Compare(keys, ordinal, entries_[0]) < 0;
  }

  // Whether a row whose first key is this number would not be kept, whatever the rest of it: the quick answer
  // for nearly all rows.
  bool IsBeaten(double first_key) const {
    if (keep_ == 0 || entries_.size() < keep_) return false;
    const expr::Value& worst = entries_[0].keys[0];
    if (const auto* integer = std::get_if<int64_t>(&worst))
      return IsWorse(first_key, static_cast<double>(*integer));
    if (const auto* number = std::get_if<expr::Number>(&worst)) return IsWorse(first_key, number->value);
    return false;
  }

  // `ordinal` breaks ties: the place of the row in the input.
  absl::Status Add(std::vector<expr::Value> keys, Ordinal ordinal, Payload payload, size_t payload_bytes) {
    const size_t bytes = sizeof(Entry) + HeapBytes(keys) + payload_bytes;
    TAFFRAIL_RETURN_IF_ERROR(budget_.Charge(bytes, "sorted rows"));
    entries_.push_back({std::move(keys), ordinal, bytes, std::move(payload)});
    if (keep_ == 0) return absl::OkStatus();
    std::push_heap(entries_.begin(), entries_.end(), Before());
    if (entries_.size() > keep_) {
      std::pop_heap(entries_.begin(), entries_.end(), Before());
      budget_.Release(entries_.back().bytes);
      entries_.pop_back();
    }
    return absl::OkStatus();
  }

  // Takes over what another buffer of the same sort holds.
  absl::Status Merge(SortBuffer& other) {
    for (Entry& entry : other.entries_) {
      budget_.Release(entry.bytes);
      if (!Wants(entry.keys, entry.ordinal)) continue;
      const size_t payload_bytes = entry.bytes - sizeof(Entry) - HeapBytes(entry.keys);
      TAFFRAIL_RETURN_IF_ERROR(
          Add(std::move(entry.keys), entry.ordinal, std::move(entry.payload), payload_bytes));
    }
    other.entries_.clear();
    return absl::OkStatus();
  }

  // Calls f(Payload&&) in order until it returns false; the buffer is empty afterwards.
  template <typename F>
  void Drain(F&& f) {
    std::sort(entries_.begin(), entries_.end(), Before());
    bool more = true;
    for (Entry& entry : entries_) {
      if (more) more = f(std::move(entry.payload));
      budget_.Release(entry.bytes);
    }
    entries_.clear();
  }

 private:
  struct Entry {
    std::vector<expr::Value> keys;
    Ordinal ordinal;
    size_t bytes;
    Payload payload;
  };

  static bool IsNothing(const expr::Value& value) {
    return std::holds_alternative<expr::Missing>(value) || std::holds_alternative<expr::Null>(value);
  }

  bool IsWorse(double a, double b) const { return descending_[0] ? a < b : a > b; }

  int Compare(const std::vector<expr::Value>& keys, const Ordinal& ordinal, const Entry& entry) const {
    for (size_t i = 0; i < keys.size(); ++i) {
      const int order = expr::CompareValues(keys[i], entry.keys[i]);
      const bool inverted = descending_[i] && !IsNothing(keys[i]) && !IsNothing(entry.keys[i]);
      if (order != 0) return inverted ? -order : order;
    }
    return ordinal < entry.ordinal ? -1 : ordinal > entry.ordinal ? 1 : 0;
  }

  auto Before() const {
    return [this](const Entry& a, const Entry& b) { return Compare(a.keys, a.ordinal, b) < 0; };
  }

  std::vector<bool> descending_;
  uint64_t keep_;
  Budget& budget_;
  std::vector<Entry> entries_;
};

}  // namespace taffrail::query::exec
