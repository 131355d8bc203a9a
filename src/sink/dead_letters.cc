#include "sink/dead_letters.h"

#include <utility>

#include "record/json_writer.h"
#include "record/level.h"

namespace taffrail::sink {
namespace {

// Somebody is to look at them, not to store them: 8 × 16 MiB is more than anybody reads.
constexpr FileOptions kOptions{
    .max_bytes = uint64_t{16} << 20, .compression = FileCompression::kGzip, .keep_files = 8};
constexpr size_t kMaxReasonBytes = 500;  // an answer may be a page of HTML

}  // namespace

DeadLetters::DeadLetters(std::string path) : file_(std::move(path), kOptions) {}

bool DeadLetters::Add(const Entry& entry, std::string_view reason) {
  std::string line = R"({"refused_at":")";
  record::AppendRfc3339(base::Env::Posix().NowNs(), 3, line);
  line.append(R"(","reason":)");
  record::AppendJsonString(reason.substr(0, kMaxReasonBytes), line);
  line.append(R"(,"timestamp":")");
  record::AppendRfc3339(entry.time_ns, 9, line);
  line.append(R"(","level":)");
  record::AppendJsonString(record::LevelName(entry.level), line);
  line.append(R"(,"logger":)");
  record::AppendJsonString(entry.logger, line);
  line.append(R"(,"line":)");
  record::AppendJsonString(entry.line, line);
  line.append("}\n");
  return file_.write({line, {}});
}

}  // namespace taffrail::sink
