#include "redact/engine.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "redact/rule.h"

namespace taffrail::redact {
namespace {

// Values are put together from pieces, so that this file holds nothing that looks like a live credential.
class EngineTest : public testing::Test {
 protected:
  EngineTest() : engine_(*Engine::Make({})) {}

  std::string Redact(std::string_view text) {
    std::string out;
    return engine_->Redact(text, scratch_, out) ? out : std::string(text);
  }
  // Gone, and nothing more to find in what is left.
  void ExpectGone(const std::string& text, const std::string& secret) {
    const std::string clean = Redact(text);
    EXPECT_EQ(clean.find(secret), std::string::npos) << clean;
    EXPECT_EQ(Redact(clean), clean);
  }
  void ExpectLeft(const std::string& text) { EXPECT_EQ(Redact(text), text); }

  const std::unique_ptr<const Engine> engine_;
  Scratch scratch_;
};

const std::string kPassword = "correct-horse-7battery";
const std::string kCard = "4111" + std::string("1111") + "11111111";  // the test number of every processor

// REQ U-04
TEST_F(EngineTest, EveryRuleCatchesItsOwnCase) {
  EXPECT_GE(BuiltinRules().size(), 150U);
  for (const Rule& rule : BuiltinRules()) {
    const std::string token = ExpandCase(rule.catches);
    const std::string text = "issued " + token + " to a client";
    std::string out;
    EXPECT_TRUE(engine_->Redact(rule.context.empty() ? text : token, scratch_, out)) << rule.id;
  }
  EXPECT_EQ(engine_->Canary(), std::vector<std::string>());
}

TEST_F(EngineTest, NamesOfSecretsInAnySpelling) {
  for (const char* name : {"password", "DB_PASSWORD", "dbPassword", "x-api-key", "client_secret", "passwd"}) {
    ExpectGone(std::string(name) + "=" + kPassword + " host=db1", kPassword);
    ExpectGone("{\"" + std::string(name) + "\":\"" + kPassword + "\",\"host\":\"db1\"}", kPassword);
    ExpectGone(R"({"body":"{\")" + std::string(name) + R"(\":\")" + kPassword + R"(\"}"})", kPassword);
  }
}

TEST_F(EngineTest, CredentialsInUrlsAndHeaders) {
  ExpectGone("connecting to postgres://app:" + kPassword + "@db1:5432/tasks", kPassword);
  ExpectGone("Authorization: Bearer " + std::string(3, 'k') + kPassword + "Q9", kPassword);
  ExpectGone("GET /reset?token=" + std::string("9f8e7d6c5b4a39281706f5e4") + " 200",
             "9f8e7d6c5b4a39281706f5e4");
}

TEST_F(EngineTest, NumbersThatCheckOut) {
  ExpectGone("paid with " + kCard, kCard);
  ExpectLeft("order 4111111111111112 shipped");                              // its check digit is wrong
  const std::string iban = "GB82" + std::string("WEST") + "12345698765432";  // of the standard's own example
  ExpectGone("to " + iban, iban);
}

TEST_F(EngineTest, AddressesKeepTheDomainsOfExamplesAlone) {
  EXPECT_EQ(Redact("mail from user.name@example.com"), "mail from u***@example.com");
  EXPECT_EQ(Redact("mail from user.name@mail.EXAMPLE.org,"), "mail from u***@mail.EXAMPLE.org,");
  EXPECT_EQ(Redact("mail from anna@acme.co.uk"), "mail from a***@a***.uk");
  EXPECT_EQ(Redact("mail from anna@notexample.com"), "mail from a***@n***.com");
  const auto shown = *Engine::Make({.masks = {.hide_mail_domains = false}});
  std::string out;
  EXPECT_TRUE(shown->Redact("mail from anna@acme.co.uk", scratch_, out));
  EXPECT_EQ(out, "mail from a***@acme.co.uk");
}

TEST_F(EngineTest, AddressesAndPasswordsAsPeopleWriteThem) {
  ExpectGone("my email is john at gmail.com", "john at");
  ExpectGone("write to anna.b at Yahoo.com please", "anna.b");
  ExpectGone("or anna [at] outlook.com.", "anna");
  ExpectGone("u: anna\np: " + kPassword, kPassword);
  ExpectGone(R"({"m":"login: anna, p: )" + kPassword + R"(\nbye"})", kPassword);
  for (const char* text : {"reach me at gmail.com", "look at outlook.com/mail", "is hosted at live.com.au",
                           "smtp at gmail.com", "p: 0.05", "user: 12, p: 0.0314", "id: 7, p: none-of-it",
                           "id: 7 p: ${PASS}", "u: anna\nq: 12345678", "top: 5 p: 123456"}) {
    ExpectLeft(text);
  }
}

TEST_F(EngineTest, WhatIsNoSecretStays) {
  for (const char* text :
       {"password=${DB_PASSWORD}", "password: ****", "password is required", "\"token\":null",
        "api_key=<token>", "commit 3f786850e387550fdab836ed7e6dc881de23001b",
        "id 123e4567-e89b-12d3-a456-426614174000", "token_count=512 max_tokens=4096",
        "PWD=/home/user ; COMMAND=/bin/ls", "mscorlib, PublicKeyToken=b77a5c561934e089",
        "user 42 logged in from 10.0.0.1", "version 1.2.3-rc.4",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:MyTestDatabaseSecret1-a1b2c3",
        R"(expected pattern: \"Cookie: mstshash\\=\" actual data: \"x\")",
        "kex: chacha20-poly1305@openssh.com, hmac-sha2-256-etm@openssh.com, curve25519-sha256@libssh.org",
        "bad activity token: android.os.BinderProxy@2bd79ce", "token=Token{a64f992 ActivityRecord{de9231d u0",
        "stream/token: com.apple.xpc.activity/4505: 132: Request for stale data"}) {
    ExpectLeft(text);
  }
}

// A short text is looked at in another way than the same text in a line.
TEST_F(EngineTest, ShortTextsAreSeenAsTheyAreInLines) {
  std::vector<std::string> texts = {"req_0f3a9b12", "/api/v1/tasks", "078-05-1120",
                                    "a@b.example",  "pw=hunter2x",   "GB82-WEST-1234-5698-7654-32"};
  for (const Rule& rule : BuiltinRules()) texts.push_back(ExpandCase(rule.catches));
  for (const std::string& text : texts) {
    if (text.size() > 32) continue;
    std::string alone;
    std::string in_line;
    const bool found = engine_->Redact(text, scratch_, alone);
    engine_->Redact(text + std::string(40, ' '), scratch_, in_line);
    EXPECT_EQ(found, !in_line.empty()) << text;
  }
}

TEST_F(EngineTest, KeysOverSeveralLines) {
  std::string body;
  for (int i = 0; i < 6; ++i) body += std::string(64, static_cast<char>('A' + i)) + "\n";
  const std::string text =
      "loaded\n-----BEGIN PRIVATE KEY-----\n" + body + "-----END PRIVATE KEY-----\nready\n";
  std::string out;
  ASSERT_TRUE(engine_->RedactLines(text, scratch_, out));
  EXPECT_EQ(out.find("AAAAAAAA"), std::string::npos);
  EXPECT_EQ(out.find("FFFFFFFF"), std::string::npos);
  EXPECT_TRUE(out.starts_with("loaded\n"));
  EXPECT_TRUE(out.ends_with("ready\n"));
}

TEST_F(EngineTest, JsonStaysJson) {
  const std::vector<std::string> lines = {
      R"({"password":")" + kPassword + R"("})",
      R"({"password":12345678,"a":1})",
      R"({"parameters":{"keep_secret":false},"response":{"token":12345678},"more":1})",
      R"({"session_id":)" + kCard + R"(,"all":[1, )" + kCard + "]}",
      R"({"body":"{\"n\": )" + kCard + R"( }"})",
      R"({"m":"password=)" + kPassword + R"( \"quoted\""})",
      R"({"headers":["Authorization: Basic dXNlcjpwYXNz"]})",
      R"({"secret":["a","b"],"token":{"a":")" + kPassword + R"("}})",
  };
  simdjson::dom::parser parser;
  for (const std::string& line : lines) {
    simdjson::dom::element element;
    EXPECT_EQ(parser.parse(Redact(line)).get(element), simdjson::SUCCESS) << Redact(line);
  }
}

