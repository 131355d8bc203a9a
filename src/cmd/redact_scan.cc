// `taffrail redact scan`: secrets in files or in a store, counted by rule and never shown; and a store
// rewritten without them.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "audit/checkpoint.h"
#include "base/time_text.h"
#include "cmd/audit_ledger.h"
#include "cmd/command.h"
#include "cmd/human.h"
#include "cmd/input_status.h"
#include "cmd/output.h"
#include "cmd/printable.h"
#include "cmd/progress.h"
#include "cmd/redact_commands.h"
#include "cmd/redact_rewrite.h"
#include "cmd/table.h"
#include "ingest/file_reader.h"
#include "ledger/files.h"
#include "ledger/ledgers.h"
#include "record/json_writer.h"
#include "record/row_cursor.h"
#include "store/store.h"

namespace taffrail::cmd {
namespace {

// A line longer than this is looked at in pieces: something has to bound what is held of a file.
constexpr size_t kLineBytesMax = size_t{16} << 20;
constexpr size_t kTextBytes = 128 << 10;  // looked at together: stays in the processor's cache

struct ScanOptions {
  std::vector<std::string> files;
  std::string data_dir;
  std::string config;
  std::string format = "text";
  bool rewrite = false;
  bool keep_old = false;
};

// What was found, by rule.
class Tally {
 public:
  explicit Tally(const redact::Policy& policy) : policy_(policy) {}

  // Whole lines; place(n) says where the nth of them is.
  template <typename Place>
  void Take(std::string_view text, const Place& place) {
    policy_.FindInLines(text, scratch_);
    size_t line = 0;
    size_t at = 0;
    size_t last_line = SIZE_MAX;
    std::set<uint16_t> rules_of_line;
    for (const redact::Finding& finding : scratch_.findings) {
      line += static_cast<size_t>(std::ranges::count(text.substr(at, finding.begin - at), '\n'));
      at = finding.begin;
      if (line != last_line) rules_of_line.clear();
      if (line != last_line) ++dirty_lines_;
      last_line = line;
      Found& found = found_[finding.rule];
      if (found.values++ == 0) found.first = place(line);
      if (rules_of_line.insert(finding.rule).second) ++found.lines;
    }
    lines_ += static_cast<uint64_t>(std::ranges::count(text, '\n'));
  }

  bool found() const { return dirty_lines_ > 0; }
  uint64_t lines() const { return lines_; }

  std::string Text(const Painter& painter, std::string_view where = "lines") const {
    if (!found()) return fmt::format("no secrets in {} {}\n", lines_, where);
    Table table({"rule", "found", "lines", "first"});
    for (const auto& [rule, found] : found_) {
      table.AddRow({std::string(policy_.engine().RuleId(rule)), fmt::format("{}", found.values),
                    fmt::format("{}", found.lines), found.first});
    }
    return table.Render(painter, 0) + fmt::format("secrets in {} of {} {}\n", dirty_lines_, lines_, where);
  }
  // `more`: further members.
  std::string Json(std::string_view more = {}) const {
    std::string out = fmt::format(R"({{"lines":{},"lines_with_secrets":{},"rules":{{)", lines_, dirty_lines_);
    std::string_view comma;
    for (const auto& [rule, found] : found_) {
      out += comma;
      comma = ",";
      record::AppendJsonString(policy_.engine().RuleId(rule), out);
      out += fmt::format(R"(:{{"found":{},"lines":{},"first":)", found.values, found.lines);
      record::AppendJsonString(found.first, out);
      out += '}';
    }
    return fmt::format("{}}}{}}}", out, more);
  }

