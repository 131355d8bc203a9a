#include "store/block_writer.h"

#include <algorithm>
#include <cassert>
#include <functional>
#include <utility>

#include "base/hash.h"
#include "expr/words.h"
#include "record/batch_builder.h"
#include "store/block_directory.h"
#include "store/column_rows.h"
#include "store/frame.h"
#include "store/int_encoding.h"
#include "store/line_bytes.h"
#include "store/string_encoding.h"

namespace taffrail::store {
namespace {

// Collects chunks into frames.
class FrameBuilder {
 public:
  FrameBuilder(const BlockOptions& options, BlockDirectory& directory)
      : options_(options), directory_(directory) {}

  // Calls encode(ChunkOut&) to append the chunk's bytes, which belong to `chunk` from then on. The chunk
  // must stay where it is until Finish.
  template <typename Encode>
  void Add(Chunk& chunk, Encode encode) {
    shared_.Cut();
    const size_t begin = shared_.bytes.size();
    const size_t text_before = shared_.text_bytes;
    encode(shared_);
    const size_t size = shared_.bytes.size() - begin;
    chunk.offset = static_cast<uint32_t>(begin);
    chunk.size = static_cast<uint32_t>(size);
    if (size <= options_.small_column_bytes) {
      shared_chunks_.push_back(&chunk);
      if (shared_.bytes.size() > options_.shared_frame_bytes) Flush();
      return;
    }
    std::vector<uint32_t> cuts;
    for (const uint32_t cut : shared_.cuts) {
      if (cut > begin) cuts.push_back(cut - static_cast<uint32_t>(begin));
    }
    chunk.offset = 0;
    chunk.frame = Write(std::string_view(shared_.bytes).substr(begin), cuts, shared_.text_bytes - text_before,
                        options_.piece_bytes);
    shared_.Truncate(begin);
    shared_.text_bytes = text_before;
  }

  const std::string& Finish() {
    Flush();
    return frames_;
  }

 private:
  uint32_t Write(std::string_view raw, std::span<const uint32_t> cuts, size_t text_bytes,
                 size_t piece_bytes) {
    const size_t before = frames_.size();
    const bool is_text = text_bytes > raw.size() / 2;
    const int level = is_text ? options_.text_zstd_level : options_.zstd_level;
    if (options_.effort == Effort::kFast) {
      AppendFrame(raw, level, frames_);
    } else {
      AppendPiecedFrame(raw, cuts, level, piece_bytes, is_text, frames_);
    }
    directory_.frame_bytes.push_back(static_cast<uint32_t>(frames_.size() - before));
    return static_cast<uint32_t>(directory_.frame_bytes.size() - 1);
  }
  void Flush() {
    if (shared_chunks_.empty()) return;
    const uint32_t frame =
        Write(shared_.bytes, shared_.cuts, shared_.text_bytes, options_.shared_piece_bytes);
    for (Chunk* chunk : shared_chunks_) chunk->frame = frame;
    shared_chunks_.clear();
    shared_.bytes.clear();
    shared_.cuts.clear();
    shared_.text_bytes = 0;
  }

