// Signing keys: in files that only their owner reads, or in a program that signs.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "audit/key.h"
#include "base/env.h"
#include "base/status.h"

namespace taffrail::ledger {

// Writes a new file, mode 0600. AlreadyExists: it never writes over one.
[[nodiscard]] absl::Status WritePrivateFile(base::Env& env, const std::string& path, std::string_view data);

// A new random key in a new file.
absl::StatusOr<std::shared_ptr<audit::PrivateKey>> NewKeyFile(base::Env& env, const std::string& path,
                                                              const std::string& name, audit::KeyType type);
absl::StatusOr<std::shared_ptr<audit::PrivateKey>> ReadKeyFile(base::Env& env, const std::string& path);

// Runs `command… public NAME`, which prints a verifier key, and for each signature `command… sign NAME`,
// which reads the message and prints the base64 of its 64 bytes. Anything else it prints or an exit code
// other than 0 is an error.
absl::StatusOr<std::shared_ptr<audit::Signer>> OpenCommandSigner(std::vector<std::string> command,
                                                                 const std::string& name);

}  // namespace taffrail::ledger
