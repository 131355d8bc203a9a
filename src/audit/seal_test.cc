#include "audit/seal.h"

#include <gtest/gtest.h>

namespace taffrail::audit {
namespace {

// REQ U-06
TEST(SealTest, OnlyItsKeyAndFieldOpenIt) {
  const SealKey key{std::string(16, 'i'), std::string(32, 'k')};
  const std::string nonce(12, 'n');
  for (const std::string& value : {std::string(), std::string("user@example.com"), std::string(5000, 'x')}) {
    const std::string sealed = *Seal(value, "user.email", key, nonce);
    EXPECT_EQ(SealedKeyId(sealed), key.id);
    EXPECT_EQ(*Unseal(sealed, "user.email", key), value);
    EXPECT_FALSE(Unseal(sealed, "user.name", key).ok());
    EXPECT_FALSE(Unseal(sealed, "user.email", {key.id, std::string(32, 'K')}).ok());
    EXPECT_FALSE(Unseal(sealed, "user.email", {std::string(16, 'I'), key.key}).ok());
    for (size_t i = 0; i < std::min<size_t>(sealed.size(), 100); ++i) {
      std::string changed = sealed;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      EXPECT_FALSE(Unseal(changed, "user.email", key).ok()) << i;
    }
  }
  for (const char* none : {"", "sealed:v1:", "sealed:v1:AAAA:AAAA", "plain", "sealed:v1:::"}) {
    EXPECT_EQ(SealedKeyId(none), std::nullopt);
    EXPECT_TRUE(absl::IsInvalidArgument(Unseal(none, "", key).status()));
  }
}

}  // namespace
}  // namespace taffrail::audit
