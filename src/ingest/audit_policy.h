// Which records are audit records, what they must say, and which of their values are a person's.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expr/matcher.h"
#include "ingest/json_fields.h"

namespace taffrail::ingest {

// Where a layout may put a field (docs/layouts.md): beside the message, or in one of these objects, the
// call's before the context's before the resource's. A path of a policy that is no path of the line means the
// field in the first of them that has it: `user_id` is `metadata.user_id` too.
inline constexpr std::string_view kSections[] = {"metadata.", "Attributes.", "attributes.",
                                                 "context.",  "Resource.",   "resource."};

// What an audit record must answer: its name in messages, and the fields that answer it, any of them.
struct RequiredField {
  std::string question;  // "who"
  std::vector<std::string> paths;
};

struct AuditRule {
  std::string ledger_class;
  std::shared_ptr<const expr::Matcher> when;
};

enum class IncompletePolicy : uint8_t {
  kAccept,  // taken as they are
  kMark,    // taken, with the attribute audit_missing = "who, …" beside the line
  kReject,  // the upload fails with 400
};
enum class FailurePolicy : uint8_t {
  kFail,  // the upload fails: what is not in the ledger was not logged
  kKeep,  // the record is stored all the same, and counted
};

struct AuditPolicy {
  bool enabled = true;
  // Looked at in this order, after the one that always holds: security_level or category is "audit" (AUDIT),
  // in whatever section, which goes to the class "audit".
  std::vector<AuditRule> rules;
  std::vector<RequiredField> required = DefaultRequired();
  IncompletePolicy incomplete = IncompletePolicy::kMark;
  FailurePolicy on_failure = FailurePolicy::kFail;
  // Whose value is the tenant; without it, or where it is empty, the upload's header does, else "default".
  std::string tenant_field;
  std::string tenant_header;  // as in X-Scope-OrgID; empty: what senders say of themselves counts for nothing
  std::vector<std::string> personal;        // paths whose values are sealed for their subject; "a.*" too
  std::vector<std::string> subject_fields;  // the first that a record has says whose they are

  static std::vector<RequiredField> DefaultRequired();
};

// The questions that the record leaves open.
std::vector<std::string> MissingAnswers(std::span<const JsonField> fields,
                                        const std::vector<RequiredField>& required);

// Whether a path is one of the patterns, itself or without its section: equal, or below a pattern that ends
// with ".*".
bool MatchesPath(std::string_view path, const std::vector<std::string>& patterns);

// The first of the paths that has a value, in whatever section; empty when none.
std::string_view FirstOf(std::span<const JsonField> fields, const std::vector<std::string>& paths);

// Rules that always hold.
std::shared_ptr<const expr::Matcher> BuiltInAuditRule();

}  // namespace taffrail::ingest
