// Fields of hostile lines: inside the line, in order, and the line is the same when each is replaced by
// itself.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ingest/json_fields.h"
#include "record/intake.h"

namespace {

void Check(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail;
  const std::string line(reinterpret_cast<const char*>(data), size);
  if (!record::IsJsonObject(line)) return 0;  // the door looks at lines that the reader took for JSON
  std::vector<ingest::Replacement> same;
  size_t last = 0;
  for (const ingest::JsonField& field : ingest::JsonFieldsOf(line)) {
    Check(field.begin >= last && field.begin < field.end && field.end <= line.size());
    Check(field.is_string == (line[field.begin] == '"'));
    same.push_back({field.begin, field.end, line.substr(field.begin, field.end - field.begin)});
    last = field.end;
  }
  Check(ingest::ReplaceIn(line, same) == line);
  Check(record::IsJsonObject(ingest::WithMembers(line, "\"z\":1")));
  return 0;
}
