// `taffrail redact explain`: the rules, and what they would do to files before they are turned on.
// `taffrail redact test`: whether each rule finds its own case, and what becomes of a text.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "cmd/command.h"
#include "cmd/human.h"
#include "cmd/input_status.h"
#include "cmd/output.h"
#include "cmd/printable.h"
#include "cmd/redact_commands.h"
#include "cmd/table.h"
#include "ingest/file_reader.h"
#include "redact/rule.h"

namespace taffrail::cmd {
namespace {

// A line longer than this is looked at in pieces: something has to bound what is held of a file.
constexpr size_t kLineBytesMax = size_t{16} << 20;
constexpr size_t kShownBytes = 400;  // of a changed line

struct ExplainOptions {
  std::vector<std::string> words;  // files, or texts
  std::vector<std::string> rules;  // only these; none: all
  std::string config;
  size_t limit = 20;
};

// The ids that were asked for, or an error that names the one that does not exist.
absl::StatusOr<std::set<uint16_t>> RulesNamed(const redact::Engine& engine,
                                              const std::vector<std::string>& ids) {
  std::set<uint16_t> rules;
  for (const std::string& id : ids) {
    size_t rule = 0;
    while (rule < engine.rules() && engine.RuleId(rule) != id) ++rule;
    if (rule == engine.rules())
      return absl::InvalidArgumentError(
          fmt::format("there is no rule \"{}\"; `taffrail redact explain` lists them", Printable(id)));
    rules.insert(static_cast<uint16_t>(rule));
  }
  return rules;
}

// The findings of one text, those of other rules left out.
void FindOf(const redact::Policy& policy, const std::set<uint16_t>& rules, std::string_view line,
            redact::Scratch& scratch) {
  policy.Find(line, scratch);
  if (rules.empty()) return;
  std::erase_if(scratch.findings, [&](const redact::Finding& f) { return !rules.contains(f.rule); });
}

std::string RulesOf(const redact::Engine& engine, const redact::Findings& findings) {
  std::set<std::string_view> ids;
  for (const redact::Finding& finding : findings) ids.insert(engine.RuleId(finding.rule));
  return fmt::format("{}", fmt::join(ids, ", "));
}

absl::StatusOr<ExitCode> ListRules(const redact::Engine& engine, const Painter& painter,
                                   const std::set<uint16_t>& only) {
  Table table({"rule", "of", "form", "behind"});
  const auto wanted = [&](size_t rule) { return only.empty() || only.contains(static_cast<uint16_t>(rule)); };
  const auto builtin = redact::BuiltinRules();
  for (size_t i = 0; i < engine.rules(); ++i) {
    if (!wanted(i)) continue;
    const bool is_token = i >= redact::kDetectors && i - redact::kDetectors < builtin.size();
    std::string form = i < redact::kDetectors ? "by code: docs/redaction.md" : "of the configuration";
    if (is_token) form = builtin[i - redact::kDetectors].pattern;
    table.AddRow({std::string(engine.RuleId(i)),
                  std::string(is_token ? builtin[i - redact::kDetectors].vendor : std::string_view()), form,
                  std::string(is_token ? builtin[i - redact::kDetectors].context : std::string_view())});
  }
  TAFFRAIL_RETURN_IF_ERROR(WriteOut(table.Render(painter, 0)));
  return ExitCode::kDone;
}

// Shows the first lines that would change, as they would be, and counts all.
class Explanation {
 public:
  Explanation(const redact::Policy& policy, std::set<uint16_t> rules, size_t limit, Painter painter)
      : policy_(policy), rules_(std::move(rules)), limit_(limit), painter_(painter) {}

  absl::Status Read(base::Env& env, const std::string& file) {
    const auto opened = ingest::FileReader::Open(env, file);
    if (!opened.ok()) return CannotOpen(file, opened.status());
    std::string chunk;
    std::string line;
    uint64_t number = 0;
    while (true) {
      const absl::StatusOr<bool> more = (*opened)->Next(chunk);
      if (!more.ok()) return CannotRead(more.status());
      if (!*more) break;
      for (std::string_view rest = chunk; !rest.empty();) {
        const size_t end = rest.find('\n');
        line += rest.substr(0, end);
        const bool is_whole = end != std::string_view::npos;
        rest.remove_prefix(is_whole ? end + 1 : rest.size());
        if (!is_whole && line.size() < kLineBytesMax) break;
        Take(file, ++number, line);
        line.clear();
      }
    }
    if (!line.empty()) Take(file, ++number, line);
    return absl::OkStatus();
  }

  void Finish() {
    std::string out;
    if (changed_ > shown_) out += fmt::format("… and {} more\n", changed_ - shown_);
    out += fmt::format("{} of {} lines would change\n", changed_, lines_);
    output_.Write(out);
    output_.Flush();
  }
  bool changed() const { return changed_ > 0; }
  absl::Status status() const { return output_.status(); }

