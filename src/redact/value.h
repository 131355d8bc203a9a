// What a value looks like by itself: something that stands for a secret, code, prose, or a secret.
#pragma once

#include <string_view>

namespace taffrail::redact {

// Stands where a secret would: empty, ${VAR}, <token>, ****, xxxx, {{ x }}, %s, null, process.env.X,
// YOUR_API_KEY, sk-1234...cdef.
bool IsPlaceholder(std::string_view value);
// Would be evaluated, not used as it stands: get_token(), user.password, os.environ[. `spaced`: there was
// space around the sign before it, as programs are written and values are not.
bool IsCode(std::string_view value, bool spaced);
// The first word of "must not be empty", "for user root", "is required".
bool IsProse(std::string_view value);
// A token: long enough, no word, no path, no URL.
bool IsOpaque(std::string_view value);
// Drawn at random, as far as one can see: letters and digits mixed, many different ones.
bool IsRandom(std::string_view value);
// name=value, and not the `Cookie: mstshash\=` of a parser's pattern, which has no value.
bool HasCookie(std::string_view value);
// Bits for each byte, by their frequencies.
double Entropy(std::string_view value);
bool HasDigit(std::string_view value);

}  // namespace taffrail::redact
