// How often each value of a field occurs: the facets beside a search, and the values that complete a query.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "expr/expr.h"
#include "expr/field_reader.h"
#include "record/row_cursor.h"

namespace taffrail::server {

// The field that a search-box query means by this name: `level` and `message` are the well-known ones.
expr::FieldRef FieldNamed(std::string_view name);

class Facet {
 public:
  // Only values that begin with `prefix`, in any case of ASCII letters.
  explicit Facet(std::string name, std::string prefix = {});

  const expr::FieldRef& field() const { return field_; }
  // One row; the reader is of field().
  void Add(const expr::FieldReader& reader, const record::RowCursor& cursor);
  // {"field":"level","values":[{"value":"INFO","lines":12},…],"distinct":3,"others":0,"missing":1}: the
  // `limit` most frequent. "others" are the lines with any other value.
  void AppendJson(size_t limit, std::string& out) const;

 private:
  // Beyond it new values are counted as one: an id has millions, and nobody reads them as a facet.
  static constexpr size_t kMaxDistinct = 10'000;
  // A value that is a text or a stack trace is no choice in a list; its beginning tells it apart.
  static constexpr size_t kMaxValueBytes = 256;

  const std::string name_;
  const std::string prefix_;  // in lower case
  const expr::FieldRef field_;
  absl::flat_hash_map<std::string, uint64_t, base::StringHash, std::equal_to<>> values_;
  uint64_t untracked_ = 0;
  uint64_t missing_ = 0;
};

}  // namespace taffrail::server
