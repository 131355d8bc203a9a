#include "cmd/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "cmd/human.h"
#include "cmd/printable.h"
#include "cmd/terminal.h"

namespace taffrail::cmd {
namespace {

constexpr int64_t kRedrawNs = 100'000'000;       // ten a second look smooth and cost nothing
constexpr int64_t kPlainLineNs = 5'000'000'000;  // in a log, a sign of life

std::string Bar(double fraction, size_t columns) {
  const auto full = static_cast<size_t>(fraction * static_cast<double>(columns));
  std::string bar;
  for (size_t i = 0; i < columns; ++i) bar += i < full ? "█" : "░";
  return bar;
}

std::string Amount(const ProgressState& state) {
  std::string text = HumanBytes(state.done_bytes);
  if (state.total_bytes > 0) text += " of " + HumanBytes(state.total_bytes);
  const double seconds = static_cast<double>(state.elapsed_ns) / 1e9;
  if (seconds <= 0) return text;
  if (state.lines > 0) {
    text += fmt::format("  {} lines/s", HumanRate(static_cast<double>(state.lines) / seconds));
  } else {
    text += fmt::format("  {}/s",
                        HumanBytes(static_cast<uint64_t>(static_cast<double>(state.done_bytes) / seconds)));
  }
  if (state.total_bytes > state.done_bytes && state.done_bytes > 0) {
    const double left = static_cast<double>(state.total_bytes - state.done_bytes);
    const double remaining_ns =
        static_cast<double>(state.elapsed_ns) * left / static_cast<double>(state.done_bytes);
    text += fmt::format("  {} left", HumanDuration(static_cast<int64_t>(remaining_ns)));
  }
  return text;
}

}  // namespace

std::string RenderProgress(std::string_view label, const ProgressState& state, size_t width) {
  const std::string amount = Amount(state);
  std::string line = label.empty() ? std::string() : Printable(label) + "  ";
  if (state.total_bytes > 0) {
    const uint64_t done = std::min(state.done_bytes, state.total_bytes);
    const double fraction = static_cast<double>(done) / static_cast<double>(state.total_bytes);
    constexpr size_t kPercentColumns = 9;  // "  100 %  "
    constexpr size_t kBarMax = 30;
    constexpr size_t kBarMin = 5;
    const size_t taken = DisplayWidth(line) + DisplayWidth(amount) + kPercentColumns;
    const size_t columns = width > taken ? std::min(width - taken, kBarMax) : 0;
    if (columns >= kBarMin) line += Bar(fraction, columns);
    line += fmt::format("  {:3.0f} %  ", fraction * 100);
  }
  return FitWidth(line + amount, width);
}

Progress::Mode Progress::ModeOfStderr(bool quiet) {
  if (quiet) return Mode::kSilent;
  return IsTerminal(STDERR_FILENO) ? Mode::kTerminal : Mode::kPlain;
}

void Progress::Update(uint64_t done_bytes, uint64_t total_bytes, uint64_t lines) {
  if (mode_ == Mode::kSilent) return;
  const int64_t elapsed_ns = this->elapsed_ns();
  const int64_t interval_ns = mode_ == Mode::kTerminal ? kRedrawNs : kPlainLineNs;
  if (elapsed_ns - last_draw_ns_ < interval_ns) return;
  last_draw_ns_ = elapsed_ns;
  const ProgressState state{done_bytes, total_bytes, lines, elapsed_ns};
  if (mode_ == Mode::kTerminal) {
    fmt::print(stderr, "\r\x1b[K{}", RenderProgress(label_, state, TerminalWidth() - 1));
    drawn_ = true;
  } else {
    constexpr size_t kLogLineColumns = 100;
    fmt::print(stderr, "{}\n", RenderProgress(label_, state, kLogLineColumns));
  }
  std::fflush(stderr);
}

void Progress::Clear() {
  if (!drawn_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace taffrail::cmd
