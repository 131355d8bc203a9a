// Lines come back byte for byte, the fast way and the strict way agree, and simdjson agrees on what is JSON.
#include <simdjson.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "record/batch_builder.h"
#include "record/row_cursor.h"

namespace {

using taffrail::record::BatchBuilder;
using taffrail::record::LineFormat;
using taffrail::record::RecordBatch;
using taffrail::record::RowCursor;

void Check(bool condition) {
  if (!condition) std::abort();
}

// simdjson's DOM refuses numbers beyond uint64 and double, which RFC 8259 allows and we keep; and it looks no
// deeper than 1024. Everywhere else both must say the same.
bool SimdjsonAccepts(std::string_view line, bool& comparable) {
  simdjson::dom::parser parser;
  const std::string text(
      line);  // simdjson copies its input, and memcpy may not be given the null of an empty one
  const auto result = parser.parse(text);
  comparable = result.error() != simdjson::NUMBER_ERROR && result.error() != simdjson::DEPTH_ERROR;
  return result.error() == simdjson::SUCCESS && result.is_object();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  static BatchBuilder
      long_lived;  // knows the shapes of earlier inputs: its fast path meets lines made for others
  BatchBuilder fresh;
  const LineFormat format = fresh.Append(line, 0);
  fresh.Append(line, 0);  // the second time through the matcher
  Check(long_lived.Append(line, 0) == format);
  const RecordBatch batch = fresh.Finish();
  const RecordBatch other = long_lived.Finish();
  Check(batch.rows() == 2 && other.rows() == 1);
  Check(batch.shape[0] == batch.shape[1]);
  Check(batch.shapes[0].skeleton == other.shapes[0].skeleton);
  std::string out;
  RowCursor cursor(batch);
  for (size_t row = 0; row < 2; ++row) {
    out.clear();
    cursor.MoveTo(row);
    cursor.AppendLine(out);
    Check(out == line);
  }
  bool comparable = true;
  const bool accepted = SimdjsonAccepts(line, comparable);
  if (comparable) Check(accepted == (format == LineFormat::kJson));
  return 0;
}
