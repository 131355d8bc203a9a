#include "redact/gram_set.h"

#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace taffrail::redact {

GramSet::GramSet() : bits_((size_t{1} << kHashBits) / 64), among_(ChooseAmong()) {}

uint64_t GramSet::AmongPortable(const GramSet& set, const char* data, uint64_t starts) {
  uint64_t found = 0;
  for (; starts != 0; starts &= starts - 1) {
    const int bit = std::countr_zero(starts);
    found |= uint64_t{set.MayHave(Load(data + bit))} << bit;
  }
  return found;
}

#if defined(__x86_64__)

// Four places a turn and nothing that depends on what is found: how many words 64 bytes have is what a
// processor guesses wrongly, and a wrong guess costs as much as looking at four of them. Where none is left,
// the place is 64 and its bit is none.
__attribute__((target("bmi,bmi2"))) uint64_t GramSet::AmongBmi(const GramSet& set, const char* data,
                                                               uint64_t starts) {
  const uint64_t* const bits = set.bits_.data();
  uint64_t found = 0;
  while (starts != 0) {
    for (int i = 0; i < 4; ++i) {
      const uint64_t bit = _tzcnt_u64(starts);
      const size_t hash = Hash(Load(data + bit));
      const uint64_t has = bits[hash >> 6] >> (hash & 63) & 1;
      found |= has * _blsi_u64(starts);
      starts = _blsr_u64(starts);
    }
  }
  return found;
}

GramSet::FindAmong GramSet::ChooseAmong() {
  return __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") ? AmongBmi : AmongPortable;
}

#else

GramSet::FindAmong GramSet::ChooseAmong() { return AmongPortable; }

#endif

}  // namespace taffrail::redact
