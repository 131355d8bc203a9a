// Puts the user of an event where questions look for him: into the line's context.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

#include "taffrail/context.h"

namespace taffrail::events {

class UserScope {
 public:
  // Nothing when there is no user, or the context has him already.
  explicit UserScope(std::string_view user_id) noexcept {
    if (user_id.empty() || IsKnown(user_id)) return;
    scope_.emplace(std::initializer_list<Field>{{"user_id", user_id}});
  }

 private:
  static bool IsKnown(std::string_view user_id) noexcept {
    try {
      return context_value("user_id") == user_id;
    } catch (...) {
      return false;
    }
  }

  std::optional<Scope> scope_;
};

}  // namespace taffrail::events
