#include "log/recovery.h"

#include <algorithm>
#include <atomic>
#include <cstdio>

#include "log/outputs.h"
#include "log/queue_dir.h"
#include "log/recovery_piece.h"
#include "log/redaction.h"

namespace taffrail::log {
namespace {

bool WriteTo(Sink& sink, std::string_view text, int64_t time_ns) {
  std::vector<Entry> entries;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    // What else there was to know about the line was not written down.
    entries.push_back({Level::kInfo, time_ns, "", text.substr(at, end - at), Category::kApp});
    at = end + 1;
  }
  try {
    return sink.write({text, entries});
  } catch (...) {
    return false;
  }
}

Config ConfigFor(const RecoveryOptions& options, const Names& names) {
  Config config = options.config;
  config.service = names.process.service;
  config.environment = names.process.environment;
  config.version = names.process.version;
  config.thread_id = names.process.thread_id;
  config.thread_name = names.process.thread_name;
  config.source_from = names.process.source_from;
  config.timestamp = names.process.timestamp;
  if (!config.sinks.empty()) return config;
  for (const SinkNames& sink : names.sinks) {
    if (sink.path.empty()) continue;
    config.sinks.push_back({.sink = file_sink(sink.path),
                            .level = sink.level,
                            .layout = sink.layout,
                            .categories = sink.categories});
  }
  return config;
}

class Recovery {
 public:
  Recovery(DeadEntry& entry, const RecoveryOptions& options)
      : entry_(entry), options_(options), config_(ConfigFor(options, entry.names())) {
    if (config_.sinks.empty()) config_.sinks.push_back({console_sink()});
  }

  absl::Status Run() {
    TAFFRAIL_RETURN_IF_ERROR(FinishPiece());
    return WriteRings();
  }
  uint64_t lines_of_piece() const { return lines_of_piece_; }

 private:
  absl::Status FinishPiece() {
    Journal* const journal = entry_.journal();
    if (journal == nullptr) return absl::OkStatus();
    const Journal::Piece piece = journal->Found();
    if (piece.damaged) ++entry_.counts().bytes_lost;
    entry_.Skip(piece.rings);
    for (const Journal::Piece::Part& part : piece.parts) {
      if (part.head->state.load() == DeliveryHead::kDone) continue;
      lines_of_piece_ =
          std::max<uint64_t>(lines_of_piece_, static_cast<uint64_t>(std::ranges::count(part.text, '\n')));
      TAFFRAIL_RETURN_IF_ERROR(FinishPart(part));
    }
    if (options_.keep) return absl::OkStatus();
    TAFFRAIL_RETURN_IF_ERROR(entry_.PublishHeads());
    journal->Clear();
    return absl::OkStatus();
  }

  absl::Status FinishPart(const Journal::Piece::Part& part) {
    std::string_view text = part.text;
    if (!part.path.empty() && entry_.trusted() && options_.into_own_files) {
      if (options_.keep) {
        const auto delivered = DeliveredToFile(part);
        text.remove_prefix(delivered.value_or(0));
      } else {
        const absl::Status finished = FinishInFile(part);
        // Gone, or not ours to write to: nothing of it was written, and it must go somewhere.
        if (!absl::IsNotFound(finished) && !absl::IsPermissionDenied(finished)) return finished;
      }
    }
    // The sink of the same number, when it is the same program that starts again.
    const bool has_it = part.head->sink < config_.sinks.size() && part.path.empty();
    Sink& sink = *config_.sinks[has_it ? part.head->sink : 0].sink;
    const int64_t time_ns = entry_.journal()->clock().unix_ns;
    if (!text.empty() && !WriteTo(sink, text, time_ns)) return absl::UnavailableError("a sink took no lines");
    if (!options_.keep) part.head->state.store(DeliveryHead::kDone, std::memory_order_release);
    return absl::OkStatus();
  }

  absl::Status WriteRings() {
    Outputs outputs(config_, &entry_.names().process);
    Journal* const journal = options_.keep ? nullptr : entry_.journal();
    if (journal != nullptr) {
      journal->KeepFailed();
      std::vector<std::shared_ptr<Sink>> sinks;
      for (const SinkConfig& sink : config_.sinks) sinks.push_back(sink.sink);
      journal->SetSinks(sinks);
    }
    outputs.SetJournal(journal);
    layout::Line line;
    while (entry_.Next(line)) {
      outputs.Add(line);
      if (outputs.WantsWrite()) TAFFRAIL_RETURN_IF_ERROR(WritePiece(outputs));
    }
    outputs.EmitDue(line.time_ns, true);
    TAFFRAIL_RETURN_IF_ERROR(WritePiece(outputs));
    constexpr int64_t kFlushMs = 30'000;  // a server may be far away
    return outputs.Flush(kFlushMs) ? absl::OkStatus()
                                   : absl::UnavailableError("lines could not be delivered in time");
  }

  absl::Status WritePiece(Outputs& outputs) {
    outputs.Seal(entry_.Heads());
    if (!options_.keep) TAFFRAIL_RETURN_IF_ERROR(entry_.PublishHeads());
    outputs.Write(counts_);
    return counts_.lines_failed == 0 ? absl::OkStatus() : absl::UnavailableError("a sink took no lines");
  }

  DeadEntry& entry_;
  const RecoveryOptions& options_;
  Config config_;
  OutputCounts counts_;
  uint64_t lines_of_piece_ = 0;
};

}  // namespace

absl::StatusOr<Recovered> RecoverEntry(const std::string& path, const RecoveryOptions& options) {
  TAFFRAIL_ASSIGN_OR_RETURN(const std::unique_ptr<DeadEntry> entry, DeadEntry::Open(path));
  if (entry->names().process.redacted && IsCommonRedactor(options.config.redactor.get()) &&
      !options.unredacted)
    return absl::FailedPreconditionError("its program has a redactor, which is needed to write its lines");
  Recovery recovery(*entry, options);
  TAFFRAIL_RETURN_IF_ERROR(recovery.Run());
  if (!options.keep) RemoveEntry(path);
  return Recovered{.pid = entry->names().process.pid,
                   .service = entry->names().process.service,
                   .lines = entry->counts().lines + recovery.lines_of_piece(),
                   .counts = entry->counts()};
}

std::vector<Recovered> RecoverAll(const std::string& dir, const RecoveryOptions& options) {
  std::vector<Recovered> all;
  const auto entries = ListEntries(dir);
  if (!entries.ok()) return all;
  for (const std::string& path : *entries) {
    auto recovered = RecoverEntry(path, options);
    if (recovered.ok()) {
      all.push_back(*std::move(recovered));
    } else if (!absl::IsAborted(recovered.status()) && !absl::IsNotFound(recovered.status())) {
      std::fprintf(stderr, "taffrail: cannot recover %s: %s\n", path.c_str(),
                   std::string(recovered.status().message()).c_str());
    }
  }
  return all;
}

}  // namespace taffrail::log
