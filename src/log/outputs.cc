#include "log/outputs.h"

#include "context/frame.h"
#include "log/queue_names.h"
#include "record/layout_fields.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <exception>

namespace taffrail::log {
std::string HostName() {
  std::array<char, 256> name{};  // POSIX: 255 and the zero
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string();
}

namespace {

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

bool FlushOne(Sink& sink, int64_t timeout_ms) {
  try {
    return sink.flush(timeout_ms);
  } catch (...) {
    return false;
  }
}

}  // namespace

Outputs::Outputs(const Config& config, const ProcessNames* recovered) : thinning_(config) {
  process_ = {.service = config.service,
              .environment = config.environment,
              .version = config.version,
              .hostname = config.hostname ? HostName() : "",
              .process_id = config.process_id ? getpid() : 0};
  if (recovered != nullptr) {
    process_.hostname = recovered->hostname;
    process_.process_id = recovered->process_id ? static_cast<int64_t>(recovered->pid) : 0;
  }
  for (const SinkConfig& sink : config.sinks) {
    if (sink.sink != nullptr) AddSink(config, sink);
  }
  if (config.sinks.empty()) AddSink(config, {console_sink()});
}

void Outputs::AddSink(const Config& config, const SinkConfig& sink) {
  const bool terminal = sink.sink->is_terminal();
  std::string layout = sink.layout.empty() ? config.layout : sink.layout;
  if (layout == "auto") layout = terminal ? "text" : "nested";
  const bool colour = terminal && layout == "text";
  for (Output& output : outputs_) {
    if (output.level == sink.level && output.layout == layout && output.colour == colour) {
      output.sinks.push_back(sink.sink);
      return;
    }
  }
  Output output{.level = sink.level, .layout = layout, .colour = colour, .sinks = {sink.sink}};
  const auto digits = static_cast<int>(config.timestamp);
  if (layout == "text") {
    output.text.emplace(digits, colour);
  } else {
    const record::NestedOptions options{
        .fraction_digits = digits, .source_from = config.source_from, .thread_id = config.thread_id};
    output.json.emplace(record::NestedLayout(options), process_);
  }
  outputs_.push_back(std::move(output));
}

void Outputs::Add(const layout::Line& line) {
  if (thinning_.active() && !thinning_.Pass(line, [this](const layout::Line& due) { Render(due); })) return;
  Render(line);
}

void Outputs::EmitDue(int64_t now_ns, bool all) {
  if (thinning_.active()) thinning_.EmitDue(now_ns, all, [this](const layout::Line& due) { Render(due); });
}

void Outputs::Render(const layout::Line& line) {
  record::LineView view{.time_ns = line.time_ns,
                        .level = line.level,
                        .logger = line.logger->name,
                        .message = line.message,
                        .message_clipped = line.message_clipped,
                        .fields = line.fields,
                        .fields_clipped = line.fields_clipped,
                        .file = line.site->place.file,
                        .function = line.site->place.function,
                        .line = line.site->place.line,
                        .thread_id = line.thread_id};
  if (line.context != nullptr) {
    view.context = line.context->fields;
    view.context_json = line.context->Json();
  }
  std::string encoded;
  if (line.bound != nullptr) encoded = line.bound->fields;
  if (line.values != nullptr) {
    record::EncodeValues(*line.site, line.values, encoded);
  } else {
    encoded.append(line.fields);
  }
  view.fields = encoded;
  Add(view);
}

void Outputs::Add(const record::LineView& line) {
  for (Output& output : outputs_) {
    if (line.level < output.level) continue;
    const size_t before = output.buffer.size();
    if (output.json) {
      output.json->AppendLine(line, output.buffer);
    } else {
      output.text->AppendLine(line, output.buffer);
    }
    const size_t size = output.buffer.size() - before;
    output.buffer.push_back('\n');
    output.entries.push_back(
        {line.level, line.time_ns, line.logger, {output.buffer.data() + before, size}, Category::kApp});
    pending_bytes_ += size + 1;
  }
}

void Outputs::Seal(std::span<const RingHead> rings) {
  if (journal_ == nullptr || pending_bytes_ == 0) return;
  std::vector<Journal::Delivery> deliveries;
  for (const Output& output : outputs_) {
    if (output.entries.empty()) continue;
    for (const auto& sink : output.sinks) deliveries.push_back({sink.get(), output.buffer});
  }
  journal_->Seal(rings, deliveries);
}

void Outputs::Write(OutputCounts& counts) {
  if (pending_bytes_ == 0) return;
  if (journal_ != nullptr && !journal_->sealed()) Seal({});
  size_t delivery = 0;
  for (Output& output : outputs_) {
    if (output.entries.empty()) continue;
    const char* at = output.buffer.data();
    for (Entry& entry : output.entries) {
      entry.line = {at, entry.line.size()};
      at += entry.line.size() + 1;
    }
    const Batch batch{output.buffer, output.entries};
    for (const auto& sink : output.sinks) {
      if (journal_ != nullptr) journal_->Begin(delivery, *sink);
      const bool written = WriteTo(*sink, batch);
      if (journal_ != nullptr) journal_->End(delivery++, written);
      if (written) {
        counts.lines_written += batch.entries.size();
        counts.bytes_written += batch.text.size();
      } else {
        counts.lines_failed += batch.entries.size();
      }
    }
    // A burst of large lines must not keep its memory for ever.
    if (output.buffer.capacity() > 16 * kPieceBytes) output.buffer = {};
    output.buffer.clear();
    output.entries.clear();
  }
  pending_bytes_ = 0;
  if (journal_ != nullptr) journal_->Clear();
}

bool Outputs::Flush(int64_t timeout_ms) {
  bool all = true;
  for (Output& output : outputs_) {
    for (const auto& sink : output.sinks) all &= FlushOne(*sink, timeout_ms);
  }
  return all;
}

}  // namespace taffrail::log