 private:
  struct Found {
    uint64_t values = 0;
    uint64_t lines = 0;
    std::string first;
  };
  const redact::Policy& policy_;
  redact::Scratch scratch_;
  std::map<uint16_t, Found> found_;
  uint64_t lines_ = 0;
  uint64_t dirty_lines_ = 0;
};

absl::Status ScanFile(base::Env& env, const std::string& file, Progress& progress, Tally& tally) {
  const auto opened = ingest::FileReader::Open(env, file);
  if (!opened.ok()) return CannotOpen(file, opened.status());
  ingest::FileReader& reader = **opened;
  progress.SetLabel(file);
  uint64_t number = 1;  // of the first line in `text`
  const auto take = [&](std::string_view text) {
    tally.Take(text, [&](size_t line) { return fmt::format("{}:{}", file, number + line); });
    number += static_cast<uint64_t>(std::ranges::count(text, '\n'));
  };
  std::string text;
  std::string chunk;
  while (true) {
    const absl::StatusOr<bool> more = reader.Next(chunk);
    if (!more.ok()) return CannotRead(more.status());
    if (!*more) break;
    text += chunk;
    size_t end = text.rfind('\n');
    if (end == std::string::npos && text.size() < kLineBytesMax) continue;
    if (end == std::string::npos) text.push_back('\n'), end = text.size() - 1;
    take(std::string_view(text).substr(0, end + 1));
    text.erase(0, end + 1);
    progress.Update(reader.bytes_read(), reader.bytes_total(), tally.lines());
  }
  if (!text.empty()) take(text += '\n');
  return absl::OkStatus();
}

absl::Status ScanStore(base::Env& env, const std::string& dir, Progress& progress, Tally& tally) {
  store::StoreOptions options{.dir = dir, .env = &env, .read_only = true, .background = false};
  TAFFRAIL_ASSIGN_OR_RETURN(const auto store, store::Store::Open(options));
  const uint64_t total = store->Info().rows;
  progress.SetLabel(dir);
  std::string text;
  std::vector<int64_t> times_ns;
  const auto look = [&] {
    tally.Take(text, [&](size_t line) {
      return base::FormatRfc3339(times_ns[std::min(line, times_ns.size() - 1)]);
    });
    progress.Update(tally.lines(), total, tally.lines());
    text.clear();
    times_ns.clear();
  };
  store::ScanRequest request;
  request.columns.line = true;
  const auto add = [&](const record::RecordBatch& batch, const expr::Selection& rows) {
    record::RowCursor cursor(batch);
    for (const uint32_t row : rows) {
      cursor.MoveTo(row);
      const size_t begin = text.size();
      cursor.AppendLine(text);
      const size_t line_end = text.size();
      cursor.AppendAttributes(text);
      if (text.size() > line_end) text.insert(line_end, 1, '\t');
      // A record is one line here, or the counts would be of something else.
      std::replace(text.begin() + static_cast<ptrdiff_t>(begin), text.end(), '\n', '\r');
      text.push_back('\n');
      times_ns.push_back(batch.timestamp_ns[row]);
      if (text.size() >= kTextBytes) look();
    }
    return true;
  };
  TAFFRAIL_RETURN_IF_ERROR(store->Scan(request, add, nullptr));
  if (!text.empty()) look();
  return absl::OkStatus();
}

// The records of audit ledgers, by their numbers: they are proven as they are, and no rewriting reaches them.
absl::Status ScanLedgers(base::Env& env, const std::string& dir, Progress& progress, Tally& tally) {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<ledger::LedgerName> names, ledger::ListLedgers(env, dir));
  for (const ledger::LedgerName& name : names) {
    LedgerPlace place;
    place.dir = ledger::LedgerDir(dir, name.tenant, name.ledger_class);
    place.source = std::make_unique<ledger::DirectorySource>(env, place.dir);
    // What lies there is looked at, whoever signed it: whether it is whole is `audit verify`'s to say.
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string note,
                              place.source->Read(std::string(ledger::kCheckpointFile)));
    TAFFRAIL_ASSIGN_OR_RETURN(const audit::SignedCheckpoint last, audit::ParseCheckpoint(note));
    TAFFRAIL_ASSIGN_OR_RETURN(const TrustedKeys keys, KeysOf(env, place, ""));
    progress.SetLabel(place.dir);
    std::string line;
    TAFFRAIL_RETURN_IF_ERROR(ForEachRecord(*place.source, keys.chain.first_record, last.checkpoint.size,
                                           [&](uint64_t index, std::string_view record) {
                                             line.assign(record);
                                             std::ranges::replace(line, '\n', '\r');
                                             line.push_back('\n');
                                             tally.Take(line, [&](size_t) {
                                               return fmt::format("{}/{} {}", name.tenant, name.ledger_class,
                                                                  index);
                                             });
                                             return true;
                                           }));
  }
  return absl::OkStatus();
}

constexpr std::string_view kAboutLedgers =
    "Audit ledgers are never rewritten: what they hold is proven as it is. `taffrail audit erase` destroys "
    "the key "
    "of what audit.personal sealed; whole old bundles go by `taffrail audit prune`.\n";

