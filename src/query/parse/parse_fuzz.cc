// Every parser of lines over any line, and every parser of patterns over any pattern: they end, and what they
// add can be a label.
#include <cstdlib>
#include <string>

#include "query/parse/json.h"
#include "query/parse/logfmt.h"
#include "query/parse/pattern.h"

namespace {

class Checked final : public taffrail::query::parse::FieldSink {
 public:
  void Add(std::string_view name, std::string_view value, taffrail::query::parse::FieldType) override {
    if (!name.empty() && !taffrail::query::parse::IsLabelName(name)) std::abort();
    bytes += value.size();
  }
  size_t bytes = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace parse = taffrail::query::parse;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t half = input.find('\n');
  const std::string_view pattern = input.substr(0, half);
  const std::string_view line = half == std::string_view::npos ? input : input.substr(half + 1);
  Checked sink;
  const bool is_json = parse::ParseJson(line, sink);
  if (sink.bytes > 2 * line.size()) std::abort();
  parse::ParseLogfmt(line, {}, sink);
  parse::ParseLogfmt(line, {.strict = true, .keep_empty = true}, sink);
  std::string entry;
  bool has_entry = false;
  if (parse::Unpack(line, sink, entry, has_entry) != is_json) std::abort();
  if (const auto path = parse::JsonPath::Parse(pattern); path.ok() && is_json) {
    std::string value;
    parse::FieldType type;
    path->Find(line, value, type);
  }
  for (const auto use : {parse::Pattern::Use::kFields, parse::Pattern::Use::kFilter}) {
    const auto parsed = parse::Pattern::Parse(pattern, use);
    if (!parsed.ok()) continue;
    parsed->Match(line, sink);
    parsed->Test(line);
  }
  return 0;
}
