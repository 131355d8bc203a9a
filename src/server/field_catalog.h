// Which fields the records have: names, types, how often. Read from shapes alone, so that no column is
// decoded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "expr/matcher.h"
#include "record/batch.h"

namespace taffrail::server {

class FieldCatalog {
 public:
  void Add(const record::RecordBatch& batch, const expr::Selection& rows);
  // All fields of the batch, each of one line: for whom it is enough to know which there are.
  void AddShapes(const record::RecordBatch& batch);
  size_t size() const { return fields_.size() + labels_.size(); }
  // Each field once; a label that a line has a field for is that field.
  struct Listed {
    std::string name;
    bool is_text = false;
    bool is_number = false;
    bool is_bool = false;
  };
  std::vector<Listed> List() const;
  // Of every field and label, null or not.
  std::vector<std::string> Names() const;
  std::vector<std::string> LabelNames() const;   // and of attributes
  bool truncated() const { return truncated_; }  // there are more
  // {"lines":9,"fields":[{"name":"user.id","types":["string"],"origin":"line","lines":7},…],
  // "truncated":false}:
  // the most frequent `limit`.
  std::string ToJson(size_t limit) const;

 private:
  enum Type : uint8_t { kString = 1, kNumber = 2, kBool = 4, kNull = 8, kJson = 16 };
  struct Field {
    uint64_t lines = 0;
    uint8_t types = 0;
    std::string_view origin;
  };
  // Machines that make field names of ids must not fill the memory; 10 000 keys are an ordinary upper end.
  static constexpr size_t kMaxFields = 20'000;

  using Fields = absl::flat_hash_map<std::string, Field, base::StringHash, std::equal_to<>>;

  static Type TypeOf(record::Kind kind);
  void Add(const record::RecordBatch& batch, const std::vector<uint64_t>& by_shape,
           const std::vector<uint64_t>& by_stream);
  void Add(const record::ColumnKey& key, uint64_t lines);
  void AddConstants(const record::Shape& shape, uint64_t lines);
  void AddLabels(const record::Stream& stream, uint64_t lines);
  void Count(Fields& fields, std::string_view path, uint8_t type, std::string_view origin, uint64_t lines);

  Fields fields_;
  Fields labels_;  // shown where no line has a field of that name: a query asks them in this order
  uint64_t lines_ = 0;
  bool truncated_ = false;
};

}  // namespace taffrail::server
