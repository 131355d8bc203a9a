#include <string>

#include "fmt/format.h"
#include "query/exec/executor.h"

namespace taffrail::query::exec {
namespace {

std::string Milliseconds(int64_t time_ns) {
  return fmt::format("{:.1f} ms", static_cast<double>(time_ns) / 1e6);
}

std::string Mebibytes(uint64_t size_bytes) {
  return fmt::format("{:.1f} MiB", static_cast<double>(size_bytes) / (1 << 20));
}

std::string PushedParts(const Pushed& pushed) {
  std::string parts;
  for (const auto& [is_pushed, name] :
       {std::pair(pushed.range, "time range"), std::pair(pushed.filter, "filter"),
        std::pair(pushed.order, "order")}) {
    if (!is_pushed) continue;
    if (!parts.empty()) parts += ", ";
    parts += name;
  }
  return parts.empty() ? "nothing" : parts;
}

}  // namespace

std::vector<std::string> NotesOf(const ExecStats& stats) {
  std::vector<std::string> notes;
  for (const OperatorStats& op : stats.operators) {
    if (!op.note.empty()) notes.push_back(op.note);
  }
  return notes;
}

std::string Explain(const ExecStats& stats) {
  std::string out = "plan\n";
  for (size_t begin = 0; begin < stats.plan.size();) {
    const size_t end = stats.plan.find('\n', begin);
    out += "  " + stats.plan.substr(begin, end - begin) + "\n";
    begin = end == std::string::npos ? stats.plan.size() : end + 1;
  }
  std::string passes;
  for (const PassStats& pass : stats.passes) {
    if (pass.changed)
      passes += fmt::format(" {} ({:.3f} ms)", pass.name, static_cast<double>(pass.time_ns) / 1e6);
  }
  if (!passes.empty()) out += "rewritten by" + passes + "\n";
  const ScanStats& scan = stats.scan;
  out += fmt::format("engine {}, pushed down: {}\n", stats.engine, PushedParts(stats.pushed));
  out += fmt::format(
      "  blocks  {} in all; skipped {} by time, {} by words, {} by ranges; {} counted unread; {} read, of "
      "which {} remembered\n",
      scan.blocks, scan.blocks_pruned_time, scan.blocks_pruned_words, scan.blocks_pruned_range,
      scan.blocks_counted, scan.blocks_read, scan.blocks_remembered);
  out += fmt::format("  rows    {} looked at, {} matched\n", scan.rows_read, scan.rows_matched);
  out += fmt::format("  bytes   {} read, {} decoded\n", Mebibytes(scan.bytes_read),
                     Mebibytes(scan.bytes_decoded));
  out += fmt::format("time {}, memory {}, rows {}\n", Milliseconds(stats.time_ns),
                     Mebibytes(stats.peak_memory_bytes), stats.rows_out);
  // Several threads scan and aggregate at once: their processor times add up to more than the time above.
  out += fmt::format("  {:>10}  {:>10} CPU  scan and filter\n", "", Milliseconds(scan.cpu_ns));
  for (const OperatorStats& op : stats.operators) {
    out += fmt::format("  {:>10}  {:>10} CPU  {} ({} -> {} rows)\n", Milliseconds(op.time_ns),
                       Milliseconds(op.cpu_ns), op.name, op.rows_in, op.rows_out);
  }
  for (const std::string& note : NotesOf(stats)) out += "note: " + note + "\n";
  return out;
}

}  // namespace taffrail::query::exec
