// Frames of a client in any two pieces: the same is taken and answered as in one.
#include <cstdlib>
#include <string>

#include "net/websocket.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using taffrail::net::TakeClientFrames;
  if (size == 0) return 0;
  const std::string input(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string whole = input;
  std::string whole_reply;
  const bool whole_goes_on = TakeClientFrames(whole, whole_reply);
  const size_t cut = input.empty() ? 0 : data[0] % input.size();
  std::string pieces = input.substr(0, cut);
  std::string reply;
  bool goes_on = TakeClientFrames(pieces, reply);
  if (goes_on) {
    pieces += input.substr(cut);
    goes_on = TakeClientFrames(pieces, reply);
  }
  if (goes_on != whole_goes_on || reply != whole_reply) std::abort();
  if (goes_on && pieces != whole) std::abort();
  return 0;
}
