// Requests that take turns. Those of one lane share its places: when all are taken the others wait, and
// beyond max_waiting they are refused. Lanes together take only some of the workers, so that requests of no
// lane find a worker however many slow ones there are.
#pragma once

#include <cstddef>
#include <string>

namespace taffrail::net {

struct Lane {
  std::string name;        // empty: of no lane
  int width = 1;           // requests of the lane at once
  size_t max_waiting = 0;  // and beside them
};

struct LaneState {
  std::string name;
  int running = 0;
  size_t waiting = 0;
};

}  // namespace taffrail::net
