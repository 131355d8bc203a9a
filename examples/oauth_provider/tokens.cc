#include "oauth_provider/tokens.h"

#include <openssl/rand.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "demo/people.h"

namespace oauth_provider {
namespace {

constexpr size_t kTokenBytes = 32;  // 256 bits: nobody guesses one
// At this many the expired ones are dropped before the next is issued; some megabytes at most.
constexpr size_t kSweepAbove = 20'000;

std::string RandomToken() {
  std::array<unsigned char, kTokenBytes> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("no random bytes");
  }
  std::string out = "tok_";
  for (const unsigned char byte : bytes) {
    out += examples::demo::Hex(byte, 2);
  }
  return out;
}

}  // namespace

std::string TokenStore::Issue(const Grant& grant, std::chrono::seconds lifetime) {
  std::string token = RandomToken();
  const std::scoped_lock lock(mutex_);
  if (entries_.size() >= kSweepAbove) {
    DropExpired();
  }
  if (entries_.size() >= 2 * kSweepAbove) {
    throw std::runtime_error("too many tokens in use");
  }
  entries_.emplace(token, Entry{grant, Clock::now() + lifetime});
  return token;
}

std::optional<Grant> TokenStore::Find(const std::string& token) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(token);
  if (found == entries_.end() || found->second.expires < Clock::now()) {
    return std::nullopt;
  }
  return found->second.grant;
}

std::optional<Grant> TokenStore::Revoke(const std::string& token) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(token);
  if (found == entries_.end()) {
    return std::nullopt;
  }
  Grant grant = std::move(found->second.grant);
  entries_.erase(found);
  return grant;
}

void TokenStore::DropExpired() {
  const auto now = Clock::now();
  std::erase_if(entries_, [now](const auto& entry) { return entry.second.expires < now; });
}

}  // namespace oauth_provider
