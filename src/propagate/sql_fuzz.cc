// Whatever the statement and whatever the request's id: the statement stays as it is but for one comment, and
// nothing of the id can end that comment.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "taffrail/context.h"
#include "taffrail/propagate/sql.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace taffrail;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t cut = input.find('\n');
  const std::string_view sql = cut == input.npos ? input : input.substr(cut + 1);
  const Scope scope({{"request_id", input.substr(0, cut)}});
  const std::string comment = sql_comment();
  const std::string with = with_sql_comment(sql);
  if (with == sql) return 0;
  if (comment.empty() || sql.find("/*") != sql.npos || sql.find("--") != sql.npos) std::abort();
  const size_t at = with.find(" " + comment);
  if (at == with.npos || with.substr(0, at) + with.substr(at + 1 + comment.size()) != sql) std::abort();
  if (with.substr(at + 1 + comment.size()).find_first_not_of("; \t\n\v\f\r") != with.npos) std::abort();
  if (!comment.starts_with("/*") || comment.find("*/") != comment.size() - 2) std::abort();
  const std::string_view inside = std::string_view(comment).substr(2, comment.size() - 4);
  if (inside.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~%'=,") !=
      inside.npos)
    std::abort();
  return 0;
}
