// Secrets with an inner structure: JSON web tokens, private keys, users of a command line.
#pragma once

#include <cstddef>
#include <string_view>

#include "redact/finding.h"

namespace taffrail::redact {

// "eyJ", or "ZXlK", which is its base64, begins at `at`.
void FindJwt(const Subject& subject, size_t at, Findings& findings);
// "BEGIN" stands at `at`.
void FindPrivateKey(const Subject& subject, size_t at, Findings& findings);
// The name of a command stands at `at`: curl -u user:password, sshpass -p password.
void FindCommandUser(const Subject& subject, size_t at, Findings& findings);
// Whether one does stand there.
bool IsCommand(std::string_view text, size_t at);
// "p: " stands at `at`: a password if a user was named before it.
void FindNotedPassword(const Subject& subject, size_t at, Findings& findings);

// Private keys over several lines, as a file has them: lines given one by one.
class KeyLines {
 public:
  // Whether the line is part of a key's body and must not be seen. False for the lines around it.
  bool Hides(std::string_view line);
  bool Goes() const { return left_ > 0; }

 private:
  // A key of 16384 bits has some 200 lines. What goes on longer is no key, and must not hide a log for ever.
  static constexpr int kLinesMax = 400;
  int left_ = 0;
};

}  // namespace taffrail::redact
