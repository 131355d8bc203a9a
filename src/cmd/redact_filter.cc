#include "cmd/redact_filter.h"

#include <unistd.h>

#include <string_view>

#include "cmd/output.h"
#include "ingest/file_reader.h"

namespace taffrail::cmd {
namespace {

// A line longer than this is looked at in pieces: something has to bound what a file without newlines can
// hold in memory.
constexpr size_t kLineBytesMax = size_t{64} << 20;
// Less than this at once is a pipe that somebody watches.
constexpr size_t kWatched = 32 << 10;

class Filter {
 public:
  Filter(const redact::Policy& policy, bool null_ended, redact::Scratch& scratch, Output& output)
      : policy_(policy), end_(null_ended ? '\0' : '\n'), scratch_(scratch), output_(output) {}

  // False when nobody reads any more.
  bool Take(std::string_view chunk) {
    const size_t last = chunk.rfind(end_);
    if (last == std::string_view::npos) {
      rest_ += chunk;
      return rest_.size() < kLineBytesMax || Finish();
    }
    const std::string_view whole = chunk.substr(0, last + 1);
    bool wanted = true;
    if (rest_.empty()) {
      wanted = Write(whole);
    } else {
      // The line that goes over the chunks' border alone, so that the others are not copied.
      const size_t first = whole.find(end_) + 1;
      rest_ += whole.substr(0, first);
      wanted = Write(rest_) && (first == whole.size() || Write(whole.substr(first)));
    }
    rest_ = chunk.substr(last + 1);
    return wanted;
  }
  bool Finish() {
    const bool wanted = rest_.empty() || Write(rest_);
    rest_.clear();
    return wanted;
  }

 private:
  bool Write(std::string_view text) {
    if (end_ == '\n') return WriteRedacted(text, &redact::Policy::RedactLines);
    while (!text.empty()) {
      const size_t size = std::min(text.find(end_), text.size());
      if (!WriteRedacted(text.substr(0, size), &redact::Policy::Redact)) return false;
      if (size < text.size() && !output_.Write(std::string_view(&end_, 1))) return false;
      text.remove_prefix(std::min(size + 1, text.size()));
    }
    return true;
  }

  bool WriteRedacted(std::string_view text,
                     bool (redact::Policy::*redact)(std::string_view, redact::Scratch&, std::string&) const) {
    redacted_.clear();
    return output_.Write((policy_.*redact)(text, scratch_, redacted_) ? std::string_view(redacted_) : text);
  }

  const redact::Policy& policy_;
  const char end_;
  redact::Scratch& scratch_;
  Output& output_;
  std::string rest_;  // of a line that is not over yet
  std::string redacted_;
};

}  // namespace

absl::Status FilterFiles(base::Env& env, const redact::Policy& policy, const FilterOptions& options,
                         redact::Scratch& scratch) {
  Output output(STDOUT_FILENO);
  std::vector<std::string> files = options.files;
  if (files.empty()) files.emplace_back("-");
  std::string chunk;
  for (const std::string& file : files) {
    TAFFRAIL_ASSIGN_OR_RETURN(const auto reader, ingest::FileReader::Open(env, file));
    Filter filter(policy, options.null_ended, scratch, output);
    while (true) {
      TAFFRAIL_ASSIGN_OR_RETURN(const bool more, reader->Next(chunk));
      if (!more) break;
      if (!filter.Take(chunk)) return output.status();
      if (chunk.size() < kWatched && !output.Flush()) return output.status();
    }
    if (!filter.Finish()) return output.status();
  }
  output.Flush();
  return output.status();
}

}  // namespace taffrail::cmd
