#include "query/parse/csv.h"

namespace taffrail::query::parse {

std::vector<std::string> SplitCsv(std::string_view line) {
  std::vector<std::string> values(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted) {
      if (c != '"') {
        values.back() += c;
      } else if (i + 1 < line.size() && line[i + 1] == '"') {
        values.back() += '"';
        ++i;
      } else {
        quoted = false;
      }
    } else if (c == ',') {
      values.emplace_back();
    } else if (c == '"' && values.back().empty()) {
      quoted = true;
    } else if (c != '\r' || i + 1 < line.size()) {
      values.back() += c;
    }
  }
  return values;
}

}  // namespace taffrail::query::parse
