#include "redact/name.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/hash.h"
#include "redact/chars.h"

namespace taffrail::redact {
namespace {

using Words = std::span<const std::string_view>;

template <size_t n>
constexpr bool In(const std::array<std::string_view, n>& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

// Words that are secrets by themselves.
constexpr std::array<std::string_view, 37> kSecretWords = {"password",     "passwords",     "passwd",
                                                           "passwort",     "passphrase",    "passcode",
                                                           "pswd",         "psw",           "psk",
                                                           "secret",       "secrets",       "secrete",
                                                           "apikey",       "apikeys",       "apisecret",
                                                           "accesskey",    "secretkey",     "privatekey",
                                                           "privkey",      "masterkey",     "signingkey",
                                                           "accountkey",   "encryptionkey", "clientsecret",
                                                           "accesstoken",  "refreshtoken",  "authtoken",
                                                           "sessiontoken", "apitoken",      "bearertoken",
                                                           "sharedkey",    "storagekey",    "subscriptionkey",
                                                           "hmackey",      "sshkey",        "passkey",
                                                           "authkey"};
// Ends of words that run together: dbpassword, githubtoken.
constexpr std::array<std::string_view, 10> kSecretEnds = {"password", "passwd",    "passphrase", "secret",
                                                          "apikey",   "secretkey", "accesskey",  "privatekey",
                                                          "passcode", "pwd"};
constexpr std::array<std::string_view, 8> kTokenWords = {"token", "credential", "credentials", "creds",
                                                         "jwt",   "auth",       "otp",         "xsrf"};
constexpr std::array<std::string_view, 7> kSessionWords = {
    "phpsessid", "jsessionid", "sessid", "sessionid", "aspsessionid", "sessionkey", "sessionsecret"};
// What makes a `key` a secret whatever it looks like.
constexpr std::array<std::string_view, 31> kKeyOwners = {
    "api",     "access",  "private",  "secret",  "encryption", "encrypt",      "decryption", "signing",
    "sign",    "master",  "shared",   "account", "storage",    "subscription", "auth",       "service",
    "admin",   "ssh",     "rsa",      "pgp",     "gpg",        "aes",          "hmac",       "webhook",
    "license", "licence", "consumer", "deploy",  "vault",      "unseal",       "integration"};
// And what makes it something to look up by, or to be shown.
constexpr std::array<std::string_view, 54> kHarmlessKeyOwners = {
    "public",   "pub",         "primary", "foreign",   "partition", "cache",   "sort",     "hash",
    "row",      "routing",     "lookup",  "index",     "group",     "object",  "s3",       "message",
    "redis",    "translation", "i18n",    "map",       "json",      "config",  "property", "registry",
    "issue",    "project",     "jira",    "issuer",    "kms",       "schema",  "sequence", "range",
    "shard",    "composite",   "natural", "surrogate", "unique",    "dedup",   "dedupe",   "idempotency",
    "event",    "metric",      "label",   "tag",       "data",      "dict",    "hot",      "arrow",
    "function", "enter",       "locale",  "file",      "monkey",    "tracking"};
// A token of these says where to go on, or what a parser saw.
constexpr std::array<std::string_view, 24> kHarmlessTokenOwners = {
    "next",  "page",   "continuation", "cursor",   "sync", "pagination", "unexpected", "parse",
    "start", "end",    "current",      "eos",      "bos",  "pad",        "unk",        "special",
    "lex",   "syntax", "cancellation", "previous", "prev", "stop",       "mask",       "invalid"};
// After a secret's name: then it is something about the secret.
constexpr std::array<std::string_view, 94> kAboutWords = {
    "id",       "ids",       "name",       "names",     "type",      "types",     "count",    "counts",
    "length",   "len",       "size",       "file",      "files",     "filename",  "path",     "paths",
    "dir",      "url",       "urls",       "uri",       "endpoint",  "policy",    "expiry",   "expires",
    "expire",   "expired",   "expiration", "ttl",       "age",       "field",     "fields",   "format",
    "hint",     "label",     "version",    "algorithm", "alg",       "method",    "min",      "max",
    "valid",    "invalid",   "enabled",    "disabled",  "required",  "reset",     "changed",  "change",
    "history",  "rotation",  "rotate",     "prefix",    "suffix",    "status",    "error",    "errors",
    "timeout",  "strength",  "attempts",   "retries",   "index",     "manager",   "provider", "server",
    "ref",      "reference", "arn",        "scheme",    "mode",      "usage",     "map",      "space",
    "store",    "class",     "source",     "env",       "var",       "variable",  "input",    "param",
    "pair",     "factory",   "service",    "location",  "generator", "validator", "checker",  "failure",
    "failures", "created",   "updated",    "at",        "exists",    "present"};
constexpr std::array<std::string_view, 9> kNoPass = {
    "bypass", "compass", "trespass", "surpass", "underpass", "overpass", "encompass", "multipass", "pass"};

// The words of a name, in lower case.
class Split {
 public:
  explicit Split(std::string_view name) {
    name = name.substr(0, kNameBytesMax);
    size_t begin = 0;
    size_t size = 0;
    const auto close = [&] {
      size_t end = size;  // `token2` is a token
      while (end > begin + 1 && IsDigit(buffer_[end - 1])) --end;
      if (size > begin && count_ < words_.size()) words_[count_++] = {buffer_ + begin, end - begin};
      begin = size;
    };
    for (size_t i = 0; i < name.size(); ++i) {
      const char c = name[i];
      if (!IsAlnum(c)) {
        close();
        continue;
      }
      if (IsUpper(c) && i > 0) {
        const bool after_lower = IsLower(name[i - 1]) || IsDigit(name[i - 1]);
        const bool last_of_shout = IsUpper(name[i - 1]) && IsLower(At(name, i + 1));
        if (after_lower || last_of_shout) close();
      }
      buffer_[size++] = Lower(c);
    }
    close();
  }
  Words words() const { return {words_.data(), count_}; }

 private:
  char buffer_[kNameBytesMax];
  std::array<std::string_view, 24> words_;
  size_t count_ = 0;
};

NameKind JudgeKey(Words words, size_t at) {
  if (at == 0) return NameKind::kNone;  // a bare `key` may be anything
  const std::string_view owner = words[at - 1];
  if (In(kKeyOwners, owner)) return NameKind::kSecret;
  return In(kHarmlessKeyOwners, owner) ? NameKind::kNone : NameKind::kKey;
}

NameKind JudgeToken(Words words, size_t at) {
  // An assembly's publicKeyToken is a part of its name.
  if (words[at] == "publickeytoken" || (at > 1 && words[at - 2] == "public" && words[at - 1] == "key"))
    return NameKind::kNone;
  return at > 0 && In(kHarmlessTokenOwners, words[at - 1]) ? NameKind::kNone : NameKind::kToken;
}

NameKind JudgeCard(Words words, size_t at) {
  const std::string_view next = at + 1 < words.size() ? words[at + 1] : "";
  return next == "number" || next == "no" || next == "num" || next == "pan" ? NameKind::kDigits
                                                                            : NameKind::kNone;
}

NameKind JudgeWord(Words words, size_t at) {
  const std::string_view word = words[at];
  if (In(kSecretWords, word)) return NameKind::kSecret;
  if (word == "key" || word == "keys") return JudgeKey(words, at);
  if (In(kTokenWords, word)) return JudgeToken(words, at);
  if (word == "authorization") return NameKind::kHeader;
  if (word == "cookie" || word == "cookies") return NameKind::kCookie;
  if (word == "ssn" || word == "cvv" || word == "cvc" || word == "cardnumber") return NameKind::kDigits;
  if (word == "card") return JudgeCard(words, at);
  if (word == "pass" || word == "pw" || word == "pwd") return NameKind::kWeak;  // pwd: or a directory
  if (word == "signature" || word == "sig") return NameKind::kNone;  // of URLs alone: assignment.cc
  if (In(kSessionWords, word)) return NameKind::kToken;
  if (std::ranges::any_of(kSecretEnds, [&](std::string_view end) { return word.ends_with(end); }))
    return NameKind::kSecret;
  if (word.ends_with("token") && word.size() > 5) return JudgeToken(words, at);
  if (word.starts_with("aspsessionid")) return NameKind::kToken;
  if (word.ends_with("pass") && !In(kNoPass, word)) return NameKind::kWeak;
  if (word.starts_with("password") || word.starts_with("apikey")) return NameKind::kSecret;
  return NameKind::kNone;
}

}  // namespace

NameKind JudgeName(std::string_view name) {
  const Split split(name);
  const Words words = split.words();
  for (size_t at = words.size(); at-- > 0;) {
    const NameKind kind = JudgeWord(words, at);
    if (kind == NameKind::kNone) continue;
    const size_t about = kind == NameKind::kDigits ? words.size() : at + 1;
    for (size_t i = about; i < words.size(); ++i) {
      // `secret_id` of an AppRole is one; `session_id`, `key_id` and the like only name something.
      if (In(kAboutWords, words[i]) && !(words[at] == "secret" && words[i] == "id")) return NameKind::kNone;
    }
    return kind;
  }
  return NameKind::kNone;
}

NameKind NameCache::Judge(std::string_view name) {
  const uint64_t hash = base::Hash64(name) | 1;  // 0 is an empty entry
  Entry& entry = entries_[hash >> 8 & (entries_.size() - 1)];
  if (entry.hash != hash) entry = {hash, JudgeName(name)};
  return entry.kind;
}

bool QualifiesKey(std::string_view word) {
  char lower[16];
  if (word.empty() || word.size() > sizeof(lower)) return false;
  std::ranges::transform(word, lower, Lower);
  const std::string_view name(lower, word.size());
  return In(kKeyOwners, name) || name == "refresh" || name == "bearer" || name == "session" ||
         name == "security";
}

bool IsPartOfArn(std::string_view text, size_t begin, size_t end) {
  constexpr size_t kArnBytesMax = 128;  // partition, service, region and account
  if (begin == 0 || text[begin - 1] != ':' || At(text, end) != ':') return false;
  size_t i = begin;
  while (i > 0 && begin - i < kArnBytesMax &&
         (IsAlnum(text[i - 1]) || text[i - 1] == ':' || text[i - 1] == '-'))
    --i;
  return text.substr(i).starts_with("arn:");
}

}  // namespace taffrail::redact
