// Who may log in, and which program may ask. Passwords are kept as salted PBKDF2 hashes, as anywhere.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "demo/people.h"

namespace oauth_provider {

class Credentials {
 public:
  Credentials();

  // The person when email and password belong together. Takes as long for an unknown email as for a wrong
  // password, so that answers do not tell which emails exist.
  std::optional<examples::demo::Person> Verify(const std::string& email, std::string_view password);
  [[nodiscard]] const examples::demo::Person* Find(const std::string& user_id) const;

  // client_id and client_secret of the programs that may call this provider.
  [[nodiscard]] bool VerifyClient(std::string_view id, std::string_view secret) const;

 private:
  struct Account {
    examples::demo::Person person;
    std::string hash;  // made at the first login: two hundred of them at the start would cost a second
  };

  std::mutex mutex_;                                   // guards the hashes
  std::unordered_map<std::string, Account> by_email_;  // the set of accounts never changes
  std::unordered_map<std::string, const examples::demo::Person*> by_id_;
  std::string client_secret_;
};

}  // namespace oauth_provider