// Each would take a backtracking matcher, or one that looks back, quadratic time and more: with so many bytes
// the test would take minutes.
TEST_F(EngineTest, TextsMadeToBeSlow) {
  constexpr size_t kBytes = 256 << 10;
  for (const std::string_view piece :
       {"a", "\\\\", "\\\"", "password=", "AKIA", "eyJ", "@a.", "4", "://a:", "{\"", "-----BEGIN ", "%25"}) {
    std::string text;
    while (text.size() < kBytes) text += piece;
    Redact(text);
  }
}

TEST(EngineOptionsTest, AUsersRuleAndItsMistakes) {
  auto engine = Engine::Make({.rules = {{.id = "ticket", .pattern = "TCK-[A-Z0-9]{12}"}}});
  ASSERT_TRUE(engine.ok()) << engine.status();
  Scratch scratch;
  std::string out;
  EXPECT_TRUE((*engine)->Redact("opened TCK-AB12CD34EF56 today", scratch, out));
  EXPECT_EQ(out.find("AB12CD34EF56"), std::string::npos);
  EXPECT_EQ(ExpandCase(R"({"a":1} {digit:2} {no:1} {hex)"),
            R"({"a":1} )" + ExpandCase("{digit:2}") + " {no:1} {hex");
  const auto bad = Engine::Make({.rules = {{.id = "broken", .pattern = "TCK-[A-Z"}}});
  ASSERT_FALSE(bad.ok());
  EXPECT_NE(std::string(bad.status().message()).find("broken"), std::string::npos) << bad.status();
}

// Wherever they stand, within a block of 64 bytes or over the border of two.
TEST_F(EngineTest, NumbersAreFoundAtEveryPlace) {
  const auto groups = [](const std::string& gap) {
    return kCard.substr(0, 4) + gap + kCard.substr(4, 4) + gap + kCard.substr(8, 4) + gap + kCard.substr(12);
  };
  const std::string ssn = "536" + std::string("-90-") + "4399";
  const std::string iban = "DE89" + std::string("3704") + "0044053201" + "3000";
  for (size_t before = 0; before < 150; ++before) {
    for (const std::string& secret : {kCard, groups(" "), groups("%20"), iban, "ssn " + ssn}) {
      ExpectGone(std::string(before, '.') + " " + secret + " and so on", secret);
    }
  }
}

}  // namespace
}  // namespace taffrail::redact
