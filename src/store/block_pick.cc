// BlockReader::Pick: a few rows of a block as a batch of their own.
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "store/block_reader.h"
#include "store/column_rows.h"
#include "store/int_encoding.h"
#include "store/row_picks.h"
#include "store/string_encoding.h"

namespace taffrail::store {
namespace {

constexpr uint32_t kUnmapped = UINT32_MAX;

void CopyValues(const record::Column& from, const std::vector<uint32_t>& index, record::Column& to) {
  for (const uint32_t i : index) {
    if (from.IsString()) {
      to.strings.Append(from.text(i));
      continue;
    }
    to.integers.push_back(from.integers[i]);
    if (from.key.kind == record::Kind::kDecimal) to.scales.push_back(from.scales[i]);
  }
}

void FillWithoutIds(size_t values, record::Column& column) {
  if (values == 0) return;
  if (column.IsString()) {
    column.strings.Append("");
    column.codes.assign(values, 0);
    return;
  }
  column.integers.assign(values, 0);
  if (column.key.kind == record::Kind::kDecimal) column.scales.assign(values, 0);
}

// Heads, shapes and columns without values. `columns` gets the number of each of the block's columns in the
// new batch.
record::RecordBatch HeadsOf(const record::RecordBatch& from, const expr::Selection& rows,
                            std::vector<uint32_t>& columns) {
  record::RecordBatch to;
  std::vector<uint32_t> shapes(from.shapes.size(), kUnmapped);
  std::vector<uint32_t> streams(from.streams.size(), kUnmapped);
  columns.assign(from.columns.size(), kUnmapped);
  for (const uint32_t row : rows) {
    uint32_t& stream = streams[from.stream_of(row)];
    if (stream == kUnmapped) {
      stream = static_cast<uint32_t>(to.streams.size());
      to.streams.push_back(from.streams[from.stream_of(row)]);
    }
    to.stream.push_back(stream);
    uint32_t& shape = shapes[from.shape[row]];
    if (shape == kUnmapped) {
      shape = static_cast<uint32_t>(to.shapes.size());
      record::Shape& added = to.shapes.emplace_back(from.shapes[from.shape[row]]);
      for (record::Hole& hole : added.holes) {
        uint32_t& column = columns[hole.column];
        if (column == kUnmapped) {
          column = static_cast<uint32_t>(to.columns.size());
          record::Column& empty = to.columns.emplace_back();
          empty.key = from.columns[hole.column].key;
          empty.loaded = false;
        }
        hole.column = column;
      }
    }
    to.shape.push_back(shape);
    if (!from.timestamp_ns.empty()) to.timestamp_ns.push_back(from.timestamp_ns[row]);
    if (!from.sequence.empty()) to.sequence.push_back(from.sequence[row]);
  }
  if (to.streams.size() <= 1) to.stream.clear();
  return to;
}

}  // namespace

bool BlockReader::PickChunk(const Wanted& wanted, ColumnRows& rows, LazyFrame& frame,
                            base::ByteReader& reader) {
  Picks picks{.index = wanted.index, .frame = &frame, .times = {}, .shape_order = {}};
  if (wanted.column == nullptr) {
    wanted.integers->resize(wanted.index.size());
    return PickInts(reader, wanted.values, picks, *wanted.integers);
  }
  std::vector<int64_t> times;
  picks.times = [&]() -> std::span<const int64_t> {
    std::vector<int64_t> read;
    if (wanted.row_times == nullptr && !PickTimes(wanted.picks->rows(), read, nullptr).ok()) return {};
    const std::vector<int64_t>& of_rows = wanted.row_times == nullptr ? read : *wanted.row_times;
    for (const uint32_t pick : wanted.picks->Of(wanted.number).pick) times.push_back(of_rows[pick]);
    return times;
  };
  std::vector<uint32_t> places;
  picks.shape_order = [&]() -> std::span<const uint32_t> {
    if (places.empty()) places = wanted.picks->ShapeOrder(wanted.number);
    return places;
  };
  record::Column& column = *wanted.column;
  if (column.IsString()) {
    StringContext around{.rows = rows.Context(wanted.number)};
    around.rows.times = nullptr;  // those of all values need not be loaded
    return PickStrings(reader, wanted.values, around, picks, column.strings);
  }
  column.integers.resize(wanted.index.size());
  if (!PickInts(reader, wanted.values, picks, column.integers)) return false;
  if (column.key.kind != record::Kind::kDecimal) return true;
  std::vector<int64_t> scales(wanted.index.size());
  if (!PickInts(reader, wanted.values, picks, scales)) return false;
  for (const int64_t scale : scales) {
    if (scale < 0 || scale > UINT8_MAX) return false;
    column.scales.push_back(static_cast<uint8_t>(scale));
  }
  return true;
}

// Timestamps and sequences of the rows alone.
absl::Status BlockReader::PickTimes(const expr::Selection& rows, std::vector<int64_t>& times,
                                    std::vector<uint64_t>* sequences) {
  if (has_times_) {
    for (const uint32_t row : rows) times.push_back(batch_.timestamp_ns[row]);
    return absl::OkStatus();
  }
  std::vector<int64_t> numbers;
  std::vector<Wanted> wanted;
  const auto want = [&](const Chunk& chunk, std::vector<int64_t>& to) {
    if (chunk.frame == Chunk::kNone) return;
    wanted.push_back({.chunk = chunk,
                      .integers = &to,
                      .values = directory_.rows,
                      .keep = true,
                      .picked = true,
                      .index = rows});
  };
  want(directory_.timestamps, times);
  if (sequences != nullptr) want(directory_.sequences, numbers);
  TAFFRAIL_RETURN_IF_ERROR(LoadChunks(wanted));
  if (sequences != nullptr) sequences->assign(numbers.begin(), numbers.end());
  if (times.size() != rows.size()) return bytes_.Damaged(0, "rows without timestamp");
  return absl::OkStatus();
}

absl::StatusOr<record::RecordBatch> BlockReader::Pick(const expr::Selection& rows,
                                                      const std::function<bool(const record::Column&)>& need,
                                                      bool times, bool ids_alone) {
  std::vector<bool> needed;
  for (const record::Column& column : batch_.columns) needed.push_back(need(column));
  RowPicks picks(batch_, shape_counts_, rows, needed);
  std::vector<uint32_t> columns;
  record::RecordBatch to = HeadsOf(batch_, rows, columns);
  if (times && !has_times_) TAFFRAIL_RETURN_IF_ERROR(PickTimes(rows, to.timestamp_ns, &to.sequence));
  std::vector<Wanted> wanted;
  for (size_t c = 0; c < columns.size(); ++c) {
    const record::Column& from = batch_.columns[c];
    if (columns[c] == kUnmapped || !needed[c]) continue;
    record::Column& column = to.columns[columns[c]];
    column.loaded = true;
    const RowPicks::Values& values = picks.Of(c);
    if (ids_alone && directory_.columns[c].without_ids) {
      FillWithoutIds(values.index.size(), column);
      continue;
    }
    if (from.loaded) {
      CopyValues(from, values.index, column);
      continue;
    }
    const ColumnEntry& entry = directory_.columns[c];
    if (entry.chunk.frame == Chunk::kNone) return bytes_.Damaged(0, "column without chunk");
    wanted.push_back({.chunk = entry.chunk,
                      .column = &column,
                      .number = c,
                      .values = entry.values,
                      .keep = true,
                      .picked = true,
                      .index = values.index,
                      .picks = &picks,
                      .row_times = to.timestamp_ns.empty() ? nullptr : &to.timestamp_ns});
  }
  TAFFRAIL_RETURN_IF_ERROR(LoadChunks(wanted));
  return to;
}

}  // namespace taffrail::store
