// What stands around an @: credentials of a URL, e-mail addresses. And around a ~: Microsoft Entra's secrets.
#pragma once

#include <cstddef>
#include <string_view>

#include "redact/finding.h"

namespace taffrail::redact {

// An @, or its written-out form %40, stands at `at`.
void FindAddress(const Subject& subject, size_t at, Findings& findings);
// An @ stands at `at` behind a quote, and an address behind it may be one with a quoted name, which began
// before: "some one"@example.com. FindAddress needs nothing else from beyond a quote.
bool MayBeQuotedAddress(std::string_view text, size_t at);
// A ~ stands at `at`: three characters, a 7 or 8, "Q~", and 31 to 34 more.
void FindEntraSecret(const Subject& subject, size_t at, uint16_t rule, Findings& findings);
// A host of many people's mail begins at `at`: "anna at gmail.com".
void FindSpelledAddress(const Subject& subject, size_t at, Findings& findings);

}  // namespace taffrail::redact
