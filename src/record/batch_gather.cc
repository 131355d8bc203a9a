#include "record/batch_gather.h"

#include <algorithm>
#include <cassert>

#include "base/bytes.h"
#include "record/batch_builder.h"

namespace taffrail::record {
namespace {

constexpr uint32_t kUnmapped = UINT32_MAX;
// A run at least this long is copied by columns: below, looking at every column costs more than it saves.
constexpr size_t kMinRunRows = 16;
// Runs are split so that the byte limit is looked at often enough.
constexpr size_t kMaxRunRows = 4096;

// Of the values written out: a block may yet have to.
size_t StringBytes(const Column& column, size_t first, size_t last) {
  if (first == last) return 0;
  const auto& ends = column.strings.raw_ends();
  if (column.coded()) {
    size_t bytes = 0;
    for (size_t i = first; i < last; ++i) {
      const uint32_t code = column.codes[i];
      bytes += ends[code] - (code == 0 ? 0 : ends[code - 1]);
    }
    return bytes;
  }
  return ends[last - 1] - (first == 0 ? 0 : ends[first - 1]);
}

void CopyStrings(const StringData& from, size_t first, size_t last, StringData& to) {
  if (first == last) return;
  const auto& ends = from.raw_ends();
  const uint32_t begin = first == 0 ? 0 : ends[first - 1];
  const auto shift = static_cast<uint32_t>(to.bytes()) - begin;
  to.mutable_bytes().append(from.raw_bytes(), begin, ends[last - 1] - begin);
  auto& out = to.mutable_ends();
  const size_t old_size = out.size();
  out.resize(old_size + (last - first));
  for (size_t i = first; i < last; ++i) out[old_size + i - first] = ends[i] + shift;
}

// Of a coded column; `codes` says for texts of `from` which of `to` they are. What `to` has of a plain column
// stays as it is, and what comes to that is plain.
void CopyCoded(const Column& from, size_t first, size_t last, std::vector<uint32_t>& codes, Column& to) {
  if (!to.coded() && to.strings.size() > 0) {
    for (size_t i = first; i < last; ++i) to.strings.Append(from.text(i));
    return;
  }
  if (codes.empty()) codes.assign(from.strings.size(), kUnmapped);
  const size_t old_size = to.codes.size();
  to.codes.resize(old_size + (last - first));
  uint32_t* out = to.codes.data() + old_size;
  for (size_t i = first; i < last; ++i) {
    uint32_t& code = codes[from.codes[i]];
    if (code == kUnmapped) {
      code = static_cast<uint32_t>(to.strings.size());
      to.strings.Append(from.strings[from.codes[i]]);
    }
    *out++ = code;
  }
}

// Behind coded values plain ones are texts of their own.
void CodePlain(size_t values, Column& to) {
  for (size_t i = 0; i < values; ++i) {
    to.codes.push_back(static_cast<uint32_t>(to.strings.size() - values + i));
  }
}

void CopyValues(const Column& from, size_t first, size_t last, std::vector<uint32_t>& codes, Column& to) {
  if (from.coded()) return CopyCoded(from, first, last, codes, to);
  if (from.IsString()) {
    CopyStrings(from.strings, first, last, to.strings);
    if (to.coded()) CodePlain(last - first, to);
    return;
  }
  to.integers.insert(to.integers.end(), from.integers.begin() + static_cast<ptrdiff_t>(first),
                     from.integers.begin() + static_cast<ptrdiff_t>(last));
  if (from.key.kind == Kind::kDecimal) {
    to.scales.insert(to.scales.end(), from.scales.begin() + static_cast<ptrdiff_t>(first),
                     from.scales.begin() + static_cast<ptrdiff_t>(last));
  }
}

// To a plain column.
void CopyValue(const Column& from, size_t index, Column& to) {
  if (from.IsString()) {
    to.strings.Append(from.text(index));
    return;
  }
  to.integers.push_back(from.integers[index]);
  if (from.key.kind == Kind::kDecimal) to.scales.push_back(from.scales[index]);
}

}  // namespace

BatchGather::Source::Source(const RecordBatch& batch)
    : batch_(batch), position_(batch.columns.size()), count_(batch.shapes.size()) {
  lines_are_all_ = batch.line_bytes > 0 && std::ranges::all_of(batch.columns, [](const Column& column) {
                     return column.key.origin == Origin::kLine;
                   });
}

size_t BatchGather::Source::BytesOf(size_t rows, const std::vector<uint32_t>& values) const {
  // Adding up what each text of coded columns comes to took as long as a third of copying them. Lines hold
  // all values, and what a run has too much here others of the same batch have too little.
  if (lines_are_all_) return batch_.line_bytes * rows / batch_.rows();
  size_t bytes = 0;
  for (size_t c = 0; c < values.size(); ++c) {
    const Column& column = batch_.columns[c];
    if (values[c] == 0 || !column.loaded) continue;
    const size_t begin = position_[c];
    bytes += column.IsString() ? StringBytes(column, begin, begin + values[c]) : values[c] * sizeof(int64_t);
  }
  return bytes;
}

void BatchGather::Source::SkipTo(size_t row) {
  assert(row >= next_);
  if (row == next_) return;
  for (size_t i = next_; i < row; ++i) {
    for (const Hole& hole : batch_.shapes[batch_.shape[i]].holes) ++position_[hole.column];
  }
  next_ = row;
}

BatchGather::BatchGather() = default;

bool BatchGather::Full() const { return rows() >= kMaxBatchRows || bytes_ >= kMaxBatchBytes; }

void BatchGather::Attach(Source& source) {
  if (source.generation_ == generation_) return;
  source.generation_ = generation_;
  source.shape_map_.assign(source.batch_.shapes.size(), kUnmapped);
  source.stream_map_.assign(source.batch_.streams.size(), kUnmapped);
  source.column_map_.assign(source.batch_.columns.size(), kUnmapped);
  source.code_maps_.assign(source.batch_.columns.size(), {});
}

uint32_t BatchGather::MapColumn(Source& source, uint32_t column) {
  uint32_t& mapped = source.column_map_[column];
  if (mapped != kUnmapped) return mapped;
  const Column& from = source.batch_.columns[column];
  scratch_.assign(from.key.path);
  scratch_.push_back(static_cast<char>(from.key.origin));
  scratch_.push_back(static_cast<char>(from.key.kind));
  const auto [it, added] = columns_.try_emplace(scratch_, static_cast<uint32_t>(out_.columns.size()));
  if (added) {
    Column& to = out_.columns.emplace_back();
    to.key = from.key;
    to.loaded = from.loaded;
  }
  mapped = it->second;
  return mapped;
}

uint32_t BatchGather::MapStream(Source& source, uint32_t stream) {
  uint32_t& mapped = source.stream_map_[stream];
  if (mapped != kUnmapped) return mapped;
  const Stream& from = source.batch_.streams[stream];
  scratch_.clear();
  for (const auto& [name, value] : from.labels) {
    base::PutString(scratch_, name);
    base::PutString(scratch_, value);
  }
  const auto [it, added] = streams_.try_emplace(scratch_, static_cast<uint32_t>(out_.streams.size()));
  if (added) out_.streams.push_back(from);
  mapped = it->second;
  return mapped;
}

// False when the shape would make the batch too large.
bool BatchGather::MapShape(Source& source, uint32_t shape) {
  uint32_t& mapped = source.shape_map_[shape];
  if (mapped != kUnmapped) return true;
  const Shape& from = source.batch_.shapes[shape];
  if (const auto found = shapes_.find(from.skeleton); found != shapes_.end()) {
    mapped = found->second;
    for (const Hole& hole : from.holes) MapColumn(source, hole.column);
    return true;
  }
  const bool fits = out_.columns.size() + from.holes.size() <= kMaxBatchColumns &&
                    shape_bytes_ + from.skeleton.size() <= kMaxShapeBytes;
  if (!fits && rows() > 0) return false;
  mapped = static_cast<uint32_t>(out_.shapes.size());
  shapes_.emplace(from.skeleton, mapped);
  shape_bytes_ += from.skeleton.size();
  Shape& to = out_.shapes.emplace_back(from);
  for (Hole& hole : to.holes) hole.column = MapColumn(source, hole.column);
  return true;
}

// Timestamps, sequences, streams and shapes. REQUIRES: the shapes are mapped.
void BatchGather::AppendRowHeads(Source& source, size_t first, size_t last) {
  const RecordBatch& from = source.batch_;
  const auto begin = static_cast<ptrdiff_t>(first);
  const auto end = static_cast<ptrdiff_t>(last);
  out_.timestamp_ns.insert(out_.timestamp_ns.end(), from.timestamp_ns.begin() + begin,
                           from.timestamp_ns.begin() + end);
  if (!from.sequence.empty()) {
    out_.sequence.insert(out_.sequence.end(), from.sequence.begin() + begin, from.sequence.begin() + end);
  }
  for (size_t row = first; row < last; ++row) {
    out_.shape.push_back(source.shape_map_[from.shape[row]]);
    out_.stream.push_back(MapStream(source, from.stream_of(row)));
  }
}

// Makes room for the expected rows, where these are alike: `rows` rows with so many values of each column.
void BatchGather::ReserveLike(const Source& source, const std::vector<uint32_t>& values, size_t rows) {
  constexpr size_t kFewRows = 1024;  // tell too little
  constexpr size_t kMostTimes = 64;  // as many rows as a batch has at most, for one run of kFewRows
  constexpr size_t kSpare = 16;      // one more in so many
  if (rows < kFewRows || expected_rows_ <= rows) return;
  const size_t times = std::min(kMostTimes, (expected_rows_ + rows - 1) / rows);
  const auto scaled = [times](size_t count) {
    return std::min(count * times + count * times / kSpare, kMaxBatchBytes);
  };
  for (size_t c = 0; c < values.size(); ++c) {
    const Column& from = source.batch_.columns[c];
    if (values[c] == 0 || !from.loaded) continue;
    Column& to = out_.columns[source.column_map_[c]];
    const size_t begin = source.position_[c];
    if (from.coded()) {
      to.codes.reserve(scaled(values[c]));
    } else if (from.IsString()) {
      to.strings.Reserve(scaled(values[c]), scaled(StringBytes(from, begin, begin + values[c])));
    } else {
      to.integers.reserve(scaled(values[c]));
      if (from.key.kind == Kind::kDecimal) to.scales.reserve(scaled(values[c]));
    }
  }
  out_.timestamp_ns.reserve(expected_rows_);
  if (!source.batch_.sequence.empty()) out_.sequence.reserve(expected_rows_);
  out_.shape.reserve(expected_rows_);
  out_.stream.reserve(expected_rows_);
}

// Column by column. False, and nothing done, when the run does not fit as a whole.
bool BatchGather::AppendRun(Source& source, size_t first, size_t last) {
  const RecordBatch& from = source.batch_;
  if (rows() + (last - first) > kMaxBatchRows) return false;
  source.SkipTo(first);
  std::vector<uint32_t>& shape_rows = source.count_;
  std::fill(shape_rows.begin(), shape_rows.end(), 0);
  for (size_t row = first; row < last; ++row) ++shape_rows[from.shape[row]];
  std::vector<uint32_t> values(from.columns.size());
  for (uint32_t shape = 0; shape < shape_rows.size(); ++shape) {
    if (shape_rows[shape] == 0) continue;
    if (!MapShape(source, shape)) return false;
    for (const Hole& hole : from.shapes[shape].holes) values[hole.column] += shape_rows[shape];
  }
  const size_t bytes = source.BytesOf(last - first, values);
  if (bytes_ + bytes > kMaxBatchBytes) return false;
  if (rows() == 0) ReserveLike(source, values, last - first);
  for (size_t c = 0; c < values.size(); ++c) {
    if (values[c] == 0) continue;
    const size_t begin = source.position_[c];
    source.position_[c] += values[c];
    if (from.columns[c].loaded) {
      CopyValues(from.columns[c], begin, begin + values[c], source.code_maps_[c],
                 out_.columns[source.column_map_[c]]);
    }
  }
  AppendRowHeads(source, first, last);
  bytes_ += bytes;
  source.next_ = last;
  return true;
}

bool BatchGather::AppendRow(Source& source, size_t row) {
  const RecordBatch& from = source.batch_;
  const uint32_t shape = from.shape[row];
  if (Full() || !MapShape(source, shape)) return false;
  source.SkipTo(row);
  for (const Hole& hole : from.shapes[shape].holes) {
    const uint32_t index = source.position_[hole.column]++;
    const Column& column = from.columns[hole.column];
    if (!column.loaded) continue;
    bytes_ += column.IsString() ? column.text(index).size() : sizeof(int64_t);
    CopyValues(column, index, index + 1, source.code_maps_[hole.column],
               out_.columns[source.column_map_[hole.column]]);
  }
  AppendRowHeads(source, row, row + 1);
  source.next_ = row + 1;
  return true;
}

size_t BatchGather::Append(Source& source, size_t first, size_t last) {
  assert(first <= last && last <= source.batch_.rows());
  Attach(source);
  size_t row = first;
  while (row < last) {
    const size_t end = std::min(last, row + kMaxRunRows);
    if (end - row >= kMinRunRows && AppendRun(source, row, end)) {
      row = end;
      continue;
    }
    for (; row < end; ++row) {
      if (!AppendRow(source, row)) return row - first;
    }
  }
  return last - first;
}

RecordBatch BatchGather::Finish() {
  RecordBatch batch = std::move(out_);
  if (batch.streams.size() <= 1) batch.stream.clear();
  out_ = RecordBatch();
  bytes_ = 0;
  shape_bytes_ = 0;
  ++generation_;
  shapes_.clear();
  columns_.clear();
  streams_.clear();
  return batch;
}

RecordBatch Reordered(const RecordBatch& batch, std::span<const uint32_t> order) {
  // A row's values have known places only when rows are walked in order: note them down first.
  std::vector<uint32_t> row_begin(batch.rows() + 1);
  std::vector<uint32_t> places;
  std::vector<uint32_t> position(batch.columns.size());
  for (size_t row = 0; row < batch.rows(); ++row) {
    for (const Hole& hole : batch.shapes[batch.shape[row]].holes) places.push_back(position[hole.column]++);
    row_begin[row + 1] = static_cast<uint32_t>(places.size());
  }
  RecordBatch out;
  out.streams = batch.streams;
  out.shapes = batch.shapes;
  for (const Column& column : batch.columns) {
    Column& to = out.columns.emplace_back();
    to.key = column.key;
    to.loaded = column.loaded;
  }
  for (const uint32_t row : order) {
    out.timestamp_ns.push_back(batch.timestamp_ns[row]);
    if (!batch.sequence.empty()) out.sequence.push_back(batch.sequence[row]);
    if (!batch.stream.empty()) out.stream.push_back(batch.stream[row]);
    out.shape.push_back(batch.shape[row]);
    const uint32_t* place = places.data() + row_begin[row];
    for (const Hole& hole : batch.shapes[batch.shape[row]].holes) {
      const Column& from = batch.columns[hole.column];
      if (from.loaded) CopyValue(from, *place, out.columns[hole.column]);
      ++place;
    }
  }
  return out;
}

}  // namespace taffrail::record
