// Go's text/template as far as Loki's line_format and label_format use it, with the functions that Loki adds.
//
//   {{.method | ToUpper}} {{.path}}{{if gt .status "499"}} failed{{end}}
//
// Actions: pipelines, variables, if, with, range, else, break, continue, comments, and the trim markers {{-
// -}}. define, template and block are not among them, as in Loki.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace taffrail::query::templates {

// Where a template finds the fields of its line.
class Fields {
 public:
  virtual ~Fields() = default;
  virtual bool Find(std::string_view name, std::string& value) const = 0;
  // Each field, for `{{.}}` and `index .`.
  virtual void ForEach(const std::function<void(std::string_view name, std::string_view value)>& f) const = 0;
  virtual std::string_view line() const = 0;
  virtual int64_t timestamp_ns() const = 0;
};

// Of one text that is made: above any line people read, and what `repeat` and loops are stopped at.
inline constexpr size_t kMaxOutputBytes = size_t{1} << 20;
inline constexpr size_t kMaxTemplateBytes = size_t{64} << 10;  // longer ones are no longer written by people

class Template {
 public:
  // InvalidArgument: where it is wrong, and what was expected. `now_ns`: what the function now gives.
  static absl::StatusOr<std::unique_ptr<Template>> Parse(std::string_view text, int64_t now_ns);
  ~Template();

  // Appends to out. InvalidArgument, ResourceExhausted: the template cannot be run on these fields. Not to be
  // called on several threads at once.
  absl::Status Run(const Fields& fields, std::string& out);

 private:
  class Impl;
  explicit Template(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace taffrail::query::templates