 private:
  void Take(const std::string& file, uint64_t number, std::string_view line) {
    ++lines_;
    FindOf(policy_, rules_, line, scratch_);
    if (scratch_.findings.empty()) return;
    ++changed_;
    if (shown_ >= limit_) return;
    ++shown_;
    const std::string rules = RulesOf(policy_.engine(), scratch_.findings);
    masked_.clear();
    policy_.engine().Write(line, scratch_, masked_);
    // What other rules would have found must not be seen here either.
    std::string safe;
    if (!policy_.Redact(masked_, scratch_, safe)) safe = masked_;
    output_.Write(fmt::format("{}  {}\n    {}\n",
                              painter_(Style::kBold, fmt::format("{}:{}", Printable(file), number)),
                              painter_(Style::kWarning, rules), Printable(safe.substr(0, kShownBytes))));
  }

  const redact::Policy& policy_;
  const std::set<uint16_t> rules_;
  const size_t limit_;
  const Painter painter_;
  redact::Scratch scratch_;
  Output output_{STDOUT_FILENO};
  std::string masked_;
  uint64_t lines_ = 0;
  uint64_t changed_ = 0;
  uint64_t shown_ = 0;
};

absl::StatusOr<ExitCode> Explain(const ExplainOptions& options, Program& program) {
  TAFFRAIL_ASSIGN_OR_RETURN(const auto policy, LoadPolicy(program.env, options.config));
  TAFFRAIL_ASSIGN_OR_RETURN(std::set<uint16_t> rules, RulesNamed(policy->engine(), options.rules));
  const Painter painter(UseColor(program.color, STDOUT_FILENO));
  if (options.words.empty()) return ListRules(policy->engine(), painter, rules);
  Explanation explanation(*policy, std::move(rules), options.limit, painter);
  for (const std::string& file : options.words) TAFFRAIL_RETURN_IF_ERROR(explanation.Read(program.env, file));
  explanation.Finish();
  TAFFRAIL_RETURN_IF_ERROR(explanation.status());
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> TestRules(const redact::Engine& engine) {
  const std::vector<std::string> failed = engine.Canary();
  for (const std::string& id : failed) fmt::print(stderr, "rule {} does not find its own case\n", id);
  // Those of the configuration were tried when it was read (rule_cases.h), or we would not be here.
  TAFFRAIL_RETURN_IF_ERROR(
      WriteOut(fmt::format("{} rules, {} of them failed\n", engine.rules(), failed.size())));
  return failed.empty() ? ExitCode::kDone : ExitCode::kCheckFailed;
}

absl::StatusOr<ExitCode> Test(const ExplainOptions& options, Program& program) {
  TAFFRAIL_ASSIGN_OR_RETURN(const auto policy, LoadPolicy(program.env, options.config));
  if (options.words.empty()) return TestRules(policy->engine());
  redact::Scratch scratch;
  std::string out;
  bool all = true;
  for (const std::string& text : options.words) {
    std::string masked;
    policy->Find(text, scratch);
    const std::string rules = RulesOf(policy->engine(), scratch.findings);
    const bool found = policy->engine().Write(text, scratch, masked);
    all = all && found;
    out += fmt::format("{}\n    {}\n", Printable(found ? masked : text), found ? rules : "nothing found");
  }
  TAFFRAIL_RETURN_IF_ERROR(WriteOut(out));
  return all ? ExitCode::kDone : ExitCode::kCheckFailed;
}

}  // namespace

void AddRedactExplain(Command redact, Program& program) {
  auto options = std::make_shared<ExplainOptions>();
  Command command = AddCommand(
      redact, program,
      {"Commands", "explain", "List the rules, or show what they would do to files",
       "  taffrail redact explain                           every rule with its form\n"
       "  taffrail redact explain app.log                   the lines that would change, as they would be\n"
       "  taffrail redact explain --rule email app.log      because of this rule alone\n"
       "  taffrail redact explain --config new.yaml app.log  before new.yaml is turned on"},
      [options, &program] { return Explain(*options, program); });
  command.Add("FILE", options->words, "Files; - is the standard input; none: list the rules").Type("FILE");
  command.Add("--rule", options->rules, "Only this rule; may be repeated").Type("ID").OneWordEach();
  command.Add("--limit", options->limit, "Lines to show at most (20); all are counted").Type("N");
  AddPolicyOption(command, options->config);

  options = std::make_shared<ExplainOptions>();
  command = AddCommand(
      redact, program,
      {"Commands", "test", "Check that the rules work, or see what becomes of a text",
       "  taffrail redact test --config taffrail.yaml    exit code 1 or 2: a rule fails a case of its own\n"
       "  taffrail redact test 'acme_token=…'            exit code 1: nothing was found in it"},
      [options, &program] { return Test(*options, program); });
  command.Add("TEXT", options->words, "Texts to look at; none: every rule's own case").Type("TEXT");
  AddPolicyOption(command, options->config);
}

}  // namespace taffrail::cmd
