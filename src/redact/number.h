// Numbers that carry their own proof: payment cards, social security numbers, bank accounts.
#pragma once

#include <cstddef>
#include <string_view>

#include "redact/finding.h"

namespace taffrail::redact {

// Thirteen digits in a row, or four, a gap and four, end at `at`.
void FindCard(const Subject& subject, size_t at, Findings& findings);
// ddd?dd?dddd ends at `at`, each ? a gap.
void FindSocialSecurity(const Subject& subject, size_t at, Findings& findings);
// Two capital letters and two digits end at `at`.
void FindIban(const Subject& subject, size_t at, Findings& findings);

// Exposed for tests.
bool IsCardNumber(std::string_view digits);

}  // namespace taffrail::redact
