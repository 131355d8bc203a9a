// Finds secrets in text and masks them.
//
//   bytes ─ block.h: 64 at a time become bits ─ words that begin like a token ─ pattern.h, structured.h
//                                             ├ stems of names ────────────── assignment.h
//                                             ├ @ ~ ───────────────────────── address.h
//                                             └ runs of digits, XX00 ──────── number.h
//
// Every byte is looked at once, in constant time; each detector looks at a bounded stretch around its place.
// So the time is linear in the text whatever the text is, and clean text costs the first step alone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "redact/block.h"
#include "redact/finding.h"
#include "redact/mask.h"
#include "redact/name.h"
#include "redact/pattern.h"
#include "redact/rule.h"
#include "redact/structured.h"

namespace taffrail::redact {

struct EngineOptions {
  std::vector<UserRule> rules;
  std::vector<std::string> disabled;  // ids of rules and detectors that are not looked for
  MaskOptions masks;
};

// What a caller keeps between texts, so that none costs an allocation. Not thread-safe.
struct Scratch {
  Findings findings;
  std::vector<uint64_t> counts;  // by rule, since the caller last looked
  KeyLines key_lines;            // of RedactLines
  NameCache names;
};

// Immutable, so thread-safe.
class Engine {
 public:
  // InvalidArgument names the rule and what is wrong with it.
  static absl::StatusOr<std::unique_ptr<const Engine>> Make(const EngineOptions& options);

  // One text: appends it to `out` without its secrets and returns true; or returns false and leaves `out`
  // alone, for it has none.
  bool Redact(std::string_view text, Scratch& scratch, std::string& out) const;
  // Whole lines, each by itself, and keys that go over several.
  bool RedactLines(std::string_view lines, Scratch& scratch, std::string& out) const;
  // What Redact would take out, in order, without overlaps.
  void Find(std::string_view text, Scratch& scratch) const;
  void FindInLines(std::string_view lines, Scratch& scratch) const;

  size_t rules() const { return ids_.size(); }
  std::string_view RuleId(size_t rule) const { return ids_[rule]; }
  // Puts a secret of each rule into a line and looks whether it comes out: the ids of the rules that failed.
  std::vector<std::string> Canary() const;
  const MaskOptions& masks() const { return masks_; }

 private:
  struct Token {
    Pattern pattern;
    uint16_t rule;
    bool digit;
    bool whole;
  };
  class Scan;
  friend class Scan;

  Engine() = default;
  absl::Status AddToken(const Rule& rule, uint16_t number);
  void AddGram(uint32_t gram, uint16_t token);
  bool Emit(std::string_view text, Scratch& scratch, std::string& out) const;

  // One bit for each value of a hash of four bytes: may a token begin with them?
  static constexpr int kGramBits = 17;
  static size_t GramHash(uint32_t gram) { return gram * 0x9e3779b1u >> (32 - kGramBits); }

  FillBlock fill_ = nullptr;
  MaskOptions masks_;
  std::vector<std::string> ids_;
  std::vector<bool> enabled_;
  std::vector<Token> tokens_;
  std::vector<uint64_t> gram_bits_;
  // Tokens by the four bytes at their anchors: what a bit of gram_bits_ stands for, exactly.
  absl::flat_hash_map<uint32_t, std::vector<uint16_t>> by_gram_;
  uint16_t entra_rule_ = 0;
};

}  // namespace taffrail::redact
