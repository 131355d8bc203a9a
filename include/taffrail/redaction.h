// What must not be logged, taken out of every line: passwords, tokens, card numbers, e-mail addresses and the
// like, by the names of fields and by what any text holds. docs/redaction.md says what is found and how it is
// masked.
//
//   auto config = taffrail::Config::preset("production");   // has it on
//   config.redaction.fields = {{"user.email", "hash"}, {"internal.**", "remove"}};
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "taffrail/redactor.h"

namespace taffrail {

// "password": that field wherever it is. "a.b": b in a, from the top; "a[*].b": in every element of a. `*` is
// any one name, `**` any number of them.
struct RedactedField {
  std::string path;
  std::string action = "mask";  // mask, remove, hash, keep-last-4, partial, keep
};

// What a rule must find something in, or nothing: one of the two. `{hex:8}` stands for eight digits of that
// class, so that no test secret need be written down (docs/redaction.md lists the classes).
struct RedactionCase {
  std::string catches;
  std::string leaves;
};

// A token of your own: `acme_[a-z0-9]{32}`, the pattern language of docs/redaction.md. A rule that fails a
// case of its own is a mistake of the configuration.
struct RedactionRule {
  std::string id;
  std::string pattern;
  std::string context;  // what must stand before it
  bool whole = false;   // nothing of it is shown; else acme_12...cdef
  std::vector<RedactionCase> cases;
};

// What a rule does instead: {"email", "hash"}. `keep` switches it off.
struct RedactionAction {
  std::string rule;  // `taffrail redact explain` lists them
  std::string action = "keep";
};

struct RedactionConfig {
  bool enabled = false;
  std::vector<RedactedField> fields;  // the first that fits counts
  std::vector<RedactionRule> rules;
  std::vector<RedactionAction> actions;
  // j***@a***.com instead of j***@acme.com: a domain names a firm, or a person. The domains that are reserved
  // for examples (RFC 2606) are nobody's and stay: u***@example.com.
  bool hide_mail_domains = true;
  std::string hash_key;  // for action hash
  // A made-up secret that you plant where real ones are: it goes as a whole wherever it stands, and counts as
  // rule "canary". 8 to 128 letters, digits, - and _.
  std::string canary;
};

// A redactor of the built-in rules and the configuration's. Null when something in it makes no sense: `error`
// says what.
std::shared_ptr<Redactor> make_redactor(const RedactionConfig& config, std::string* error = nullptr);

// How often each rule has found something so far; rules that never did are left out. For a redactor of
// make_redactor(); any other gives nothing. Thread-safe.
std::vector<std::pair<std::string, uint64_t>> redaction_counts(const Redactor& redactor);

}  // namespace taffrail
