#include "base/nearest.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace taffrail::base {

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

std::string_view Nearest(std::string_view word, std::span<const std::string_view> choices) {
  constexpr size_t kFar = 3;             // that many slips make another word
  constexpr size_t kWordBytesMax = 128;  // the distance takes quadratic time
  if (word.size() > kWordBytesMax) return {};
  std::string_view nearest;
  size_t best = kFar;
  for (const std::string_view choice : choices) {
    const size_t distance = EditDistance(word, choice);
    // Of two as near, the one as long: letters change places more often than one is lost and one is wrong.
    const bool nearer = distance < best || (distance == best && choice.size() == word.size() &&
                                            !nearest.empty() && nearest.size() != word.size());
    // A short word is another one sooner: "db" is not meant as "os".
    if (nearer && distance < std::max(word.size(), choice.size())) {
      best = distance;
      nearest = choice;
    }
  }
  return nearest;
}

}  // namespace taffrail::base
