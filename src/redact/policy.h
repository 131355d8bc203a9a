// What is done with a field because of its path, and with text because of what it holds: the engine and a
// table of paths, as a configuration gives them. The same in the library, at ingest and on the command line.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "redact/engine.h"
#include "redact/field_path.h"

namespace taffrail::redact {

enum class Action : uint8_t {
  kMask,       // ***
  kRemove,     // key and value go
  kHash,       // ***1f3a…: HMAC-SHA-256 of the value, so equal values are equal still
  kKeepLast4,  // ***4242
  kPartial,    // sk-1234...cdef
  kKeep,       // of a field: never looked at; of a rule: off
};
// By the names that configurations use. `keep-last-4` may be written `last4`.
std::optional<Action> ActionOf(std::string_view name);
// For messages: "mask, remove, …".
std::string ActionNames();
Mask MaskOf(Action action);  // REQUIRES: not kKeep

struct FieldRule {
  std::string path;  // field_path.h
  Action action = Action::kMask;
};
// A record's paths are compared with each once, and then remembered; a thousand is more than anyone writes.
inline constexpr size_t kFieldRulesMax = 1024;

// What a built-in rule or a user's own does instead of what it would do by itself.
struct RuleAction {
  std::string rule;
  Action action = Action::kKeep;
};

struct PolicyOptions {
  EngineOptions engine;
  std::vector<FieldRule> fields;  // the first that fits counts
  std::vector<RuleAction> actions;
};

// What a field's path says.
struct PathVerdict {
  std::optional<Action> action;     // a rule of the configuration
  NameKind kind = NameKind::kNone;  // else what the name says
};

// Immutable, so thread-safe. A Scratch belongs to one policy.
class Policy {
 public:
  // InvalidArgument names the rule, what is wrong with it and what would be right.
  static absl::StatusOr<std::shared_ptr<const Policy>> Make(const PolicyOptions& options);

  const Engine& engine() const { return *engine_; }
  bool has_fields() const { return !fields_.empty(); }

  // One record, which may have newlines in it, or lines: as those of Engine, and with the paths of JSON
  // lines.
  bool Redact(std::string_view record, Scratch& scratch, std::string& out) const;
  bool RedactLines(std::string_view lines, Scratch& scratch, std::string& out) const;
  void Find(std::string_view record, Scratch& scratch) const;
  void FindInLines(std::string_view lines, Scratch& scratch) const;

  // Of a field alone, for who has them apart. `path` is dotted: "http.headers.cookie".
  PathVerdict Judge(std::string_view path) const;
  // What stands for a value whose path has that verdict. False: the value may stay as it is.
  bool Replace(const PathVerdict& verdict, std::string_view value, std::string& out) const;

  // The rule for a field of these steps (field_path.h).
  std::optional<Action> ActionFor(std::span<const std::string> steps) const;

 private:
  struct Field {
    FieldPath path;
    Action action;
  };
  void AddFields(std::string_view text, bool by_line, Scratch& scratch) const;

  std::unique_ptr<const Engine> engine_;
  std::vector<Field> fields_;
};

}  // namespace taffrail::redact
