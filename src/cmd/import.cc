// `taffrail import`: files, pipes and stdin into a server or a store.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "cmd/command.h"
#include "cmd/human.h"
#include "cmd/import_target.h"
#include "cmd/input_status.h"
#include "cmd/progress.h"
#include "cmd/server_client.h"
#include "ingest/file_reader.h"

namespace taffrail::cmd {
namespace {

struct ImportOptions {
  std::vector<std::string> files;
  std::string url;
  std::string data_dir;
  std::string time_field;
  int retry_seconds = 60;  // a restart of the server takes a few; after a minute somebody should look
};

// Of the inputs whose size is known before reading; 0 when one is a pipe.
uint64_t TotalBytes(const std::vector<std::string>& files) {
  uint64_t total = 0;
  for (const std::string& file : files) {
    struct stat info {};
    if (file == "-" || stat(file.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return 0;
    total += static_cast<uint64_t>(info.st_size);
  }
  return total;
}

struct Walk {
  ImportTarget& target;
  Progress& progress;
  uint64_t total_bytes;
  uint64_t done_bytes = 0;     // of inputs that are over
  uint64_t decoded_bytes = 0;  // what the lines take
};

// An input that cannot be read (to its end) does not keep the others out: its error is returned in
// input_error, once everything that can be read was taken. An error of the target ends everything.
absl::Status ImportOne(base::Env& env, const std::string& path, Walk& walk, absl::Status& input_error) {
  auto input = ingest::FileReader::Open(env, path);
  if (!input.ok()) {
    input_error.Update(CannotOpen(path, input.status()));
    return absl::OkStatus();
  }
  walk.progress.SetLabel(path == "-" ? "stdin" : path);
  std::string chunk;
  for (;;) {
    const absl::StatusOr<bool> more = (*input)->Next(chunk);
    input_error.Update(CannotRead(more.status()));
    if (!more.ok() || !*more) {
      walk.done_bytes += (*input)->bytes_read();
      return walk.target.EndInput(more.ok());
    }
    walk.decoded_bytes += chunk.size();
    TAFFRAIL_RETURN_IF_ERROR(walk.target.Take(chunk));
    walk.progress.Update(walk.done_bytes + (*input)->bytes_read(), walk.total_bytes, walk.target.lines());
  }
}

std::string Summary(const ImportCounts& counts, uint64_t decoded_bytes, int64_t elapsed_ns) {
  const double seconds = std::max(static_cast<double>(elapsed_ns) / 1e9, 1e-9);
  std::string text =
      fmt::format("{} lines, {} in {} ({} lines/s): {} JSON, {} text", HumanCount(counts.lines),
                  HumanBytes(decoded_bytes), HumanDuration(elapsed_ns),
                  HumanRate(static_cast<double>(counts.lines) / seconds), HumanCount(counts.json),
                  HumanCount(counts.text));
  const auto add = [&text](uint64_t count, std::string_view what) {
    if (count > 0) text += fmt::format(", {} {}", HumanCount(count), what);
  };
  add(counts.clipped, "clipped");
  add(counts.invalid_utf8, "not UTF-8");
  add(counts.time_missing, "without a time (got the time of the import)");
  add(counts.blank, "blank (skipped)");
  add(counts.retries, "requests sent again");
  return text;
}

absl::Status Feed(const ImportOptions& options, ImportTarget& target, Program& program) {
  Progress progress(program.env, Progress::ModeOfStderr(program.quiet));
  Walk walk{target, progress, TotalBytes(options.files)};
  absl::Status input_error;
  absl::Status target_error;
  for (const std::string& file : options.files) {
    target_error = ImportOne(program.env, file, walk, input_error);
    if (!target_error.ok()) break;
  }
  const absl::Status finished = target.Finish();
  if (target_error.ok()) target_error = finished;
  progress.Clear();
  const ImportCounts counts = target.counts();
  if (!target_error.ok()) {
    const std::string_view why(target_error.message().data(), target_error.message().size());
    return absl::Status(target_error.code(),
                        fmt::format("stopped after {} lines were stored: {}", HumanCount(counts.lines), why));
  }
  if (!program.quiet) fmt::print(stderr, "{}\n", Summary(counts, walk.decoded_bytes, progress.elapsed_ns()));
  return input_error;
}

absl::Status Import(const ImportOptions& options, Program& program) {
  if (options.data_dir.empty()) {
    TAFFRAIL_ASSIGN_OR_RETURN(std::string url, ServerUrl(options.url));
    constexpr int64_t kMsPerSecond = 1000;
    const auto target =
        ImportToServer(program.env, std::move(url), options.time_field, options.retry_seconds * kMsPerSecond);
    return Feed(options, *target, program);
  }
  store::StoreOptions store_options;
  store_options.dir = options.data_dir;
  store_options.env = &program.env;
  TAFFRAIL_ASSIGN_OR_RETURN(const auto store, store::Store::Open(store_options));
  const auto target = ImportIntoStore(program.env, *store, options.time_field);
  const absl::Status status = Feed(options, *target, program);
  // What is in the log is durable, but every reader would have to replay it.
  const absl::Status flushed = store->Flush();
  return status.ok() ? flushed : status;
}

}  // namespace

void AddImport(Command app, Program& program) {
  auto options = std::make_shared<ImportOptions>();
  const Command command =
      AddCommand(app, program,
                 {"Run", "import", "Send files to a server, or put them straight into a store",
                  "  taffrail import app.ndjson app.log.2.gz old.ndjson.zst\n"
                  "  kubectl logs api | taffrail import -\n"
                  "  taffrail import --data ./logs app.ndjson       no server needed (it must not be running "
                  "on ./logs)"},
                 [options, &program]() -> absl::StatusOr<ExitCode> {
                   TAFFRAIL_RETURN_IF_ERROR(Import(*options, program));
                   return ExitCode::kDone;
                 });
  command.Add("FILE", options->files, "NDJSON or text, also gzip or zstd; - is stdin")
      .Required()
      .Type("FILE");
  const Option url = command.Add("--url", options->url,
                                 "The server (default: $TAFFRAIL_URL, or " + std::string(kDefaultUrl) + ")");
  url.Type("URL").Group("Where to");
  command.Add("--data", options->data_dir, "A store's directory instead; created if need be")
      .Type("DIR")
      .Group("Where to")
      .Excludes(url);
  command.Add("--time-field", options->time_field, "Path of the field that holds a line's time").Type("PATH");
  command.Add("--retry-for", options->retry_seconds, "How long to keep trying when the server is away (60)")
      .Type("SECONDS")
      .Within(int64_t{0}, int64_t{86400});
}

}  // namespace taffrail::cmd
