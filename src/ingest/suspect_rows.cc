#include "ingest/suspect_rows.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "record/json_scan.h"
#include "record/json_writer.h"
#include "record/row_cursor.h"
#include "redact/policy.h"

namespace taffrail::ingest {
namespace {

using record::Column;
using record::Kind;

// Looked at at once: what was gathered is still in the processor's cache.
constexpr size_t kPiecesBytes = size_t{32} << 10;
// The least number of 13 digits, of which the shortest card numbers are.
constexpr int64_t kLongNumber = 1'000'000'000'000;

class Suspects {
 public:
  Suspects(const record::RecordBatch& batch, const redact::Policy& policy)
      : batch_(batch), engine_(policy.engine()), shapes_(batch.shapes.size()), texts_(batch.columns.size()) {}

  std::vector<bool> Rows() {
    for (uint32_t s = 0; s < batch_.shapes.size(); ++s) Add({kShape, s}, batch_.shapes[s].skeleton, '\n');
    for (uint32_t c = 0; c < batch_.columns.size(); ++c) {
      batch_.columns[c].IsString() ? AddStrings(c) : AddNumbers(c);
    }
    Look();
    return RowsOfMarks();
  }

 private:
  static constexpr uint32_t kShape = UINT32_MAX;
  enum class Mark : uint8_t { kNone, kPaired, kAlways };

  // A shape, or one of a column's texts (its values, where it is not coded).
  struct Place {
    uint32_t column;
    uint32_t index;
  };
  struct Piece {
    Place place;
    size_t end;
  };

  void AddStrings(uint32_t c) {
    const Column& column = batch_.columns[c];
    const std::string& bytes = column.strings.raw_bytes();
    const char* const end = bytes.data() + bytes.size();
    const bool escapes = column.key.kind == Kind::kString && record::FindSpecial(bytes.data(), end) != end;
    const char around = column.key.kind == Kind::kText ? '\n' : '"';
    for (uint32_t i = 0; i < column.strings.size(); ++i) {
      if (!escapes) {
        Add({c, i}, column.strings[i], around);
        continue;
      }
      written_.clear();
      record::AppendEscaped(column.strings[i], written_);  // as it stands in its line
      Add({c, i}, written_, around);
    }
  }

  void AddNumbers(uint32_t c) {
    const Column& column = batch_.columns[c];
    for (uint32_t i = 0; i < column.integers.size(); ++i) {
      const int64_t number = column.integers[i];
      if (number < kLongNumber && number > -kLongNumber) continue;
      written_.clear();
      record::AppendJsonValue(column, i, written_);
      Add({c, i}, written_, '"');
    }
  }

  void Add(Place place, std::string_view text, char around) {
    pieces_ += around;
    pieces_ += text;
    pieces_ += around;
    of_piece_.push_back({place, pieces_.size()});
    if (pieces_.size() >= kPiecesBytes) Look();
  }

  void Look() {
    engine_.FindSuspects(pieces_, scratch_);
    for (const redact::Suspect& suspect : scratch_.suspects)
      Note(std::ranges::upper_bound(of_piece_, suspect.at, {}, &Piece::end)->place, suspect.paired);
    pieces_.clear();
    of_piece_.clear();
  }

  void Note(Place place, bool paired) {
    if (place.column == kShape) {
      shapes_[place.index] = true;
      return;
    }
    std::vector<Mark>& marks = texts_[place.column];
    const Column& column = batch_.columns[place.column];
    if (marks.empty()) marks.resize(column.IsString() ? column.strings.size() : column.size());
    // Of text that is no JSON string nobody knows which quote is its last.
    const bool is_string = column.key.kind == Kind::kString || column.key.kind == Kind::kEscaped;
    const Mark mark = paired && is_string ? Mark::kPaired : Mark::kAlways;
    marks[place.index] = std::max(marks[place.index], mark);
  }

  std::vector<bool> RowsOfMarks() const {
    std::vector<std::vector<uint32_t>> columns(batch_.shapes.size());  // by shape: those with marks
    std::vector<Mark> least(batch_.shapes.size());                     // by shape: the mark that counts
    for (size_t s = 0; s < columns.size(); ++s) {
      const record::Shape& shape = batch_.shapes[s];
      least[s] = shape.skeleton.find("value") == std::string::npos ? Mark::kAlways : Mark::kPaired;
      for (const record::Hole& hole : shape.holes) {
        if (!texts_[hole.column].empty()) columns[s].push_back(hole.column);
      }
    }
    std::vector<bool> rows(batch_.rows());
    std::vector<uint32_t> next(batch_.columns.size());  // value, by column
    for (size_t row = 0; row < rows.size(); ++row) {
      const uint32_t shape = batch_.shape[row];
      bool is_suspect = shapes_[shape];
      for (const uint32_t c : columns[shape]) {
        const uint32_t value = next[c]++;
        const Column& column = batch_.columns[c];
        is_suspect = is_suspect || texts_[c][column.coded() ? column.codes[value] : value] >= least[shape];
      }
      rows[row] = is_suspect;
    }
    return rows;
  }

  const record::RecordBatch& batch_;
  const redact::Engine& engine_;
  redact::Scratch scratch_;
  std::string pieces_;
  std::vector<Piece> of_piece_;
  std::string written_;
  std::vector<bool> shapes_;
  std::vector<std::vector<Mark>> texts_;  // by column, then text; empty: none is marked
};

}  // namespace

std::vector<bool> SuspectRows(const record::RecordBatch& batch, const redact::Policy& policy) {
  // Paths are compared along a whole line.
  if (policy.has_fields() || !policy.engine().CanSuspect()) return std::vector<bool>(batch.rows(), true);
  return Suspects(batch, policy).Rows();
}

}  // namespace taffrail::ingest
