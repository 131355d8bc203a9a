#include "cmd/stats_view.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "cmd/human.h"
#include "cmd/printable.h"
#include "cmd/table.h"

namespace taffrail::cmd {
namespace {

namespace dom = simdjson::dom;

uint64_t Number(const dom::element& object, const char* name) {
  uint64_t number = 0;
  return object[name].get(number) == simdjson::SUCCESS ? number : 0;
}

std::string Text(const dom::element& object, const char* name) {
  std::string_view text;
  return object[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::string Share(uint64_t part, uint64_t whole) {
  return whole == 0 ? ""
                    : fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string Bar(uint64_t part, uint64_t most, size_t columns) {
  const size_t filled = most == 0 ? 0 : static_cast<size_t>(part * columns / most);
  std::string bar;
  for (size_t i = 0; i < std::max<size_t>(filled, part > 0 ? 1 : 0); ++i) bar += "█";
  return bar;
}

std::string Levels(const dom::element& stats, uint64_t lines, const Painter& painter) {
  dom::object levels;
  if (stats["by_level"].get(levels) != simdjson::SUCCESS || levels.size() == 0) return {};
  std::vector<std::pair<std::string, uint64_t>> sorted;
  uint64_t most = 0;
  for (const auto& [name, value] : levels) {
    uint64_t count = 0;
    if (value.get(count) != simdjson::SUCCESS) continue;
    sorted.emplace_back(name, count);
    most = std::max(most, count);
  }
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string out = '\n' + painter(Style::kBold, "levels") + '\n';
  constexpr size_t kBarColumns = 30;
  for (const auto& [name, count] : sorted) {
    const Style style = StyleOfLevel(name);
    out += "  " + painter(style, fmt::format("{:<9}", Printable(name)));
    out += fmt::format(" {:>14} {:>8}  ", HumanCount(count), Share(count, lines));
    out += painter(style, Bar(count, most, kBarColumns)) + '\n';
  }
  return out;
}

std::string Services(const dom::element& stats, const Painter& painter, size_t width) {
  dom::array services;
  if (stats["by_service"].get(services) != simdjson::SUCCESS || services.size() == 0) return {};
  constexpr size_t kShown = 20;  // the rest is for --format json
  Table table({"service", "lines", "errors", "error share"});
  for (const dom::element& service : services) {
    if (table.rows() == kShown) break;
    const std::string name = Text(service, "service");
    const uint64_t lines = Number(service, "lines");
    const uint64_t errors = Number(service, "errors");
    table.AddRow(
        {name.empty() ? "(none)" : name, HumanCount(lines), HumanCount(errors), Share(errors, lines)});
  }
  std::string out = '\n' + table.Render(painter, width);
  if (services.size() > kShown)
    out += fmt::format("… and {} more: --format json\n", services.size() - kShown);
  return out;
}

std::string Timeline(const dom::element& stats, const Painter& painter) {
  dom::array buckets;
  if (stats["buckets"].get(buckets) != simdjson::SUCCESS) return {};
  std::vector<uint64_t> lines;
  std::vector<uint64_t> errors;
  for (const dom::element& bucket : buckets) {
    lines.push_back(Number(bucket, "lines"));
    errors.push_back(Number(bucket, "errors"));
  }
  std::string out =
      fmt::format("{} … {}\n", Text(stats, "from").substr(0, 19), Text(stats, "to").substr(0, 19));
  out += "  lines   " + Sparkline(lines) + '\n';
  out += "  errors  " + painter(Style::kError, Sparkline(errors)) + '\n';
  return out;
}

}  // namespace

std::string Sparkline(const std::vector<uint64_t>& values) {
  static constexpr const char* kBlocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr uint64_t kSteps = std::size(kBlocks);
  const uint64_t most = values.empty() ? 0 : *std::max_element(values.begin(), values.end());
  std::string line;
  for (const uint64_t value : values) {
    if (value == 0) {
      line += ' ';
      continue;
    }
    const double share = static_cast<double>(value) / static_cast<double>(most);
    line += kBlocks[std::min<uint64_t>(static_cast<uint64_t>(share * kSteps), kSteps - 1)];
  }
  return line;
}

absl::StatusOr<std::string> RenderStats(const std::string& json, const Painter& painter, size_t width) {
  dom::parser parser;
  dom::element stats;
  if (parser.parse(json).get(stats) != simdjson::SUCCESS || !stats.is_object()) {
    return absl::InternalError(
        "the server answered with something else than statistics; is it a Taffrail server?");
  }
  const uint64_t lines = Number(stats, "lines");
  std::string out = fmt::format("{} lines, {} errors\n", painter(Style::kBold, HumanCount(lines)),
                                HumanCount(Number(stats, "errors")));
  out += Timeline(stats, painter);
  out += Levels(stats, lines, painter);
  out += Services(stats, painter, width);
  dom::element store;
  if (stats["store"].get(store) == simdjson::SUCCESS) {
    out += fmt::format("\nstore: {} lines, {} raw, {} on disk\n", HumanCount(Number(store, "rows")),
                       HumanBytes(Number(store, "raw_bytes")), HumanBytes(Number(store, "disk_bytes")));
  }
  return out;
}

}  // namespace taffrail::cmd
