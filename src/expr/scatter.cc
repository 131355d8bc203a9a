#include "expr/scatter.h"

#include <algorithm>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace taffrail::expr {

ColumnSteps::ColumnSteps(const record::RecordBatch& batch, const std::vector<uint32_t>& columns) {
  constexpr uint32_t kNotChosen = ~uint32_t{0};
  std::vector<uint32_t> step_of(batch.columns.size(), kNotChosen);
  for (uint32_t i = 0; i < columns.size(); ++i) step_of[columns[i]] = i;
  begin_.reserve(batch.shapes.size() + 1);
  for (const record::Shape& shape : batch.shapes) {
    begin_.push_back(static_cast<uint32_t>(steps_.size()));
    for (const record::Hole& hole : shape.holes) {
      if (step_of[hole.column] != kNotChosen) steps_.push_back(step_of[hole.column]);
    }
  }
  begin_.push_back(static_cast<uint32_t>(steps_.size()));
}

namespace {

constexpr size_t kWordRows = 64;

// Of so many rows, at most a word's, those of one of the shapes.
uint64_t PlainWord(const uint32_t* shape, size_t rows, const std::vector<uint32_t>& wanted) {
  uint64_t word = 0;
  for (size_t i = 0; i < rows; ++i) {
    for (const uint32_t one : wanted) word |= uint64_t{shape[i] == one} << i;
  }
  return word;
}

uint64_t PlainFullWord(const uint32_t* shape, const std::vector<uint32_t>& wanted) {
  return PlainWord(shape, kWordRows, wanted);
}

#if defined(__x86_64__)
// Eight rows at a time: half the instructions of what every x86-64 has.
__attribute__((target("avx2"))) uint64_t Avx2FullWord(const uint32_t* shape,
                                                      const std::vector<uint32_t>& wanted) {
  uint64_t word = 0;
  for (int i = 0; i < 64; i += 8) {
    const __m256i rows = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(shape + i));
    __m256i hit = _mm256_setzero_si256();
    for (const uint32_t one : wanted)
      hit = _mm256_or_si256(hit, _mm256_cmpeq_epi32(rows, _mm256_set1_epi32(static_cast<int>(one))));
    word |= static_cast<uint64_t>(static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(hit)))) << i;
  }
  return word;
}
#endif

RowsOfShapes::FullWord BestFullWord() {
#if defined(__x86_64__)
  static const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
  if (has_avx2) return Avx2FullWord;
#endif
  return PlainFullWord;
}

}  // namespace

bool RowsOfShapes::AreFew(const std::vector<uint8_t>& wanted) {
  return static_cast<size_t>(std::ranges::count_if(wanted, [](uint8_t is) { return is != 0; })) <= kMost;
}

RowsOfShapes::RowsOfShapes(const record::RecordBatch& batch, const std::vector<uint8_t>& wanted)
    : batch_(batch), full_word_(BestFullWord()) {
  for (uint32_t shape = 0; shape < wanted.size(); ++shape) {
    if (wanted[shape] != 0) shapes_.push_back(shape);
  }
}

uint64_t RowsOfShapes::Word(size_t first) const {
  const uint32_t* const shape = batch_.shape.data() + first;
  const size_t rows = std::min(kWordRows, batch_.rows() - first);
  return rows == kWordRows ? full_word_(shape, shapes_) : PlainWord(shape, rows, shapes_);
}

void FillByShape(const record::RecordBatch& batch, const std::vector<bool>& by_shape, Bits& result) {
  const auto passing = static_cast<size_t>(std::count(by_shape.begin(), by_shape.end(), true));
  if (passing == 0 || passing == by_shape.size()) return result.Reset(batch.rows(), passing > 0);
  const std::vector<uint8_t> bytes(by_shape.begin(), by_shape.end());
  if (RowsOfShapes::AreFew(bytes)) {
    result.Reset(batch.rows());
    RowsOfShapes(batch, bytes).ForEach([&](size_t row) { result.Set(row); });
    return;
  }
  result.Fill(batch.rows(), [&](size_t row) { return uint64_t{bytes[batch.shape[row]]}; });
}

ColumnShapes::ColumnShapes(const record::RecordBatch& batch, uint32_t column)
    : batch_(batch), has_(batch.shapes.size(), 0) {
  for (size_t i = 0; i < has_.size(); ++i) {
    for (const record::Hole& hole : batch.shapes[i].holes) has_[i] |= hole.column == column ? 1 : 0;
  }
}

std::vector<uint32_t> ColumnShapes::CountBeforeEach() const {
  std::vector<uint32_t> before(batch_.rows());
  uint32_t count = 0;
  for (size_t row = 0; row < before.size(); ++row) {
    before[row] = count;
    count += has_[batch_.shape[row]];
  }
  return before;
}

}  // namespace taffrail::expr
