#include "record/line_matcher.h"

#include <cstring>
#include <utility>

namespace taffrail::record {
namespace {

// Edges of one state. Programs have tens of kinds of line; thousands mean that keys or constants vary, and
// walking such lines is then cheaper than comparing them with all of those.
constexpr size_t kMaxEdges = 128;

inline uint64_t TailOf(const char* literal, size_t size) {
  uint64_t tail = 0;
  if (size >= sizeof(tail)) {
    std::memcpy(&tail, literal + size - sizeof(tail), sizeof(tail));
  } else {
    std::memcpy(&tail, literal, size);
  }
  return tail;
}

// Whether `size` bytes are the same, of which the last eight are known to be. Literals are some dozen bytes
// long: it costs less than to call memcmp.
inline bool SameBut8(const char* a, const char* b, size_t size) {
  uint64_t x = 0;
  uint64_t y = 0;
  for (size_t i = 0; i + sizeof(x) < size; i += sizeof(x)) {
    std::memcpy(&x, a + i, sizeof(x));
    std::memcpy(&y, b + i, sizeof(y));
    if (x != y) return false;
  }
  return true;
}

}  // namespace

LineMatcher::LineMatcher() : states_(1) {}

// The edge whose literal comes next and is followed by a value (then `after` is behind the value) or by the
// line's end (then `after` == end).
inline const LineMatcher::Edge* LineMatcher::FindEdge(State& state, const char* at, const char* end,
                                                      ScannedValue& value, const char*& after) {
  const auto left = static_cast<size_t>(end - at);
  for (size_t i = 0; i < state.edges.size(); ++i) {
    Edge& edge = state.edges[i];
    const size_t size = edge.size;
    if (size > left || TailOf(at, size) != edge.tail) continue;
    if (!SameBut8(at, literals_.data() + edge.begin, size)) continue;
    const char* const behind = at + size;
    if (behind == end) {
      if (edge.ends_with < 0) continue;
      after = end;
    } else {
      if (!StartsHole(*behind)) continue;
      after = ScanHole(behind, end, value);
      if (after == nullptr || edge.next[static_cast<size_t>(value.kind)] < 0) continue;
    }
    if (i == 0) return &edge;
    std::swap(state.edges[i], state.edges[i / 2]);  // halfway: one odd line does not displace the usual one
    return &state.edges[i / 2];
  }
  return nullptr;
}

int LineMatcher::Match(std::string_view line, std::vector<ScannedValue>& values) {
  values.clear();
  const char* at = line.data();
  const char* const end = at + line.size();
  int state = 0;
  while (true) {
    ScannedValue& value = values.emplace_back();  // scanned in its place: a copy would wait for its parts
    const char* after = nullptr;
    const Edge* const edge = FindEdge(states_[static_cast<size_t>(state)], at, end, value, after);
    if (edge == nullptr) return -1;
    if (after == end && at + edge->size == end) {
      values.pop_back();
      return edge->ends_with;
    }
    state = edge->next[static_cast<size_t>(value.kind)];
    at = after;
  }
}

void LineMatcher::Add(std::string_view part, const std::vector<Hole>& holes, int id) {
  int state = 0;
  size_t begin = 0;
  for (size_t i = 0; i <= holes.size(); ++i) {
    const size_t literal_end = i < holes.size() ? holes[i].literal_end : part.size();
    const std::string_view literal = part.substr(begin, literal_end - begin);
    std::vector<Edge>& edges = states_[static_cast<size_t>(state)].edges;
    size_t e = 0;
    while (e < edges.size() && LiteralOf(edges[e]) != literal) ++e;
    if (e == edges.size()) {
      if (e == kMaxEdges) return;
      Edge edge{.tail = TailOf(literal.data(), literal.size()),
                .begin = static_cast<uint32_t>(literals_.size()),
                .size = static_cast<uint32_t>(literal.size())};
      edge.next.fill(-1);
      literals_ += literal;
      edges.push_back(edge);
    }
    if (i == holes.size()) {
      edges[e].ends_with = id;
      return;
    }
    const auto kind = static_cast<size_t>(part[literal_end]);
    if (edges[e].next[kind] < 0) {
      edges[e].next[kind] = static_cast<int>(states_.size());
      states_.emplace_back();  // may move `edges`: not used after this
    }
    state = states_[static_cast<size_t>(state)].edges[e].next[kind];
    begin = literal_end + 1;
  }
}

}  // namespace taffrail::record
