// JSON out: the one place that knows how a string, a number or a time is written.
//
// Canonical escaping, on which the record reader relies (it keeps a string unescaped only if escaping gives
// the same bytes back): \" \\ \b \f \n \r \t; any other byte below 0x20 as \u00xx in lowercase hex;
// everything else raw, '/' and non-ASCII included. Input that is not UTF-8 becomes U+FFFD, one for each
// maximal ill-formed run (as the Unicode standard recommends); surrogates and overlong forms are ill-formed.
// DEL (0x7f) is raw, as JSON allows.
//
// Numbers: integers in decimal; doubles in the shortest form that reads back the same (a whole one without a
// point: 45), with an exponent from 2^53 on; NaN and the infinities, which JSON cannot say, are the strings
// "NaN", "Infinity",
// "-Infinity".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace taffrail::record {

// Quoted and escaped.
void AppendJsonString(std::string_view text, std::string& out);
// Escaped, without the quotes.
void AppendEscaped(std::string_view text, std::string& out);
// Whether AppendEscaped would write exactly these bytes.
bool IsCanonical(std::string_view text);

void AppendInt(int64_t value, std::string& out);
void AppendUint(uint64_t value, std::string& out);
void AppendDouble(double value, std::string& out);
inline void AppendBool(bool value, std::string& out) { out.append(value ? "true" : "false"); }

// 2025-10-30T14:23:45.123Z, without quotes; digits of the second: 0 to 9. Cut, not rounded.
void AppendRfc3339(int64_t time_ns, int fraction_digits, std::string& out);

// The same into memory that has room; each returns the end of what it wrote.
char* PutInt(int64_t value, char* to);                             // at most 20 bytes
char* PutUint(uint64_t value, char* to);                           // at most 20 bytes
char* PutDouble(double value, char* to);                           // at most 24 bytes
char* PutRfc3339(int64_t time_ns, int fraction_digits, char* to);  // at most 30 bytes

}  // namespace taffrail::record
