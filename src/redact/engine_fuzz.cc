// Any bytes: what is found lies in the text, in order and without overlaps; the bytes around it come through;
// and a JSON line is one afterwards.
#include <simdjson.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "redact/engine.h"
#include "redact/policy.h"

namespace {

void Check(bool good) {
  if (!good) std::abort();
}

bool IsJson(std::string_view text) {
  static simdjson::dom::parser parser;
  simdjson::dom::element element;
  return parser.parse(text.data(), text.size()).get(element) == simdjson::SUCCESS;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using taffrail::redact::Engine;
  static const auto engine = *Engine::Make({});
  static taffrail::redact::Scratch scratch;
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  std::string out;
  const bool found = engine->Redact(text, scratch, out);
  Check(found || out.empty());
  size_t at = 0;
  engine->Find(text, scratch);
  Check(found == !scratch.findings.empty());
  size_t out_at = 0;
  for (const taffrail::redact::Finding& finding : scratch.findings) {
    Check(at <= finding.begin && finding.begin < finding.end && finding.end <= text.size());
    const std::string_view between = text.substr(at, finding.begin - at);
    out_at = out.find(between, out_at);
    Check(out_at != std::string::npos);
    out_at += between.size();
    at = finding.end;
  }
  if (found) Check(std::string_view(out).ends_with(text.substr(at)));
  if (found && IsJson(text)) Check(IsJson(out));

  std::string lines;
  engine->RedactLines(text, scratch, lines);

  // With fields by their paths: still in order, still JSON.
  using taffrail::redact::Action;
  static const auto policy = *taffrail::redact::Policy::Make({.engine = {.masks = {.hash_key = "k"}},
                                                              .fields = {{"a.b", Action::kRemove},
                                                                         {"x[*].y", Action::kHash},
                                                                         {"keep", Action::kKeep},
                                                                         {"*.c", Action::kPartial},
                                                                         {"t[*]", Action::kRemove},
                                                                         {"a", Action::kKeepLast4}}});
  static taffrail::redact::Scratch fields;
  std::string by_path;
  if (policy->Redact(text, fields, by_path) && IsJson(text)) Check(IsJson(by_path));
  at = 0;
  for (const taffrail::redact::Finding& finding : fields.findings) {
    Check(at <= finding.begin && finding.begin < finding.end && finding.end <= text.size());
    at = finding.end;
  }
  return 0;
}