// What a scan or a rewriting says of the ledgers; empty where there are none.
std::string LedgerText(const Tally& ledgers, const Painter& painter) {
  if (ledgers.lines() == 0) return {};
  return "\n" + ledgers.Text(painter, "records of audit ledgers") + std::string(kAboutLedgers);
}

absl::StatusOr<ExitCode> Scan(const ScanOptions& options, Program& program) {
  if (options.files.empty() == options.data_dir.empty())
    return absl::InvalidArgumentError("give files to scan, or --data DIR for what a server has stored");
  if (!options.data_dir.empty() && !program.env.Exists(base::JoinPath(options.data_dir, "MANIFEST")))
    return absl::NotFoundError(fmt::format(
        "no store at {}: give the directory that `taffrail serve --data` uses", Printable(options.data_dir)));
  TAFFRAIL_ASSIGN_OR_RETURN(const auto policy, LoadPolicy(program.env, options.config));
  Progress progress(program.env, Progress::ModeOfStderr(program.quiet));
  const Painter painter(UseColor(program.color, STDOUT_FILENO));
  Tally ledgers(*policy);
  if (options.rewrite) {
    TAFFRAIL_ASSIGN_OR_RETURN(
        const RewriteReport report,
        RewriteStore(program.env, options.data_dir, policy, options.keep_old,
                     [&](uint64_t done, uint64_t total) { progress.Update(done, total, done); }));
    progress.Clear();
    Output output(STDOUT_FILENO);
    output.Write(fmt::format("{} of {} lines rewritten without their secrets\n", report.masked, report.rows));
    if (!report.old_dir.empty())
      output.Write(fmt::format("the store as it was: {}\n", Printable(report.old_dir)));
    TAFFRAIL_RETURN_IF_ERROR(ScanLedgers(program.env, options.data_dir, progress, ledgers));
    progress.Clear();
    output.Write(LedgerText(ledgers, painter));
    output.Flush();
    TAFFRAIL_RETURN_IF_ERROR(output.status());
    return ledgers.found() ? ExitCode::kCheckFailed : ExitCode::kDone;
  }
  Tally tally(*policy);
  for (const std::string& file : options.files)
    TAFFRAIL_RETURN_IF_ERROR(ScanFile(program.env, file, progress, tally));
  if (!options.data_dir.empty()) {
    TAFFRAIL_RETURN_IF_ERROR(ScanStore(program.env, options.data_dir, progress, tally));
    TAFFRAIL_RETURN_IF_ERROR(ScanLedgers(program.env, options.data_dir, progress, ledgers));
  }
  progress.Clear();
  Output output(STDOUT_FILENO);
  if (options.format == "json") {
    output.Write(tally.Json(ledgers.lines() == 0 ? "" : ",\"ledgers\":" + ledgers.Json()) + "\n");
  } else {
    output.Write(tally.Text(painter) + LedgerText(ledgers, painter));
  }
  output.Flush();
  TAFFRAIL_RETURN_IF_ERROR(output.status());
  return tally.found() || ledgers.found() ? ExitCode::kCheckFailed : ExitCode::kDone;
}

}  // namespace

void AddRedactScan(Command redact, Program& program) {
  auto options = std::make_shared<ScanOptions>();
  const Command command = AddCommand(
      redact, program,
      {"Commands", "scan", "Say which secrets files or a store hold; exit code 1 when they hold some",
       "  taffrail redact scan app.log*                   by rule, with the first place of each\n"
       "  taffrail redact scan --data ./logs              works beside a running server\n"
       "  taffrail redact scan --data ./logs --rewrite    masks them; the server must be stopped"},
      [options, &program] { return Scan(*options, program); });
  command.Add("FILE", options->files, "Files, plain or compressed; - is the standard input").Type("FILE");
  const Option data =
      command.Add("--data", options->data_dir, "A store's directory (`serve --data`)").Type("DIR");
  const Option rewrite =
      command
          .AddFlag("--rewrite", options->rewrite,
                   "Write the store anew without its secrets; needs as much disk space again")
          .Needs(data);
  command
      .AddFlag("--keep-old", options->keep_old,
               "Leave the store as it was beside the new one, as DIR.unredacted")
      .Needs(rewrite);
  AddPolicyOption(command, options->config);
  command.AddChoice("--format", options->format, {"text", "json"}, "How to print it (default: text)");
}

}  // namespace taffrail::cmd
