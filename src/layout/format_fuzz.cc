// Fields of any kinds, keys and values, in every JSON layout: the line parses, no object has a key twice, the
// values come back, and the two ways to the line - values with a plan, encoded fields - give the same bytes.
#include <simdjson.h>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "layout/layout.h"
#include "layout/line_for_tests.h"

namespace {

using taffrail::detail::FieldType;
using taffrail::detail::Kind;
using taffrail::detail::Scalar;
using taffrail::detail::Unit;

void Check(bool good) {
  if (!good) std::abort();
}

// Takes the input apart; past its end everything is 0.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : at_(data), end_(data + size) {}
  uint8_t Byte() { return at_ == end_ ? 0 : *at_++; }
  uint64_t Word() {
    uint64_t word = 0;
    for (int i = 0; i < 8; ++i) word = word << 8 | Byte();
    return word;
  }
  std::string_view Text(size_t most) {
    const size_t wanted = Byte() % (most + 1);
    const size_t size = std::min(wanted, static_cast<size_t>(end_ - at_));
    const auto* text = reinterpret_cast<const char*>(at_);
    at_ += size;
    return {text, size};
  }

 private:
  const uint8_t* at_;
  const uint8_t* end_;
};

struct Call {
  taffrail::layout::CallForTests call{"fuzz"};
  std::string last_key;
  Scalar last;  // what the line must say of it
  std::string last_text;

  void Add(Input& in) {
    constexpr Kind kKinds[] = {Kind::kNull,   Kind::kBool,   Kind::kInt,  Kind::kUint,
                               Kind::kDouble, Kind::kString, Kind::kTime, Kind::kDuration};
    const FieldType type{kKinds[in.Byte() % 8], static_cast<Unit>(in.Byte() % 7)};
    last_key = in.Text(20);
    last = {.kind = type.kind, .unit = type.unit};
    uint32_t fixed = 8;
    if (type.kind == Kind::kString) {
      fixed = 4;
      last_text = in.Text(200);
      last = taffrail::detail::text(last_text);
      last.clipped = in.Byte() == 1;
      if (in.Byte() == 1) last.kind = Kind::kNull, last.size = 0;
    } else if (type.kind == Kind::kNull) {
      fixed = 0;
    } else if (type.kind == Kind::kBool) {
      fixed = 1;
      last.bits = in.Byte() & 1;
    } else {
      last.bits = in.Word();
    }
    call.AddScalar(last_key, type, last, fixed);
  }
};

void CheckNoKeyTwice(simdjson::dom::element element) {
  if (element.is_array()) {
    for (const simdjson::dom::element inner : simdjson::dom::array(element)) CheckNoKeyTwice(inner);
  }
  if (!element.is_object()) return;
  std::set<std::string_view> keys;
  for (const auto [key, value] : simdjson::dom::object(element)) {
    Check(keys.insert(key).second);
    CheckNoKeyTwice(value);
  }
}

void CheckValue(simdjson::dom::element value, const Call& call) {
  switch (call.last.kind) {
    case Kind::kNull:
      return Check(value.is_null());
    case Kind::kBool:
      return Check(bool(value) == (call.last.bits != 0));
    case Kind::kInt:
      return Check(int64_t(value) == static_cast<int64_t>(call.last.bits));
    case Kind::kUint:
      return Check(uint64_t(value) == call.last.bits);
    case Kind::kDouble: {
      double expected;
      std::memcpy(&expected, &call.last.bits, sizeof(expected));
      return Check(std::isfinite(expected) ? double(value) == expected : value.is_string());
    }
    case Kind::kString: {
      std::string text = call.last_text;
      if (!simdjson::validate_utf8(text)) return Check(value.is_string());
      if (call.last.clipped) text += taffrail::record::kClippedMark;
      return Check(std::string_view(value) == text);
    }
    default:
      return;  // times and durations have tests of their own
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail::layout;
  Input in(data, size);
  Call call;
  for (int count = 1 + in.Byte() % 30; count > 0; --count) call.Add(in);
  static simdjson::dom::parser parser;
  for (const char* name :
       {"nested", "flat", "flat+error", "request", "dotted", "otel", "text", "text-comma"}) {
    const auto layout = MakeLayout(name, {}, {.source_from = taffrail::Level::kTrace});
    SitePlans plans;
    OutBuffer by_values;
    OutBuffer encoded;
    layout->Append(call.call.ByValues(), plans, by_values);
    layout->Append(call.call.Encoded(), plans, encoded);
    Check(by_values.view() == encoded.view());
    Check(by_values.view().find('\n') == by_values.size() - 1);
    if (std::string_view(name).starts_with("text")) continue;
    simdjson::dom::element line;
    Check(parser.parse(by_values.data(), by_values.size()).get(line) == simdjson::SUCCESS);
    CheckNoKeyTwice(line);
    // The last field is hidden by none; in an object of fields alone its key is its own.
    if (std::string_view(name) != "nested" || !simdjson::validate_utf8(call.last_key)) continue;
    simdjson::dom::element value;
    if (call.last.kind == Kind::kDuration) continue;  // its key has an ending
    const std::string_view key = call.last_key;
    for (const auto [found, each] : simdjson::dom::object(line["metadata"])) {
      if (found == key) value = each, CheckValue(value, call);
    }
  }
  return 0;
}
