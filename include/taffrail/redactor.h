// The hook through which every line passes before any sink sees it: what must not be logged is taken out
// here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace taffrail {

// Called on the backend thread (in synchronous mode on the logging thread, under a lock), never by two at
// once. An exception counts as "replace by ***".
class Redactor {
 public:
  virtual ~Redactor() = default;

  enum class KeyVerdict : uint8_t {
    kScan,     // the value's text decides
    kReplace,  // the value goes, whatever it is; replace() says what stands instead
    kRemove,   // key and value go
    kLeave,    // never looked at: for keys known to be harmless
  };
  // Once for each key of a call site and once for each new context field, not once a line. `path` is dotted:
  // "http.headers.cookie".
  virtual KeyVerdict judge_key(std::string_view path) = 0;
  // What stands for a value whose key was judged kReplace; the value is text, or JSON for what is no string.
  virtual void replace(std::string_view path, std::string_view value, std::string& out) = 0;
  // Looks through a string value, a message that was built at run time, an exception's text. Appends to `out`
  // and returns true when something was taken out; else leaves `out` alone.
  virtual bool scan(std::string_view text, std::string& out) = 0;
};

}  // namespace taffrail
