#include "sink/owned_lines.h"

#include "base/env.h"

namespace taffrail::sink {

OwnedLines::OwnedLines(const Batch& batch) {
  text_.reserve(batch.text.size());
  for (const Entry& entry : EntriesOf(batch)) Add(entry);
}

void OwnedLines::Add(const Entry& entry) {
  Line line{.level = entry.level,
            .category = entry.category,
            .time_ns = entry.time_ns,
            .size = entry.line.size(),
            .logger_at = loggers_.size(),
            .logger_size = entry.logger.size()};
  text_.append(entry.line).push_back('\n');
  const bool same =
      !lines_.empty() &&
      entry.logger == std::string_view(loggers_).substr(lines_.back().logger_at, lines_.back().logger_size);
  if (same) {
    line.logger_at = lines_.back().logger_at;
  } else {
    loggers_.append(entry.logger);
  }
  lines_.push_back(line);
}

void OwnedLines::Clear() {
  text_.clear();
  loggers_.clear();
  lines_.clear();
}

Batch OwnedLines::View(std::vector<Entry>& entries) const {
  entries.clear();
  const char* at = text_.data();
  for (const Line& line : lines_) {
    entries.push_back({line.level,
                       line.time_ns,
                       {loggers_.data() + line.logger_at, line.logger_size},
                       {at, line.size},
                       line.category});
    at += line.size + 1;
  }
  return {text_, entries};
}

std::vector<Entry> EntriesOf(const Batch& batch) {
  if (!batch.entries.empty()) return {batch.entries.begin(), batch.entries.end()};
  std::vector<Entry> entries;
  const int64_t now_ns = batch.text.empty() ? 0 : base::Env::Posix().NowNs();
  for (std::string_view rest = batch.text; !rest.empty();) {
    const size_t size = rest.find('\n');
    entries.push_back({Level::kInfo, now_ns, {}, rest.substr(0, size), Category::kApp});
    rest.remove_prefix(size == std::string_view::npos ? rest.size() : size + 1);
  }
  return entries;
}

Batch Slice(const Batch& batch, size_t begin, size_t end) {
  if (begin == end) return {};
  const auto entries = batch.entries.subspan(begin, end - begin);
  const char* from = entries.front().line.data();
  const std::string_view last = entries.back().line;
  return {{from, static_cast<size_t>(last.data() + last.size() + 1 - from)}, entries};
}

}  // namespace taffrail::sink
