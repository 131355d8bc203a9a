// What stands where a secret was. Nothing that a mask leaves is found again, so masking twice is masking
// once; and every mask is plain ASCII without quotes or backslashes, so JSON stays JSON.
#pragma once

#include <string>
#include <string_view>

#include "redact/finding.h"

namespace taffrail::redact {

inline constexpr std::string_view kStars = "***";

struct MaskOptions {
  std::string hash_key;           // of kHash
  bool hide_mail_domains = true;  // j***@a***.com instead of j***@acme.com, but u***@example.com
};

// Nothing, or what that mask has left already.
bool IsMasked(std::string_view value, Mask mask);
void AppendMask(std::string_view secret, const Finding& finding, const MaskOptions& options,
                std::string& out);

}  // namespace taffrail::redact
