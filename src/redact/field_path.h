// Paths of fields as rules write them: which of a record's fields one of them means.
//
//   password         that field wherever it is
//   user.email       email in user, from the top; elements of arrays on the way are looked into
//   cards[*].number  number in every element of cards, and cards must be an array
//   *.note           * is any one name: note one level down
//   internal.**      ** is any number of names: whatever is below internal
//   **.email         email at any depth
//
// Names are compared without case and without - and _, so that userName, user_name and User-Name are one.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace taffrail::redact {

// An element of an array, as a step of a path.
inline constexpr std::string_view kElement = "[]";

class FieldPath {
 public:
  // Steps of a rule, and `**` among them: each of those multiplies what a comparison costs.
  static constexpr size_t kStepsMax = 32;
  static constexpr size_t kAnyDepthMax = 3;

  // InvalidArgument says what is wrong and how to write it.
  static absl::StatusOr<FieldPath> Parse(std::string_view text);

  // `steps`: normal names and kElement, from the top.
  bool Fits(std::span<const std::string> steps) const { return FitsFrom(0, steps); }

 private:
  bool FitsFrom(size_t step, std::span<const std::string> path) const;

  std::vector<std::string> steps_;
};

// Appends the steps of a key, which may itself have dots: "a.b".
void AppendSteps(std::string_view key, std::vector<std::string>& steps);

}  // namespace taffrail::redact
