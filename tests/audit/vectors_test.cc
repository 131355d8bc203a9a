// The vectors that the transparency log projects publish, where a checkout of them stands beside this tree
// (../shared/data/audit-vectors); skipped, and counted, where it does not. What must hold everywhere is in
// src/audit/*_test.cc.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "audit/log_for_tests.h"
#include "audit/proof.h"
#include "audit/reader.h"
#include "audit/verify.h"

namespace taffrail::audit {
namespace {

namespace fs = std::filesystem;
using simdjson::dom::element;

class VectorsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(root_)) GTEST_SKIP() << "no published vectors at " << root_;
  }

  static std::string Slurp(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  element Load(const fs::path& path) { return parser_.load(path.string()); }

  // Every file of one kind of proof; `check` answers whether the proof holds.
  template <typename Check>
  void ForEachProof(const std::string& kind, size_t files, const Check& check) {
    size_t seen = 0;
    for (const auto& entry :
         fs::recursive_directory_iterator(root_ / "transparency-dev_merkle_testdata" / kind)) {
      if (!entry.is_regular_file()) continue;
      ++seen;
      const element json = Load(entry.path());
      EXPECT_EQ(check(json), !bool(json["wantErr"])) << entry.path();
    }
    EXPECT_EQ(seen, files);
  }

  // Some vectors have other bytes where a hash stands ("don't care"): another hash, equal where they are
  // equal.
  static bool Read(const element& text, Hash& hash) {
    std::string_view base64;
    if (text.get(base64) != simdjson::SUCCESS) return false;
    const auto bytes = FromBase64(base64);
    if (!bytes || bytes->empty()) return false;
    hash = HashFromBytes(*bytes).value_or(Sha256(*bytes));
    return true;
  }
  static bool Read(const element& json, Proof& proof) {
    simdjson::dom::array array;
    if (json["proof"].get(array) != simdjson::SUCCESS) return true;  // null
    for (const element text : array) {
      Hash hash;
      if (!Read(text, hash)) return false;
      proof.push_back(hash);
    }
    return true;
  }

  const fs::path root_ = fs::path(TAFFRAIL_SOURCE_DIR) / ".." / "shared" / "data" / "audit-vectors";
  simdjson::dom::parser parser_;
};

// REQ U-01
TEST_F(VectorsTest, InclusionProofs) {
  ForEachProof("inclusion", 98, [](const element& json) {
    Hash leaf;
    Hash root;
    Proof proof;
    return Read(json["leafHash"], leaf) && Read(json["root"], root) && Read(json, proof) &&
           VerifyInclusion(uint64_t(json["leafIdx"]), uint64_t(json["treeSize"]), leaf, proof, root);
  });
}

TEST_F(VectorsTest, ConsistencyProofs) {
  ForEachProof("consistency", 98, [](const element& json) {
    Hash root1;
    Hash root2;
    Proof proof;
    return Read(json["root1"], root1) && Read(json["root2"], root2) && Read(json, proof) &&
           VerifyConsistency(uint64_t(json["size1"]), uint64_t(json["size2"]), proof, root1, root2);
  });
}

TEST_F(VectorsTest, SubtreeInclusionProofs) {
  ForEachProof("subtreeinclusion", 204, [](const element& json) {
    Hash leaf;
    Hash root;
    Proof proof;
    return Read(json["leafHash"], leaf) && Read(json["root"], root) && Read(json, proof) &&
           VerifySubtreeInclusion(uint64_t(json["leafIdx"]), uint64_t(json["start"]), uint64_t(json["end"]),
                                  leaf, proof, root);
  });
}

TEST_F(VectorsTest, SubtreeConsistencyProofs) {
  ForEachProof("subtreeconsistency", 118, [](const element& json) {
    Hash root1;
    Hash root2;
    Proof proof;
    return Read(json["root1"], root1) && Read(json["root2"], root2) && Read(json, proof) &&
           VerifySubtreeConsistency(uint64_t(json["start"]), uint64_t(json["end"]), uint64_t(json["size"]),
                                    proof, root1, root2);
  });
}

TEST_F(VectorsTest, SignedNotes) {
  size_t notes = 0;
  for (const element json : Load(root_ / "signed_note_vectors.json").get_array()) {
    const auto key = PublicKey::Parse(std::string_view(json["Vkey"]));
    ASSERT_TRUE(key.ok()) << key.status();
    const auto note = ParseNote(std::string_view(json["Note"]));
    ASSERT_TRUE(note.ok()) << note.status();
    EXPECT_TRUE(VerifyNote(*note, std::span(&*key, 1)).ok());
    EXPECT_EQ(note->ToString(), std::string_view(json["Note"]));
    ++notes;
  }
  EXPECT_EQ(notes, 18U);
}

TEST_F(VectorsTest, ConstantsOfRfc6962) {
  const element json = Load(root_ / "rfc6962_constants.json");
  GrowingTree tree;
  size_t size = 0;
  for (const element root : json["root_hashes_by_size_hex"].get_array()) {
    EXPECT_EQ(Hex(AsBytes(tree.Root())), std::string_view(root));
    const auto inputs = json["leaf_inputs_hex"].get_array();
    if (size < inputs.size()) tree.Append(LeafHash(*FromHex(std::string_view(inputs.at(size)))));
    ++size;
  }
  for (const element row : json["rfc6962_hash_vectors"].get_array()) {
    std::string hex(std::string_view(row.at(1)));
    for (char& c : hex) c = static_cast<char>(std::tolower(c));
    EXPECT_EQ(Hex(AsBytes(Sha256(*FromHex(hex)))), std::string_view(row.at(2)));
  }
}

// A log that Tessera wrote: our verifier reads its files as they are.
TEST_F(VectorsTest, TesserasLog) {
  class Directory final : public Source {
   public:
    explicit Directory(fs::path root) : root_(std::move(root)) {}
    absl::StatusOr<std::string> Read(const std::string& path) override {
      if (!fs::exists(root_ / path)) return absl::NotFoundError(path);
      return Slurp(root_ / path);
    }

   private:
    const fs::path root_;
  };
  const fs::path log = root_ / "tessera_testdata_log";
  Directory source(log);
  VerifyOptions options;
  options.keys = {
      *PublicKey::Parse("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")};
  for (int i = 1; i <= 15; ++i) {
    const std::string name = "checkpoint." + std::to_string(i);
    options.kept.push_back({name, Slurp(log / name)});
  }
  const VerifyReport report = VerifyLog(source, options);
  EXPECT_TRUE(report.findings.empty()) << report.findings.front().text;
  EXPECT_EQ(report.records, 15U);
  for (uint64_t size = 1; size <= 15; ++size) {
    const auto checkpoint = ParseCheckpoint(Slurp(log / ("checkpoint." + std::to_string(size))));
    ASSERT_TRUE(checkpoint.ok());
    for (uint64_t i = 0; i < size; ++i) {
      const auto proof = ProofBuilder(source, size).Inclusion(i);
      ASSERT_TRUE(proof.ok()) << proof.status();
      EXPECT_TRUE(VerifyInclusion(i, size, LeafHash(*ReadEntry(source, i, size)), *proof,
                                  checkpoint->checkpoint.root));
    }
  }
}

}  // namespace
}  // namespace taffrail::audit
