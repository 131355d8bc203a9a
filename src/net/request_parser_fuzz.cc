// Any bytes: parsed in one piece and in small ones, the outcome is the same, and never reads what is not
// there.
#include "net/request_parser.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using taffrail::net::RequestParser;

namespace {

constexpr size_t kMaxHeaderBytes = 1 << 12;

void Require(bool condition) {
  if (!condition) std::abort();
}

struct Outcome {
  bool ok = true;
  bool done = false;
  std::string method;
  std::string target;
  std::string body;
  std::string rest;
};

Outcome Parse(std::string_view text, size_t piece_bytes) {
  Outcome outcome;
  RequestParser parser(kMaxHeaderBytes);
  while (!parser.done()) {
    const size_t body_before = outcome.body.size();
    const auto used = parser.Feed(outcome.rest, outcome.body);
    outcome.ok = used.ok();
    if (!outcome.ok) return outcome;
    Require(*used <= outcome.rest.size());
    Require(outcome.body.size() - body_before <= *used);
    outcome.rest.erase(0, *used);
    if (*used > 0) continue;
    if (text.empty()) break;
    const size_t size = std::min(piece_bytes, text.size());
    outcome.rest += text.substr(0, size);
    text.remove_prefix(size);
  }
  outcome.rest += text;
  outcome.done = parser.done();
  if (parser.head_done()) {
    outcome.method = parser.head().method;
    outcome.target = parser.head().target;
    Require(!outcome.method.empty() && !outcome.target.empty());
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const size_t piece_bytes = 1 + data[0] % 17;
  std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (int framed = 0; framed < 2; ++framed) {  // raw, and as a chunked body behind a good head
    if (framed == 1) text.insert(0, "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    const Outcome whole = Parse(text, text.size());
    const Outcome pieces = Parse(text, piece_bytes);
    // Where the head is near its limit, the pieces may show the excess before the whole shows its own fault.
    if (text.size() > kMaxHeaderBytes) continue;
    // A fault in a head that never ends may be seen in the whole and still be waited out in pieces; nothing
    // else.
    const bool undecided = pieces.ok && !pieces.done;
    Require(whole.ok == pieces.ok || (!whole.ok && undecided));
    if (!whole.ok) continue;
    Require(whole.done == pieces.done);
    Require(whole.method == pieces.method && whole.target == pieces.target);
    Require(whole.body == pieces.body);
    if (whole.done) Require(whole.rest == pieces.rest);
  }
  return 0;
}
