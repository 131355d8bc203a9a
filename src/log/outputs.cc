#include "log/outputs.h"

#include <errno.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <exception>

#include "log/queue_names.h"
#include "log/site_state.h"

namespace taffrail::log {

std::string HostName() {
  std::array<char, 256> name{};  // POSIX: 255 and the zero
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

namespace {

constexpr uint8_t kAllCategories = 0xFF;

constexpr uint8_t BitOf(Category category) { return static_cast<uint8_t>(1 << static_cast<int>(category)); }

uint64_t NextId() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

layout::Process ProcessOf(const Config& config, const ProcessNames* recovered) {
  layout::Process process{.service = config.service,
                          .environment = config.environment,
                          .version = config.version,
                          .hostname = config.hostname ? HostName() : "",
                          .name = config.process_name ? program_invocation_short_name : "",
                          .id = config.process_id ? getpid() : 0};
  if (recovered != nullptr) {
    process.hostname = recovered->hostname;
    process.id = recovered->process_id ? static_cast<int64_t>(recovered->pid) : 0;
  }
  return process;
}

bool WriteTo(Sink& sink, const Batch& batch) {
  try {
    return sink.write(batch);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "taffrail: a log sink threw: %s\n", e.what());
  } catch (...) {
    std::fprintf(stderr, "taffrail: a log sink threw\n");
  }
  return false;
}

void ReopenOne(Sink& sink) {
  try {
    sink.reopen();
  } catch (...) {  // the next write fails, and is counted
  }
}

bool FlushOne(Sink& sink, int64_t timeout_ms) {
  try {
    return sink.flush(timeout_ms);
  } catch (...) {
    return false;
  }
}

}  // namespace

Outputs::Outputs(const Config& config, const ProcessNames* recovered)
    : id_(NextId()), thinning_(config), redactor_(config.redactor) {
  const layout::Options options{.process = ProcessOf(config, recovered),
                                .thread_id = config.thread_id,
                                .thread_name = config.thread_name,
                                .fraction_digits = static_cast<int>(config.timestamp),
                                .source_from = config.source_from,
                                .redactor = redactor_.get()};
  for (const SinkConfig& sink : config.sinks) {
    if (sink.sink != nullptr) AddSink(config, options, sink);
  }
  if (config.sinks.empty()) AddSink(config, options, {console_sink()});
}

void Outputs::AddSink(const Config& config, const layout::Options& options, const SinkConfig& sink) {
  const bool terminal = sink.sink->is_terminal();
  std::string name = sink.layout.empty() ? config.layout : sink.layout;
  if (name == "auto") name = terminal ? "text" : "nested";
  uint8_t categories = sink.categories.empty() ? kAllCategories : 0;
  for (const Category category : sink.categories) categories |= BitOf(category);
  for (Output& output : outputs_) {
    if (output.level != sink.level || output.categories != categories || output.layout_name != name ||
        output.terminal != terminal) {
      continue;
    }
    output.sinks.push_back(sink.sink);
    output.wants_entries |= sink.sink->wants_entries();
    return;
  }
  layout::Options own = options;
  own.colour = terminal;
  auto layout = layout::MakeLayout(name, config.layouts, own);
  if (layout == nullptr) {
    std::fprintf(stderr, "taffrail: there is no layout \"%s\"; the lines are written as \"nested\"\n",
                 name.c_str());
    layout = layout::MakeLayout("nested", {}, own);
  }
  outputs_.push_back({.level = sink.level,
                      .categories = categories,
                      .terminal = terminal,
                      .layout_name = std::move(name),
                      .layout = std::move(layout),
                      .sinks = {sink.sink},
                      .wants_entries = sink.sink->wants_entries(),
                      .buffer = {},
                      .entries = {}});
}

bool Outputs::Output::Wants(const layout::Line& line) const {
  if (line.level < level) return false;
  if (categories == kAllCategories) return true;
  const uint8_t of_line =
      BitOf(line.logger->category) | (line.level >= Level::kError ? BitOf(Category::kError) : 0);
  return (categories & of_line) != 0;
}

void Outputs::Render(const layout::Line& line) {
  std::vector<layout::SitePlans>& plans = PlansOf(*line.site, id_, outputs_.size());
  for (size_t i = 0; i < outputs_.size(); ++i) {
    Output& output = outputs_[i];
    if (!output.Wants(line)) continue;
    const size_t before = output.buffer.size();
    output.layout->Append(line, plans[i], output.buffer);
    const size_t size = output.buffer.size() - before;
    pending_bytes_ += size;
    ++output.lines;
    if (!output.wants_entries) continue;
    output.entries.push_back({line.level,
                              line.time_ns,
                              line.logger->name,
                              {output.buffer.data(), size - 1},
                              line.logger->category});
  }
}

void Outputs::EmitDue(int64_t now_ns, bool all) {
  if (thinning_.active()) thinning_.EmitDue(now_ns, all, [this](const layout::Line& due) { Render(due); });
}

void Outputs::Seal(std::span<const RingHead> rings) {
  if (journal_ == nullptr || pending_bytes_ == 0) return;
  std::vector<Journal::Delivery> deliveries;
  for (const Output& output : outputs_) {
    if (output.lines == 0) continue;
    for (const auto& sink : output.sinks) deliveries.push_back({sink.get(), output.buffer.view()});
  }
  journal_->Seal(rings, deliveries);
}

void Outputs::Write(OutputCounts& counts) {
  if (pending_bytes_ == 0) return;
  if (journal_ != nullptr && !journal_->sealed()) Seal({});
  size_t delivery = 0;
  for (Output& output : outputs_) {
    if (output.lines > 0) WriteOne(output, delivery, counts);
  }
  pending_bytes_ = 0;
  if (journal_ != nullptr) journal_->Clear();
}

void Outputs::WriteOne(Output& output, size_t& delivery, OutputCounts& counts) {
  const char* at = output.buffer.data();
  for (Entry& entry : output.entries) {
    entry.line = {at, entry.line.size()};
    at += entry.line.size() + 1;
  }
  const Batch batch{output.buffer.view(), output.entries};
  for (const auto& sink : output.sinks) {
    if (journal_ != nullptr) journal_->Begin(delivery, *sink);
    const bool written = WriteTo(*sink, batch);
    if (journal_ != nullptr) journal_->End(delivery++, written);
    if (written) {
      counts.lines_written += output.lines;
      counts.bytes_written += batch.text.size();
    } else {
      counts.lines_failed += output.lines;
    }
  }
  // A burst of large lines must not keep its memory for ever.
  if (output.buffer.capacity() > 16 * kPieceBytes) output.buffer.release();
  output.buffer.clear();
  output.entries.clear();
  output.lines = 0;
}

bool Outputs::Flush(int64_t timeout_ms) {
  bool all = true;
  for (Output& output : outputs_) {
    for (const auto& sink : output.sinks) all &= FlushOne(*sink, timeout_ms);
  }
  return all;
}

void Outputs::Reopen() {
  for (Output& output : outputs_) {
    for (const auto& sink : output.sinks) ReopenOne(*sink);
  }
}

}  // namespace taffrail::log
