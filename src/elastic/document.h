// A record as Elasticsearch's clients see it: a document with fields.
//
// Its source is the stored line; a line that is text is {"message": line}. What the line itself lacks is
// added at its end: "@timestamp", the record's attributes, its stream's labels. So a line that was shipped as
// an Elasticsearch document comes back as it was.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/exec/executor.h"
#include "query/lang/elastic/json.h"

namespace taffrail::elastic {

class Document {
 public:
  explicit Document(const query::exec::LogRow& row);

  // The value at a dotted path, whether its keys are nested or have dots; null when there is none. The first
  // of a path counts.
  const query::lang::elastic::Json* Find(std::string_view path) const;
  std::string Text(std::string_view path) const;  // empty when there is none

  // Every value with its path; arrays are values.
  using Leaf = std::pair<std::string, const query::lang::elastic::Json*>;
  const std::vector<Leaf>& leaves() const { return leaves_; }

  // The source, of the paths that are included and not excluded ("a.*"; an object's name means all of it).
  void AppendSource(const std::vector<std::string>& includes, const std::vector<std::string>& excludes,
                    std::string& out) const;

  const std::string& index() const { return index_; }
  const std::string& id() const { return id_; }
  int64_t timestamp_ns() const { return timestamp_ns_; }
  uint64_t sequence() const { return sequence_; }

 private:
  void Flatten(const query::lang::elastic::Json& object, const std::string& prefix);
  void AddMissing(const query::exec::LogRow& row);

  int64_t timestamp_ns_;
  uint64_t sequence_;
  std::string line_;  // when its source is the line itself
  query::lang::elastic::Json source_;
  std::vector<Leaf> leaves_;
  std::string index_;
  std::string id_;
};

// "*" in `pattern` is any run.
bool MatchesPattern(std::string_view pattern, std::string_view path);

}  // namespace taffrail::elastic
