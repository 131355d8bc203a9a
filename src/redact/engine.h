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
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "redact/block.h"
#include "redact/finding.h"
#include "redact/gram_set.h"
#include "redact/mask.h"
#include "redact/name.h"
#include "redact/pattern.h"
#include "redact/rule.h"
#include "redact/structured.h"

namespace taffrail::redact {

struct EngineOptions {
  std::vector<UserRule> rules;
  std::vector<std::string> disabled;  // ids of rules and detectors that are not looked for
  // What stands for what a rule finds, instead of its own mask.
  std::vector<std::pair<std::string, Mask>> masks_of;
  MaskOptions masks;
  // A made-up secret, planted where real ones are, that is found as rule kCanaryId. Empty: none.
  std::string canary;
};
inline constexpr std::string_view kCanaryId = "canary";

// What is done with fields by their paths, by a hash of the path: 0 is nothing, else one more than an Action.
using PathCache = absl::flat_hash_map<uint64_t, uint8_t>;

// A place in pieces of records where something may begin that is found once they are together.
struct Suspect {
  size_t at;
  bool paired;  // only if a field called value is in the record
};

// What a caller keeps between texts, so that none costs an allocation. Not thread-safe.
struct Scratch {
  Findings findings;
  std::vector<Suspect> suspects;  // of FindSuspects
  std::vector<uint64_t> counts;   // by rule, since the caller last looked
  KeyLines key_lines;             // of RedactLines
  NameCache names;
  PathCache paths;  // of a Policy
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
  // All that rules say of one text, before those that overlap become one.
  void FindAll(std::string_view text, Scratch& scratch) const;

  // Records that are apart, in pieces: values of JSON strings and what stands between them. Sets
  // scratch.suspects, in no order, for pieces end to end with a bare quote around each, or a newline around
  // what is no JSON string. Where no piece of a record has one, Find finds nothing in it. REQUIRES:
  // CanSuspect().
  void FindSuspects(std::string_view pieces, Scratch& scratch) const;
  // Whether what is looked for can be told from pieces. A rule of the user's that begins with a quote cannot.
  bool CanSuspect() const { return can_suspect_; }

  // Appends the text without scratch.findings, which are in order and do not overlap. False when there are
  // none.
  bool Write(std::string_view text, Scratch& scratch, std::string& out) const;

  size_t rules() const { return ids_.size(); }
  std::string_view RuleId(size_t rule) const { return ids_[rule]; }
  // InvalidArgument: there is none of that name.
  absl::StatusOr<size_t> RuleNumber(std::string_view id) const;
  bool IsEnabled(size_t rule) const { return enabled_[rule]; }
  // Puts a secret of each rule into a line and looks whether it comes out: the ids of the rules that failed.
  std::vector<std::string> Canary() const;
  const MaskOptions& masks() const { return masks_; }

 private:
  struct Token {
    Pattern pattern;
    uint16_t rule;
    bool digit;
    bool whole;

    // By the first `known` bytes at its anchor.
    bool MayBegin(const char* gram, size_t known) const {
      const auto& after = pattern.after_gram();
      for (size_t i = sizeof(uint32_t); i < known; ++i) {
        if (!after[i - sizeof(uint32_t)].Has(gram[i])) return false;
      }
      return true;
    }
  };
  class Scan;
  friend class Scan;

  Engine() = default;
  bool IsHarmless(std::string_view text) const;
  absl::Status AddToken(const Rule& rule, uint16_t number);
  void AddGram(uint32_t gram, uint16_t token);

  FillBlock fill_ = nullptr;
  MaskOptions masks_;
  std::vector<std::string> ids_;
  std::vector<bool> enabled_;
  std::vector<std::optional<Mask>> masks_of_;  // by rule
  std::vector<Token> tokens_;
  GramSet grams_;
  // Tokens by the four bytes at their anchors: what grams_ holds, exactly.
  absl::flat_hash_map<uint32_t, std::vector<uint16_t>> by_gram_;
  uint16_t entra_rule_ = 0;
  bool can_suspect_ = true;
  std::string canary_;
};

}  // namespace taffrail::redact
