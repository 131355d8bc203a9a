#include "cmd/file_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "cmd/input_status.h"
#include "ingest/file_reader.h"
#include "wire/ndjson/decoder.h"

namespace taffrail::cmd {
namespace {

using query::exec::BatchSink;
using query::exec::ScanSpec;
using query::exec::ScanStats;

// One scan: numbers the rows of all files in the order they are read, and hands on those that match.
class FileScan {
 public:
  FileScan(const ScanSpec& spec, const BatchSink& sink, ScanStats& stats, int64_t receive_time_ns)
      : spec_(spec), sink_(sink), stats_(stats), receive_time_ns_(receive_time_ns) {}

  // False once the sink wants no more.
  absl::StatusOr<bool> Read(base::Env& env, const std::string& path) {
    const auto opened = ingest::FileReader::Open(env, path);
    if (!opened.ok()) return CannotOpen(path, opened.status());
    ingest::FileReader& reader = **opened;
    wire::ndjson::Decoder decoder;
    std::string chunk;
    absl::Status read;
    for (;;) {
      const absl::StatusOr<bool> more = reader.Next(chunk);
      read = more.status();
      if (!more.ok() || !*more) break;
      for (std::string_view bytes = chunk; !bytes.empty();) {
        decoder.Feed(bytes);
        if (decoder.Full() && !Emit(decoder)) return false;
      }
      if (spec_.cancelled()) return false;
    }
    if (read.ok()) {
      decoder.End();
    } else {
      decoder.DropOpenLine();
    }
    stats_.bytes_read += reader.bytes_read();
    if (!Emit(decoder)) return false;
    if (!read.ok()) return CannotRead(read);
    return true;
  }

 private:
  bool Emit(wire::ndjson::Decoder& decoder) {
    if (decoder.rows() == 0) return true;
    record::RecordBatch batch = decoder.TakeBatch(receive_time_ns_);
    batch.sequence.resize(batch.rows());
    std::iota(batch.sequence.begin(), batch.sequence.end(), next_sequence_);
    next_sequence_ += batch.rows();
    ++stats_.blocks;
    ++stats_.blocks_read;
    stats_.rows_read += batch.rows();
    expr::Selection rows;
    spec_.filter->Evaluate(batch, rows);
    const auto outside = [&](uint32_t row) {
      const int64_t time_ns = batch.timestamp_ns[row];
      return time_ns < spec_.range.from_ns ||
             (time_ns >= spec_.range.to_ns && spec_.range.to_ns != INT64_MAX);
    };
    rows.erase(std::remove_if(rows.begin(), rows.end(), outside), rows.end());
    stats_.rows_matched += rows.size();
    return rows.empty() || sink_(batch, rows);
  }

  const ScanSpec& spec_;
  const BatchSink& sink_;
  ScanStats& stats_;
  const int64_t receive_time_ns_;
  uint64_t next_sequence_ = 1;
};

}  // namespace

std::string FileEngine::Name() const {
  return files_.size() == 1 ? files_.front() : fmt::format("{} files", files_.size());
}

absl::Status FileEngine::Scan(const ScanSpec& spec, const BatchSink& sink, ScanStats& stats) {
  FileScan scan(spec, sink, stats, receive_time_ns_);
  absl::Status damage;
  for (const std::string& file : files_) {
    const absl::StatusOr<bool> more = scan.Read(env_, file);
    if (more.ok() && !*more) return damage;
    damage.Update(more.status());  // the other files are worth reading all the same
  }
  return damage;
}

}  // namespace taffrail::cmd
