#include "audit/note.h"

#include <gtest/gtest.h>

#include "audit/checkpoint.h"
#include "audit/log_for_tests.h"

namespace taffrail::audit {
namespace {

// The example of the format's own document.
constexpr char kKey[] = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr char kNote[] =
    "This is an example message.\n\n"
    "\xe2\x80\x94 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHj"
    "G1Yu72IneyaQM=\n";

absl::Status Open(std::string_view bytes, std::vector<PublicKey> keys) {
  const absl::StatusOr<Note> note = ParseNote(bytes);
  if (!note.ok()) return note.status();
  return VerifyNote(*note, keys).status();
}

PrivateKey Key(std::string name, char seed, KeyType type = KeyType::kEd25519) {
  return *PrivateKey::FromSeed(std::move(name), type, std::string(32, seed));
}

// REQ U-01
TEST(NoteTest, OpensThePublishedExample) {
  const PublicKey key = *PublicKey::Parse(kKey);
  EXPECT_EQ(key.ToString(), kKey);
  EXPECT_EQ(key.id(), 0x530d903aU);
  EXPECT_TRUE(Open(kNote, {key}).ok());
  EXPECT_EQ(ParseNote(kNote)->ToString(), kNote);
}

TEST(NoteTest, EveryBitCounts) {
  const PublicKey key = *PublicKey::Parse(kKey);
  const std::string note(kNote);
  for (size_t i = 0; i < note.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string changed = note;
      changed[i] = static_cast<char>(static_cast<uint8_t>(changed[i]) ^ (1U << bit));
      EXPECT_FALSE(Open(changed, {key}).ok()) << i << " " << bit;
    }
  }
}

TEST(NoteTest, FormsThatAreNoNotes) {
  const std::string note(kNote);
  const std::string line = note.substr(note.find("\xe2\x80\x94"));
  std::string windows;
  for (const char c : note) windows += c == '\n' ? "\r\n" : std::string(1, c);
  const std::string unpadded = note.substr(0, note.size() - 2) + "\n";
  for (const std::string& bad : std::vector<std::string>{
           std::string(), std::string("\n"), std::string("\n\n"), note.substr(0, note.size() - 1),
           note + "\n", "text\n" + line, "text\n\n", windows, unpadded, "te\x01xt\n\n" + line,
           "te\xffxt\n\n" + line, "te\xed\xa0\x80xt\n\n" + line, "text\n\n- " + line.substr(4),
           "text\n\n\xe2\x80\x94 a+b AAAAAAA=\n", "text\n\n\xe2\x80\x94 name AAAA\n",
           "text\n\n\xe2\x80\x94 name\n", "text\n\n" + std::string(kMaxNoteBytes, 'x') + "\n"}) {
    EXPECT_FALSE(ParseNote(bad).ok()) << bad.substr(0, 80);
  }
  std::string many = "text\n\n";
  for (int i = 0; i < 64; ++i) many += line;
  EXPECT_TRUE(ParseNote(many).ok());
  EXPECT_FALSE(ParseNote(many + line).ok());
}

TEST(NoteTest, UnknownKeysArePassedOverAndKnownOnesMustFit) {
  PrivateKey a = Key("a", '1');
  PrivateKey b = Key("b", '2');
  PrivateKey false_a = Key("a", '3');  // the same name
  Note note{"text\n", {}};
  note.signatures.push_back(*SignText(note.text, b));
  note.signatures.push_back(*SignText(note.text, a));
  note.signatures.push_back(*SignText(note.text, false_a));
  EXPECT_EQ(*VerifyNote(note, std::vector{a.public_key()}), 0U);
  EXPECT_EQ(*VerifyNote(note, std::vector{Key("c", '4').public_key(), b.public_key()}), 1U);
  EXPECT_FALSE(VerifyNote(note, std::vector{Key("c", '4').public_key()}).ok());
  note.signatures[1].bytes[3] ^= 1;
  EXPECT_FALSE(VerifyNote(note, std::vector{a.public_key(), b.public_key()}).ok());
  EXPECT_TRUE(VerifyNote(note, std::vector{b.public_key()}).ok());
  // A signature of another key under this one's name and id.
  note.signatures[1] = *SignText(note.text, false_a);
  note.signatures[1].key_id = a.public_key().id();
  EXPECT_FALSE(VerifyNote(note, std::vector{a.public_key()}).ok());
}

TEST(KeyTest, TextsComeBackAndMistakesAreNamed) {
  PrivateKey key = Key("logs.example.com/audit", 's');
  const PrivateKey again = *PrivateKey::Parse(key.ToString() + "\n");
  EXPECT_EQ(again.public_key(), key.public_key());
  EXPECT_EQ(*PublicKey::Parse(key.public_key().ToString()), key.public_key());
  for (const char* bad :
       {"", "a", "a+b", "a+00000000+AAAA", "a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/bar+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"}) {
    EXPECT_FALSE(PublicKey::Parse(bad).ok()) << bad;
    EXPECT_FALSE(PrivateKey::Parse(bad).ok()) << bad;
  }
  const absl::Status secret = PrivateKey::Parse("PRIVATE+KEY+x+00000000+c2VjcmV0").status();
  EXPECT_EQ(std::string(secret.message()).find("c2VjcmV0"), std::string::npos);
  EXPECT_FALSE(PrivateKey::FromSeed("two words", KeyType::kEd25519, std::string(32, 's')).ok());
  EXPECT_FALSE(PrivateKey::FromSeed("a", KeyType::kEd25519, "short").ok());
}

TEST(CosignatureTest, SignsTextAndTime) {
  PrivateKey witness = Key("witness.example.com", 'w', KeyType::kCosignature);
  const std::string text = "example.com/log\n1\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\n";
  NoteSignature signature = *Cosign(text, 1'700'000'000, witness);
  EXPECT_EQ(signature.bytes.size(), 8U + 64U);
  uint64_t time_s = 0;
  EXPECT_TRUE(VerifySignature(text, signature, witness.public_key(), &time_s));
  EXPECT_EQ(time_s, 1'700'000'000U);
  EXPECT_FALSE(VerifySignature(text + "x\n", signature, witness.public_key()));
  signature.bytes[7] ^= 1;  // the time
  EXPECT_FALSE(VerifySignature(text, signature, witness.public_key()));
  signature.bytes.resize(5);
  EXPECT_FALSE(VerifySignature(text, signature, witness.public_key()));
  // The same seed under the other type is another key.
  EXPECT_NE(Key("witness.example.com", 'w').public_key().id(), witness.public_key().id());
}

TEST(CheckpointTest, TextsThatAreNone) {
  const std::string root = "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\n";
  EXPECT_TRUE(ParseCheckpointText("log\n1\n" + root).ok());
  EXPECT_TRUE(ParseCheckpointText("log\n0\n" + root + "extension\n").ok());
  for (const std::string& bad : std::vector<std::string>{
           std::string(), "log\n1\n" + root.substr(0, root.size() - 1), "\n1\n" + root, "log\n01\n" + root,
           "log\n-1\n" + root, "log\n+1\n" + root, "log\n1 \n" + root, "log\n18446744073709551616\n" + root,
           "log\n\n" + root, "log\n1\nAAAA\n", "log\n1\n" + root + "\n", "log\n1\n" + root + "x",
           std::string("log\n1\nbjQLnP-zepicpUTmu3gKLHiQHT-zNzh2hRGjBhevoB0=\n"),
           std::string("log\n1\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0\n"),
           std::string("log\n1\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB1=\n")}) {  // a second spelling
    EXPECT_FALSE(ParseCheckpointText(bad).ok()) << bad;
  }
}

TEST(LogProofTest, StandsAlone) {
  LogForTests log;
  for (int i = 0; i < 300; ++i) log.Append("record " + std::to_string(i));
  const std::string checkpoint = log.Publish();
  MapSource source = log.files();
  LogProof proof{"", 123, *ProofBuilder(source, 300).Inclusion(123), checkpoint};
  const std::vector keys{log.key()};
  for (const std::string& extra : {std::string(), std::string("extra\0bytes", 11)}) {
    proof.extra = extra;
    const absl::StatusOr<LogProof> parsed = ParseLogProof(proof.ToString());
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(parsed->extra, extra);
    EXPECT_TRUE(VerifyLogProof(*parsed, "record 123", keys, "example.com/log").ok());
    EXPECT_FALSE(VerifyLogProof(*parsed, "record 124", keys, "example.com/log").ok());
    EXPECT_FALSE(VerifyLogProof(*parsed, "record 123", keys, "example.com/other").ok());
    EXPECT_FALSE(
        VerifyLogProof(*parsed, "record 123", std::vector{Key("x", 'x').public_key()}, "example.com/log")
            .ok());
  }
  const std::string text = LogProof{"", 123, proof.hashes, checkpoint}.ToString();
  for (size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = static_cast<char>(static_cast<uint8_t>(changed[i]) ^ 1U);
    const absl::StatusOr<LogProof> parsed = ParseLogProof(changed);
    EXPECT_FALSE(parsed.ok() && VerifyLogProof(*parsed, "record 123", keys, "example.com/log").ok()) << i;
  }
}

}  // namespace
}  // namespace taffrail::audit
