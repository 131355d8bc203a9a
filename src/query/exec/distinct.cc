#include "query/exec/distinct.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace taffrail::query::exec {
namespace {

constexpr int kIndexBits = 14;
constexpr size_t kRegisters = size_t{1} << kIndexBits;
constexpr int kRankBits = 64 - kIndexBits;  // a register is at most one more

// Ertl, "New cardinality estimation algorithms for HyperLogLog sketches": sums that stand for the registers
// that nothing has reached, and for those that are full.
double Sigma(double x) {
  if (x == 1) return INFINITY;
  double y = 1;
  double z = x;
  for (double before = -1; before != z;) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}

double Tau(double x) {
  if (x == 0 || x == 1) return 0;
  double y = 1;
  double z = 1 - x;
  for (double before = -1; before != z;) {
    x = std::sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}

}  // namespace

void DistinctSet::Register(uint64_t hash) {
  uint8_t& longest = registers_[hash >> kRankBits];
  const int zeros = std::min(std::countl_zero(hash << kIndexBits), kRankBits);
  longest = std::max(longest, static_cast<uint8_t>(zeros + 1));
}

void DistinctSet::ToRegisters() {
  registers_.assign(kRegisters, 0);
  exact_.ForEach([this](uint64_t hash) { Register(hash); });
  exact_ = HashSet64();
}

void DistinctSet::InsertAll(std::span<const uint64_t> hashes) {
  // In pieces, so that the table never grows much beyond its bound.
  constexpr size_t kPiece = 4096;
  for (size_t at = 0; at < hashes.size() && !is_estimate(); at += kPiece) {
    const auto piece = hashes.subspan(at, std::min(kPiece, hashes.size() - at));
    exact_.InsertAll(piece);
    if (exact_.size() <= kExactMost) continue;
    ToRegisters();
    hashes = hashes.subspan(at + piece.size());
    break;
  }
  if (!is_estimate()) return;
  for (const uint64_t hash : hashes) Register(hash);
}

void DistinctSet::Merge(DistinctSet& other) {
  if (other.is_estimate()) {
    if (!is_estimate()) ToRegisters();
    for (size_t i = 0; i < kRegisters; ++i) registers_[i] = std::max(registers_[i], other.registers_[i]);
    return;
  }
  if (!is_estimate() && exact_.size() == 0) {
    std::swap(exact_, other.exact_);
    return;
  }
  std::vector<uint64_t> hashes;
  hashes.reserve(other.exact_.size());
  other.exact_.ForEach([&hashes](uint64_t hash) { hashes.push_back(hash); });
  if (!is_estimate()) exact_.Reserve(exact_.size() + hashes.size());
  InsertAll(hashes);
}

uint64_t DistinctSet::Estimate() const {
  std::array<uint32_t, kRankBits + 2> counts{};
  for (const uint8_t longest : registers_) ++counts[longest];
  constexpr auto kAll = static_cast<double>(kRegisters);
  double z = kAll * Tau(1 - static_cast<double>(counts[kRankBits + 1]) / kAll);
  for (int rank = kRankBits; rank >= 1; --rank) z = 0.5 * (z + counts[static_cast<size_t>(rank)]);
  z += kAll * Sigma(static_cast<double>(counts[0]) / kAll);
  const double alpha = 0.5 / std::log(2.0);
  return static_cast<uint64_t>(std::llround(alpha * kAll * kAll / z));
}

}  // namespace taffrail::query::exec
