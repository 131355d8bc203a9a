// Any bytes as a statement: the shape of a shape is itself, and what stood in a literal is not in it. The
// second is tried with the input as the literal's content.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "events/sql_text.h"

namespace {

using taffrail::events::kSqlShapeBytesMax;
using taffrail::events::ShapeOf;
using taffrail::events::SqlShape;

void Check(bool condition) {
  if (!condition) std::abort();
}

std::string Doubled(std::string_view text, char quote) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == quote) out += c;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const SqlShape shape = ShapeOf(input);
  Check(shape.text.size() <= kSqlShapeBytesMax && shape.tables.size() <= taffrail::events::kSqlTablesMax);
  if (shape.text.size() < kSqlShapeBytesMax - 3) {  // not cut
    const SqlShape again = ShapeOf(shape.text);
    Check(again.text == shape.text && again.fingerprint == shape.fingerprint);
  }
  if (2 * size < taffrail::events::kSqlReadBytesMax / 2) {
    const SqlShape quoted = ShapeOf("UPDATE t SET a = '" + Doubled(input, '\'') + "' WHERE b IN (1, 2)");
    Check(quoted.text == "UPDATE t SET a = ? WHERE b IN (?)");
    Check(quoted.operation == "UPDATE" && quoted.tables.size() == 1 && quoted.tables[0] == "t");
  }
  return 0;
}
