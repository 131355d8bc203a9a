#include "audit/statement.h"

#include <gtest/gtest.h>

namespace taffrail::audit {
namespace {

PrivateKey Key(char seed) { return *PrivateKey::FromSeed("log", KeyType::kEd25519, std::string(32, seed)); }

std::string Signed(const Statement& statement, std::vector<PrivateKey> keys) {
  Note note{statement.ToText(), {}};
  for (PrivateKey& key : keys) note.signatures.push_back(*SignText(note.text, key));
  return note.ToString();
}

Statement Rotation(const PrivateKey& to) {
  return {Statement::Kind::kRotate, "log", 1000, to.public_key().ToString(), 0, 1'700'000'000, "yearly"};
}

// REQ U-01
TEST(StatementTest, AKeyHandsOverToTheNext) {
  const PrivateKey a = Key('a');
  const PrivateKey b = Key('b');
  const PrivateKey c = Key('c');
  const std::vector<std::string> notes = {Signed(Rotation(b), {a, b}), Signed(Rotation(c), {b, c})};
  const auto chain = FollowStatements({a.public_key()}, "log", notes);
  ASSERT_TRUE(chain.ok()) << chain.status();
  EXPECT_EQ(chain->keys, (std::vector{a.public_key(), b.public_key(), c.public_key()}));
  EXPECT_EQ(FollowStatements({c.public_key()}, "log", std::span(notes).subspan(1))->keys.size(), 1U);
  EXPECT_FALSE(FollowStatements({a.public_key()}, "other", notes).ok());
  EXPECT_FALSE(FollowStatements({a.public_key()}, "log", std::vector{notes[1]}).ok());
  // Signed by one of the two only.
  EXPECT_FALSE(FollowStatements({a.public_key()}, "log", std::vector{Signed(Rotation(b), {a})}).ok());
  EXPECT_FALSE(FollowStatements({a.public_key()}, "log", std::vector{Signed(Rotation(b), {b})}).ok());
}

TEST(StatementTest, WhatWasPrunedIsSigned) {
  const PrivateKey a = Key('a');
  Statement prune{Statement::Kind::kPrune, "log", 1000, "", 512, 1'700'000'000, "retention of 7 years"};
  EXPECT_EQ(FollowStatements({a.public_key()}, "log", std::vector{Signed(prune, {a})})->first_record, 512U);
  EXPECT_FALSE(FollowStatements({a.public_key()}, "log", std::vector{Signed(prune, {Key('x')})}).ok());
  const std::string text = prune.ToText();
  EXPECT_EQ(ParseStatement(text)->ToText(), text);
  prune.first_record = 511;
  EXPECT_FALSE(ParseStatement(prune.ToText()).ok());
  prune.first_record = 1024;
  EXPECT_FALSE(ParseStatement(prune.ToText()).ok());
  EXPECT_FALSE(ParseStatement(text + "x\n").ok());
  EXPECT_FALSE(ParseStatement(text.substr(0, text.size() - 1)).ok());
}

}  // namespace
}  // namespace taffrail::audit
