#include "config/settings.h"

#include <fmt/format.h>

#include <string>

#include "config/yaml_tree.h"
#include "log/redaction.h"
#include "redact/pattern.h"
#include "redact/policy.h"
#include "redact/rule_cases.h"

namespace taffrail::config {
namespace {

constexpr int64_t kKiB = 1 << 10, kMiB = 1 << 20, kGiB = 1 << 30;
constexpr int64_t kHourMs = 3'600'000;

constexpr Choice kPrecisions[] = {{"ms", static_cast<uint8_t>(Precision::kMillis)},
                                  {"us", static_cast<uint8_t>(Precision::kMicros)},
                                  {"ns", static_cast<uint8_t>(Precision::kNanos)}};
constexpr Choice kPolicies[] = {{"block", static_cast<uint8_t>(QueuePolicy::kBlock)},
                                {"drop_newest", static_cast<uint8_t>(QueuePolicy::kDropNewest)},
                                {"drop_oldest", static_cast<uint8_t>(QueuePolicy::kDropOldest)},
                                {"grow", static_cast<uint8_t>(QueuePolicy::kGrow)}};

// ---- fewer lines ----

constexpr Field kSampleFields[] = {
    Number<&SampleRule::rate>("rate", "the share of lines that is kept", 0, 1).Required(),
    Text<&SampleRule::lines, &LineSelector::logger>("logger", "this logger and those below it; empty: all"),
    Text<&SampleRule::lines, &LineSelector::message>("message", "exactly this message; empty: all"),
    LevelKey<&SampleRule::lines, &LineSelector::below>("below", "levels below this one"),
};
constexpr Field kRateFields[] = {
    Number<&RateRule::per_second>("per_second", "lines a second of each call site", 0, 1'000'000).Required(),
    Count<&RateRule::burst>("burst", "lines at once before that counts", 1, 1'000'000),
    Text<&RateRule::lines, &LineSelector::logger>("logger", "this logger and those below it; empty: all"),
    Text<&RateRule::lines, &LineSelector::message>("message", "exactly this message; empty: all"),
    LevelKey<&RateRule::lines, &LineSelector::below>("below", "levels below this one"),
};
// A window is memory for every call site that logs in it, and the age of the line that comes of it.
constexpr Field kAggregateFields[] = {
    Millis<&AggregateRule::window_ms>("window", "lines of one call site within it become one", 1, kHourMs)
        .Required(),
    Text<&AggregateRule::lines, &LineSelector::logger>("logger",
                                                       "this logger and those below it; empty: all"),
    Text<&AggregateRule::lines, &LineSelector::message>("message", "exactly this message; empty: all"),
    LevelKey<&AggregateRule::lines, &LineSelector::below>("below", "levels below this one"),
};

template <typename Rule>
void CheckRule(const void* record, const Node& node, Problems& problems) {
  const Node* const below = node.Find("below");
  if (below != nullptr && static_cast<const Rule*>(record)->lines.below > Level::kError)
    problems.Warn(below->mark, "ERROR and CRITICAL are always written", "write below: ERROR");
}
template <typename Rule>
constexpr RecordType RuleRecords(std::span<const Field> fields) {
  RecordType records = RecordsOf<Rule>("a rule", fields);
  records.check = CheckRule<Rule>;
  return records;
}
constexpr RecordType kSampleRecords = RuleRecords<SampleRule>(kSampleFields);
constexpr RecordType kRateRecords = RuleRecords<RateRule>(kRateFields);
constexpr RecordType kAggregateRecords = RuleRecords<AggregateRule>(kAggregateFields);

// ---- redaction ----

void CheckAction(const std::string& action, const Node& node, Problems& problems) {
  if (redact::ActionOf(action).has_value()) return;
  const Node* const place = node.Find("action");
  problems.Error(place != nullptr ? place->mark : node.mark,
                 fmt::format("there is no action \"{}\"", Shown(action)),
                 "there are " + redact::ActionNames());
}

constexpr Field kRedactedFieldFields[] = {
    Text<&RedactedField::path>(
        "path", "`password`: that field anywhere; `a.b`, `a[*].b`, `*.b`, `a.**`: from the top")
        .Required(),
    Text<&RedactedField::action>("action", "mask, remove, hash, keep-last-4, partial or keep"),
};
constexpr Field kRedactionCaseFields[] = {
    Text<&RedactionCase::catches>("catch", "a text in which the rule finds something; {hex:8}: 8 of a class"),
    Text<&RedactionCase::leaves>("leave", "a text in which it finds nothing"),
};
constexpr RecordType kRedactionCaseRecords = [] {
  RecordType type = RecordsOf<RedactionCase>("a case", kRedactionCaseFields);
  type.check = [](const void* record, const Node& node, Problems& problems) {
    const auto& each = *static_cast<const RedactionCase*>(record);
    if (each.catches.empty() == each.leaves.empty())
      problems.Error(node.mark, "a case says one of catch and leave", "write it as two cases");
  };
  return type;
}();
constexpr Field kRedactionRuleFields[] = {
    Text<&RedactionRule::id>("id", "what counts call it").Required(),
    Text<&RedactionRule::pattern>("pattern", "as in `acme_[a-z0-9]{32}`").Required(),
    Text<&RedactionRule::context>("context", "what must stand before it"),
    Flag<&RedactionRule::whole>("whole", "show nothing of it; else its ends, as in acme_12...cdef"),
    Records<&RedactionRule::cases>(
        "cases", [] { return &kRedactionCaseRecords; }, "texts that the rule is tried on"),
};
constexpr Field kRedactionActionFields[] = {
    Text<&RedactionAction::rule>("rule", "its id, of `taffrail redact explain`").Required(),
    Text<&RedactionAction::action>("action", "as of a field; keep: the rule is off"),
};
constexpr RecordType kRedactedFieldRecords = [] {
  RecordType type = RecordsOf<RedactedField>("a field", kRedactedFieldFields);
  type.check = [](const void* record, const Node& node, Problems& problems) {
    const auto& field = *static_cast<const RedactedField*>(record);
    CheckAction(field.action, node, problems);
    const auto path = redact::FieldPath::Parse(field.path);
    if (!path.ok()) problems.Error(node.mark, std::string(path.status().message()));
  };
  return type;
}();
constexpr RecordType kRedactionRuleRecords = [] {
  RecordType type = RecordsOf<RedactionRule>("a rule", kRedactionRuleFields);
  type.check = [](const void* record, const Node& node, Problems& problems) {
    const auto& rule = *static_cast<const RedactionRule*>(record);
    const auto pattern = redact::Pattern::Compile(rule.pattern, rule.context);
    if (!pattern.ok()) return problems.Error(node.mark, std::string(pattern.status().message()));
    if (rule.cases.empty()) return;
    redact::EngineOptions options;
    options.rules.push_back(log::UserRuleOf(rule));
    const auto engine = redact::Engine::Make(options);
    const absl::Status status = engine.ok() ? redact::CheckCases(**engine, options.rules) : engine.status();
    if (!status.ok()) problems.Error(node.mark, std::string(status.message()));
  };
  return type;
}();
constexpr RecordType kRedactionActionRecords = [] {
  RecordType type = RecordsOf<RedactionAction>("a rule", kRedactionActionFields);
  type.check = [](const void* record, const Node& node, Problems& problems) {
    CheckAction(static_cast<const RedactionAction*>(record)->action, node, problems);
  };
  return type;
}();

// ---- layouts ----

constexpr Choice kSlotValues[] = {{"timestamp", static_cast<uint8_t>(SlotValue::kTimestamp)},
                                  {"level", static_cast<uint8_t>(SlotValue::kLevel)},
                                  {"service", static_cast<uint8_t>(SlotValue::kService)},
                                  {"environment", static_cast<uint8_t>(SlotValue::kEnvironment)},
                                  {"version", static_cast<uint8_t>(SlotValue::kVersion)},
                                  {"hostname", static_cast<uint8_t>(SlotValue::kHostname)},
                                  {"process_id", static_cast<uint8_t>(SlotValue::kProcessId)},
                                  {"process_name", static_cast<uint8_t>(SlotValue::kProcessName)},
                                  {"thread_id", static_cast<uint8_t>(SlotValue::kThreadId)},
                                  {"thread_name", static_cast<uint8_t>(SlotValue::kThreadName)},
                                  {"logger", static_cast<uint8_t>(SlotValue::kLogger)},
                                  {"message", static_cast<uint8_t>(SlotValue::kMessage)},
                                  {"module", static_cast<uint8_t>(SlotValue::kModule)},
                                  {"file", static_cast<uint8_t>(SlotValue::kFile)},
                                  {"function", static_cast<uint8_t>(SlotValue::kFunction)},
                                  {"line", static_cast<uint8_t>(SlotValue::kLine)},
                                  {"severity_number", static_cast<uint8_t>(SlotValue::kSeverityNumber)},
                                  {"field", static_cast<uint8_t>(SlotValue::kField)},
                                  {"context", static_cast<uint8_t>(SlotValue::kContext)},
                                  {"metadata", static_cast<uint8_t>(SlotValue::kMetadata)},
                                  {"context_inline", static_cast<uint8_t>(SlotValue::kContextInline)},
                                  {"metadata_inline", static_cast<uint8_t>(SlotValue::kMetadataInline)},
                                  {"exception", static_cast<uint8_t>(SlotValue::kException)},
                                  {"exception_inline", static_cast<uint8_t>(SlotValue::kExceptionInline)},
                                  {"constant", static_cast<uint8_t>(SlotValue::kConstant)},
                                  {"object", static_cast<uint8_t>(SlotValue::kObject)}};

const RecordType* SlotRecords();

constexpr Field kSlotFields[] = {
    ChoiceKey<&SlotConfig::value>("value", kSlotValues, "what stands there").Required(),
    Text<&SlotConfig::key>("key", "the key in the line; the inline ones have none"),
    Text<&SlotConfig::source>("source", "of value: field, the field's name; of value: constant, the text"),
    LevelKey<&SlotConfig::from>("from", "written from this level up"),
    Records<&SlotConfig::children>("slots", SlotRecords, "of value: object or exception, what is in it"),
};

void CheckSlot(const void* record, const Node& node, Problems& problems) {
  const auto& slot = *static_cast<const SlotConfig*>(record);
  if (node.Find("value") == nullptr) return;
  const bool is_inline = slot.value == SlotValue::kContextInline ||
                         slot.value == SlotValue::kMetadataInline ||
                         slot.value == SlotValue::kExceptionInline;
  if (slot.key.empty() && !is_inline) {
    problems.Error(node.mark, "this slot needs a key", "as in `key: timestamp`");
  } else if (!slot.key.empty() && is_inline) {
    problems.Error(node.Find("key")->mark, "an inline slot has no key", "its members bring their own");
  }
  if (slot.value == SlotValue::kField && slot.source.empty())
    problems.Error(node.mark, "which field?", "name it, as in `source: user_id`");
  if (slot.value == SlotValue::kObject && slot.children.empty())
    problems.Error(node.mark, "an object without slots is never written", "add slots");
  const bool may_have_slots = slot.value == SlotValue::kObject || slot.value == SlotValue::kException ||
                              slot.value == SlotValue::kExceptionInline;
  if (!may_have_slots && !slot.children.empty())
    problems.Error(node.mark, "only objects and exceptions have slots");
}
constexpr RecordType kSlotRecords = [] {
  RecordType records = RecordsOf<SlotConfig>("a slot", kSlotFields);
  records.check = CheckSlot;
  return records;
}();
const RecordType* SlotRecords() { return &kSlotRecords; }

constexpr Field kLayoutFields[] = {
    Text<&LayoutConfig::name>("name", "what `layout` calls it").Required(),
    Count<&LayoutConfig::fraction_digits>("fraction_digits", "of the timestamp's second", 0, 9),
    Flag<&LayoutConfig::utc_as_offset>("utc_as_offset", "end timestamps in +00:00 instead of Z"),
    Flag<&LayoutConfig::dotted_fields>("dotted_fields",
                                       "the members of an object field beside the others, as `http.method`"),
    Records<&LayoutConfig::slots>("slots", SlotRecords, "what stands in a line, in order").Required(),
};
constexpr RecordType kLayoutRecords = RecordsOf<LayoutConfig>("a layout", kLayoutFields);

// ---- all ----

constexpr auto kC = &Settings::config;
constexpr auto kF = &Config::features;
constexpr auto kR = &Config::redaction;

constexpr Field kFields[] = {
    Text<&Settings::preset>(
        "preset", "development, staging or production; empty: that of $ENVIRONMENT or `environment`"),
    Text<kC, &Config::service>("service", "the service's name, on every line"),
    Text<kC, &Config::environment>("environment", "where it runs, on every line"),
    Text<kC, &Config::version>("version", "the service's version, on every line"),

    LevelKey<kC, &Config::level>("level", "the least level that is written"),
    LevelsKey<kC, &Config::levels>("levels", "levels of single loggers and those below them"),
    Text<kC, &Config::layout>("layout",
                              "how a line looks: auto, nested, flat, flat+error, dotted, request, otel, "
                              "text, text-dashed, text-comma, or one of `layouts`"),
    ChoiceKey<kC, &Config::timestamp>("timestamps", kPrecisions, "digits of the second"),
    Flag<kC, &Config::hostname>("include.hostname", "the host's name on every line"),
    Flag<kC, &Config::process_id>("include.process_id", "the process's id on every line"),
    Flag<kC, &Config::process_name>("include.process_name", "the program's name on every line"),
    Flag<kC, &Config::thread_id>("include.thread_id", "the thread's id on every line"),
    Flag<kC, &Config::thread_name>("include.thread_name", "the thread's name on every line"),
    LevelKey<kC, &Config::source_from>("include.source_from", "file, line and function from this level up"),

    Records<&Settings::sinks>("sinks", SinkRecords, "where lines go; empty: the console"),

    ChoiceKey<kC, &Config::queue_policy>("queue.policy", kPolicies,
                                         "what a log call does when its thread's queue is full"),
    Bytes<kC, &Config::queue_bytes>("queue.bytes", "of each thread's queue, rounded up to a power of two",
                                    64 * kKiB, 64 * kMiB),
    Bytes<kC, &Config::queue_bytes_max>("queue.bytes_max", "of all queues together, with policy: grow",
                                        64 * kKiB, 16 * kGiB),
    Bytes<kC, &Config::heap_bytes>("queue.heap_bytes", "of lines too large for a queue, under way at once",
                                   kMiB, 16 * kGiB),
    // Below a millisecond an idle program is awake all the time; after a second a tail seems to hang.
    Millis<kC, &Config::poll_ms_max>("queue.poll", "how old a line can get unwritten", 1, 1'000),
    Text<kC, &Config::queue_dir>("queue.dir",
                                 "where queues are files, so that a killed process loses nothing; auto: a "
                                 "place of this program's own; off: in memory"),
    Flag<kC, &Config::synchronous>("queue.synchronous", "every call writes before it returns"),
    Flag<kC, &Config::fatal_signals>("fatal_signals", "a CRITICAL line with the stack on SIGSEGV, SIGABRT …"),
    Flag<&Settings::level_signals>("level_signals", "SIGUSR1 writes one level more, SIGUSR2 one less"),

    Records<kC, &Config::sampling>(
        "sampling", [] { return &kSampleRecords; },
        "keep a share of the lines; the first rule that matches counts"),
    Records<kC, &Config::rate_limits>(
        "rate_limits", [] { return &kRateRecords; }, "at most so many lines of each call site"),
    Records<kC, &Config::aggregates>(
        "aggregates", [] { return &kAggregateRecords; }, "one line for many in a tight loop"),

    Flag<kC, kR, &RedactionConfig::enabled>("redaction.enabled",
                                            "take secrets out of lines (docs/redaction.md)"),
    Records<kC, kR, &RedactionConfig::fields>(
        "redaction.fields", [] { return &kRedactedFieldRecords; },
        "what is done with fields by their paths; the first that fits counts"),
    Records<kC, kR, &RedactionConfig::rules>(
        "redaction.rules", [] { return &kRedactionRuleRecords; }, "tokens of your own"),
    Records<kC, kR, &RedactionConfig::actions>(
        "redaction.actions", [] { return &kRedactionActionRecords; },
        "what rules do instead, as in `{rule: email, action: hash}`"),
    Flag<kC, kR, &RedactionConfig::hide_mail_domains>("redaction.hide_mail_domains",
                                                      "j***@a***.com instead of j***@acme.com"),
    Text<kC, kR, &RedactionConfig::hash_key>("redaction.hash_key",
                                             "for action: hash; equal values stay equal")
        .Secret(),
    Text<kC, kR, &RedactionConfig::canary>(
        "redaction.canary", "a made-up secret that must never come out; counted as rule canary")
        .Secret(),

    Flag<kC, kF, &Features::tracing>("features.tracing", "spans for requests"),
    Flag<kC, kF, &Features::metrics>("features.metrics", "performance events"),
    Flag<kC, kF, &Features::audit>("features.audit", "audit events"),
    Flag<kC, kF, &Features::slow_requests_only>("features.slow_requests_only",
                                                "no event for a fast, successful request"),
    Millis<kC, kF, &Features::slow_request_threshold_ms>("features.slow_request_threshold",
                                                         "from when on a request is slow", 0, 24 * kHourMs),
    Flag<kC, kF, &Features::memory_metrics>("features.memory_metrics", "how much memory each request took"),
    Flag<kC, kF, &Features::database_metrics>("features.database_metrics", "queries of each request"),
    Flag<kC, kF, &Features::audit_all_requests>("features.audit_all_requests",
                                                "audit requests that change nothing, too"),

    Records<kC, &Config::layouts>(
        "layouts", [] { return &kLayoutRecords; }, "layouts of your own"),
};

}  // namespace

std::span<const Field> SettingsFields() { return kFields; }

}  // namespace taffrail::config
