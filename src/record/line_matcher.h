// Recognises lines of known shapes in one pass, taking their values out on the way.
//
// The shapes form a tree. A state is "after some hole" (or the start of the line); its edges are the literals
// that may come next, and each leads on by the kind of the value that follows:
//
//   start ──{"level":──string──,"took":──decimal──}              shape 0: {"level":•,"took":◦}
//                          │           └─integer──}              shape 1
//                          └──,"user":{"id":──string──}}         shape 2
//
// Services write few kinds of line, so almost every line of a stream is matched here, at the price of
// comparing its literals and finding the ends of its values: about a third of what parsing it anew would take
// (record_bench). A line that is not recognised says nothing about its validity; it goes to the strict walk
// (json_walk.h), which finds its skeleton, and Add() makes the next such line match.
//
// Edges that lie one inside the other (a constant where another shape has a hole) are tried in turn without
// going back, so a line may be missed although its shape is here: slower, never wrong.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "record/json_scan.h"
#include "record/shape.h"

namespace taffrail::record {

class LineMatcher {
 public:
  LineMatcher();

  // The id given to Add for the line's shape, or -1; `values` gets the holes' values in order (borrowed from
  // the line). REQUIRES: the line is valid UTF-8.
  int Match(std::string_view line, std::vector<ScannedValue>& values);

  // REQUIRES: `part` is a skeleton without attributes whose hole i is the byte at holes[i].literal_end.
  void Add(std::string_view part, const std::vector<Hole>& holes, int id);

 private:
  struct Edge {
    uint64_t tail = 0;   // the literal's last 8 bytes: tells most literals apart in one compare
    uint32_t begin = 0;  // the literal, in literals_
    uint32_t size = 0;
    int ends_with = -1;                    // id of the shape that ends after this literal
    std::array<int, kLastKind> next = {};  // state after a hole of kind i, or -1
  };
  struct State {
    std::vector<Edge> edges;  // the likely ones move to the front
  };

  const Edge* FindEdge(State& state, const char* at, const char* end, ScannedValue& value,
                       const char*& after);
  std::string_view LiteralOf(const Edge& edge) const {
    return std::string_view(literals_).substr(edge.begin, edge.size);
  }

  std::vector<State> states_;
  std::string literals_;  // end to end
};

}  // namespace taffrail::record
