#include "oauth_provider/credentials.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstdlib>
#include <stdexcept>

namespace oauth_provider {
namespace {

namespace demo = examples::demo;

// A real provider takes hundreds of thousands; this one shares two cores with what it is there to
// demonstrate.
constexpr int kIterations = 2'000;
constexpr size_t kHashSizeBytes = 32;

std::string Hash(std::string_view password, std::string_view salt) {
  std::string out(kHashSizeBytes, '\0');
  const int ok = PKCS5_PBKDF2_HMAC(
      password.data(), static_cast<int>(password.size()), reinterpret_cast<const unsigned char*>(salt.data()),
      static_cast<int>(salt.size()), kIterations, EVP_sha256(), static_cast<int>(out.size()),
      reinterpret_cast<unsigned char*>(out.data()));
  if (ok != 1) {
    throw std::runtime_error("PBKDF2 failed");
  }
  return out;
}

bool EqualInConstantTime(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

Credentials::Credentials() {
  const char* secret = std::getenv("OAUTH_CLIENT_SECRET");
  client_secret_ = secret != nullptr ? secret : "demo-client-secret";
  for (int i = 0; i < demo::kUserCount; ++i) {
    demo::Person person = demo::PersonNumber(i);
    const std::string email = person.email;
    const auto [account, inserted] = by_email_.emplace(email, Account{std::move(person), ""});
    by_id_.emplace(account->second.person.id, &account->second.person);
  }
}

std::optional<demo::Person> Credentials::Verify(const std::string& email, std::string_view password) {
  const std::string given = Hash(password, email);
  const auto found = by_email_.find(email);
  if (found == by_email_.end()) {
    return std::nullopt;
  }
  Account& account = found->second;
  const std::scoped_lock lock(mutex_);
  if (account.hash.empty()) {
    account.hash = Hash(account.person.password, email);
  }
  return EqualInConstantTime(given, account.hash) ? std::optional(account.person) : std::nullopt;
}

const demo::Person* Credentials::Find(const std::string& user_id) const {
  const auto found = by_id_.find(user_id);
  return found == by_id_.end() ? nullptr : found->second;
}

bool Credentials::VerifyClient(std::string_view id, std::string_view secret) const {
  return id == "task-service" && EqualInConstantTime(secret, client_secret_);
}

}  // namespace oauth_provider
