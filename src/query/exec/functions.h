// The functions of plan::Scalar, and what evaluates one.
//
//   arithmetic   add sub mul div mod pow neg abs ceil floor round sqrt log exp greatest least
//   comparison   eq ne lt le gt ge one_of(value, a, b, …) and or not if(condition, then, else) coalesce
//   is_present is_empty is_blank text         concat lower upper trim ltrim rtrim strlen substr(text, from [,
//   length]) replace(text, from, to)
//                contains starts_with ends_with matches(text, regex) extract(text, regex) to_text
//   number       to_number duration_seconds bytes
//   address      is_ip is_ipv4 is_ipv6 in_network(address, network) finds_address(text, network)
//   time         bucket(time, "5m" or "1mo") bucket_end(time, "5m") to_time(text) time_text(time [, digits])
//                calendar_bucket(time, "month" or "90m", zone, offset) to_millis from_millis
//   json         json_parse(text) json_text(value) json_get(value, "a[0]")
//   pattern      pattern(text): numbers, ids and the like by their kinds
//   line         template(text) decolorize() detect_level() record_id(time, sequence)
//
// Missing and what does not fit give null; so does a division by zero. Times are Unix nanoseconds.
#pragma once

#include <functional>
#include <memory>

#include "base/status.h"
#include "expr/value.h"
#include "query/exec/entry.h"
#include "query/plan/scalar.h"

namespace taffrail::query::exec {

class Evaluator {
 public:
  virtual ~Evaluator() = default;
  // InvalidArgument, ResourceExhausted: a template that cannot be run on this entry.
  virtual absl::StatusOr<expr::Value> Evaluate(const Entry& entry) const = 0;
};

// InvalidArgument: no such function, a wrong number of arguments, a bad pattern. `now_ns`: for templates.
absl::StatusOr<std::unique_ptr<Evaluator>> CompileScalar(const plan::Scalar& scalar, EntrySchema& schema,
                                                         int64_t now_ns);

}  // namespace taffrail::query::exec