  const BlockOptions& options_;
  BlockDirectory& directory_;
  std::string frames_;
  ChunkOut shared_;
  std::vector<Chunk*> shared_chunks_;
};

template <typename Int>
void AddInts(FrameBuilder& frames, const std::vector<Int>& values, Effort effort, Chunk& chunk) {
  frames.Add(chunk, [&](ChunkOut& out) {
    const std::vector<int64_t> wide(values.begin(), values.end());
    EncodeInts(wide, {}, effort, out);
  });
}

// The rows of a column's values; empty: all rows are.
using ValueRows = std::function<std::span<const uint32_t>()>;

void AddWords(const record::Column& column, const Dictionary* dictionary, const ValueRows& value_rows,
              IdHashes& words) {
  std::span<const uint32_t> rows;
  const auto row_of = [&](size_t value) { return rows.empty() ? static_cast<uint32_t>(value) : rows[value]; };
  std::string unescaped;
  const auto readable = [&](std::string_view text) -> std::string_view {
    if (column.key.kind != record::Kind::kEscaped) return text;
    unescaped.clear();
    record::AppendUnescaped(text, unescaped);
    return unescaped;
  };
  if (dictionary == nullptr) {
    rows = value_rows();
    for (size_t i = 0; i < column.size(); ++i) words.Add(readable(column.text(i)), row_of(i), row_of(i));
    return;
  }
  std::vector<std::pair<uint64_t, uint32_t>> found;  // hashes, and the texts that they are in
  for (uint32_t t = 0; t < dictionary->texts.size(); ++t) {
    const std::string_view text = readable(dictionary->texts[t]);
    if (text.size() < expr::kMinIdBytes) continue;
    expr::ForEachId(text, [&](std::string_view id) { found.emplace_back(base::Hash64(id), t); });
  }
  if (found.empty()) return;
  rows = value_rows();
  std::vector<uint32_t> last(dictionary->texts.size());
  for (size_t i = 0; i < dictionary->codes.size(); ++i) last[dictionary->codes[i]] = static_cast<uint32_t>(i);
  for (const auto& [hash, t] : found) words.AddHash(hash, row_of(dictionary->first[t]), row_of(last[t]));
}

void AddStrings(FrameBuilder& frames, const record::Column& column, const StringContext& context,
                const BlockOptions& options, Chunk& chunk, IdHashes* words, const ValueRows& rows) {
  Dictionary built;
  const bool is_fast = options.effort == Effort::kFast;
  const Dictionary* dictionary = !is_fast && Dictionary::Build(column, built) ? &built : nullptr;
  frames.Add(chunk, [&](ChunkOut& out) {
    if (options.memory != nullptr) {
      options.memory->EncodeStrings(column, dictionary, context, out);
    } else if (!column.coded()) {
      EncodeStrings(column.strings, dictionary, context, options.effort, out);
    } else if (!is_fast || !EncodeCoded(column, out)) {
      EncodeStrings(record::PlainTexts(column), dictionary, context, options.effort, out);
    }
  });
  if (words != nullptr) AddWords(column, dictionary, rows, *words);
}

void AddNumbers(FrameBuilder& frames, const record::Column& column, const RowContext& rows, Effort effort,
                Chunk& chunk) {
  frames.Add(chunk, [&](ChunkOut& out) {
    EncodeInts(column.integers, rows, effort, out);
    if (column.key.kind != record::Kind::kDecimal) return;
    const std::vector<int64_t> scales(column.scales.begin(), column.scales.end());
    EncodeInts(scales, rows, effort, out);
  });
}

// Words that are in no column: constants, keys (which a search of the stored line may ask for), labels.
void AddShapeAndStreamWords(const record::RecordBatch& batch, IdHashes& words) {
  const auto last = static_cast<uint32_t>(batch.rows() == 0 ? 0 : batch.rows() - 1);
  for (const record::Shape& shape : batch.shapes) {
    words.Add(shape.skeleton, 0, last);
    for (const record::Constant& constant : shape.constants) words.Add(constant.json, 0, last);
  }
  for (const record::Stream& stream : batch.streams) {
    for (const auto& label : stream.labels) words.Add(label.second, 0, last);
  }
}

void Summarize(const record::RecordBatch& batch, BlockSummary& summary) {
  summary.rows = static_cast<uint32_t>(batch.rows());
  if (batch.rows() == 0) return;
  const auto [min_time, max_time] = std::minmax_element(batch.timestamp_ns.begin(), batch.timestamp_ns.end());
  summary.min_timestamp_ns = *min_time;
  summary.max_timestamp_ns = *max_time;
  if (batch.sequence.empty()) return;
  const auto [min_sequence, max_sequence] = std::minmax_element(batch.sequence.begin(), batch.sequence.end());
  summary.min_sequence = *min_sequence;
  summary.max_sequence = *max_sequence;
}

}  // namespace

void AddWords(const record::RecordBatch& batch, IdHashes& words) {
  for (const record::Column& column : batch.columns) {
    if (column.IsString())
      AddWords(
          column, nullptr, [] { return std::span<const uint32_t>(); }, words);
  }
  AddShapeAndStreamWords(batch, words);
}

void EncodeBlock(const record::RecordBatch& batch, const BlockOptions& options, std::string& out,
                 BlockSummary& summary, IdHashes* words) {
  assert(batch.rows() <= record::kMaxBatchRows);
  Summarize(batch, summary);
  summary.line_bytes = batch.line_bytes != 0 ? batch.line_bytes : LineBytes(batch);
  assert(summary.line_bytes == LineBytes(batch));

  BlockDirectory directory;
  directory.rows = summary.rows;
  directory.line_bytes = summary.line_bytes;
  directory.streams = batch.streams;
  for (const record::Shape& shape : batch.shapes) directory.skeletons.push_back(shape.skeleton);
  directory.columns.resize(batch.columns.size());

  FrameBuilder frames(options, directory);
  ColumnRows rows(batch);
  AddInts(frames, batch.timestamp_ns, options.effort, directory.timestamps);
  if (!batch.sequence.empty()) AddInts(frames, batch.sequence, options.effort, directory.sequences);
  if (!batch.stream.empty()) AddInts(frames, batch.stream, options.effort, directory.stream_ids);
  AddInts(frames, batch.shape, options.effort, directory.shape_ids);
  for (size_t c = 0; c < batch.columns.size(); ++c) {
    const record::Column& column = batch.columns[c];
    assert(column.loaded);
    ColumnEntry& entry = directory.columns[c];
    entry.key = column.key;
    entry.values = static_cast<uint32_t>(column.size());
    RowContext context = rows.Context(c);
    if (options.effort != Effort::kFast && rows.OneShape(c)) context.shapes = nullptr;  // they say nothing
    const size_t ids_before = words == nullptr ? 0 : words->calls();
    if (column.IsString()) {
      AddStrings(frames, column, {.rows = context}, options, entry.chunk, words,
                 [&rows, c] { return rows.Rows(c); });
    } else {
      AddNumbers(frames, column, context, options.effort, entry.chunk);
    }
    entry.without_ids = words != nullptr && words->calls() == ids_before;
  }
  if (words != nullptr) AddShapeAndStreamWords(batch, *words);

  const std::string& body = frames.Finish();
  std::string raw_directory;
  directory.AppendTo(raw_directory);
  const size_t start = out.size();
  AppendFrame(raw_directory, options.text_zstd_level, out);  // names, most of them
  summary.directory_bytes = static_cast<uint32_t>(out.size() - start);
  out.append(body);
}

}  // namespace taffrail::store
