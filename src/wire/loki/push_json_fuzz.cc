// Any bytes as a JSON push: what is accepted must survive encode and decode, and be accepted by simdjson's
// own parser wherever that one could judge it (valid UTF-8).
#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "wire/loki/push.h"

namespace {

using taffrail::wire::loki::DecodedPush;

void Check(bool condition) {
  if (!condition) std::abort();
}

std::string EncodeAll(const DecodedPush& push) {
  std::string out;
  for (const auto& batch : push.batches) out += taffrail::wire::loki::EncodeJson(batch) + "\n";
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto push = taffrail::wire::loki::DecodeJson(body, 0);
  if (!push.ok()) return 0;
  uint64_t rows = 0;
  for (const auto& batch : push->batches) rows += batch.rows();
  Check(rows == push->stats.lines.lines);

  if (simdjson::validate_utf8(body.data(), body.size())) {
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    const auto error = parser.parse(body.data(), body.size()).get(document);
    Check(error == simdjson::SUCCESS || error == simdjson::STRING_ERROR ||  // half of a surrogate pair
          error == simdjson::NUMBER_ERROR);                                 // a number beyond double
  }

  const std::string once = EncodeAll(*push);
  for (const auto& batch : push->batches) {
    const auto again = taffrail::wire::loki::DecodeJson(taffrail::wire::loki::EncodeJson(batch), 0);
    Check(again.ok());
    Check(again->batches.size() <= 1);
    // Canonical now: encoding is a fixed point, once streams are in their order of first use.
    const std::string second = EncodeAll(*again);
    if (batch.rows() == 0) continue;
    const auto third = taffrail::wire::loki::DecodeJson(second.substr(0, second.size() - 1), 0);
    Check(third.ok() && EncodeAll(*third) == second);
  }
  return 0;
}
