#include "audit/tree.h"

#include <gtest/gtest.h>

#include "audit/log_for_tests.h"
#include "audit/proof.h"

namespace taffrail::audit {
namespace {

// The reference entries and roots that the projects of Certificate Transparency share.
const std::vector<std::string>& ReferenceEntries() {
  static const std::vector<std::string> entries = {
      "",
      std::string(1, '\0'),
      "\x10",
      "\x20\x21",
      "\x30\x31",
      "\x40\x41\x42\x43",
      "\x50\x51\x52\x53\x54\x55\x56\x57",
      "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
  };
  return entries;
}
constexpr std::string_view kReferenceRoots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

std::string HexOf(const Hash& hash) { return Hex(AsBytes(hash)); }

// REQ U-01
TEST(HashTest, LeavesAndNodesAsPublished) {
  EXPECT_EQ(HexOf(LeafHash("L123456")), "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
  std::string node("\x01N123N456");
  EXPECT_EQ(HexOf(Sha256(node)), "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb");
  const std::string longer(5000, 'x');
  EXPECT_EQ(LeafHash(longer), Sha256(std::string(1, '\0') + longer));
}

TEST(TreeTest, RootsOfTheReferenceEntries) {
  GrowingTree tree;
  EXPECT_EQ(HexOf(tree.Root()), kReferenceRoots[0]);
  for (size_t i = 0; i < ReferenceEntries().size(); ++i) {
    tree.Append(LeafHash(ReferenceEntries()[i]));
    EXPECT_EQ(HexOf(tree.Root()), kReferenceRoots[i + 1]) << i + 1;
  }
}

// Against the definition, over the edges of tiles of two levels.
TEST(TreeTest, GrowsAsTheDefinitionSays) {
  GrowingTree tree;
  std::vector<Hash> leaves;
  for (uint64_t size = 1; size <= 66'000; ++size) {
    leaves.push_back(LeafHash(std::to_string(size)));
    tree.Append(leaves.back());
    const bool edge = size % kTileWidth <= 2 || size % kTileWidth == 255;
    if (size < 600 || (edge && size > 65'500)) {
      ASSERT_EQ(tree.Root(), RootOf(leaves)) << size;
    }
  }
}

TEST(TreeTest, ResumesFromItsEdges) {
  for (const uint64_t size : {0U, 1U, 255U, 256U, 257U, 65'536U, 66'000U}) {
    GrowingTree tree;
    for (uint64_t i = 0; i < size; ++i) tree.Append(LeafHash(std::to_string(i)));
    std::array<std::vector<Hash>, kTileLevels> edges;
    for (int level = 0; level < 3; ++level) {
      const uint64_t tile = LevelSize(level, size) / kTileWidth;
      const uint32_t width = WidthOf(level, tile, size);
      if (width > 0) edges[static_cast<size_t>(level)] = tree.HashesOf({level, tile, width});
    }
    GrowingTree resumed = GrowingTree::Resume(size, edges);
    EXPECT_EQ(resumed.Root(), tree.Root());
    tree.ForgetFullTiles(size);
    for (int i = 0; i < 700; ++i) {
      tree.Append(LeafHash("more"));
      resumed.Append(LeafHash("more"));
    }
    EXPECT_EQ(resumed.Root(), tree.Root());
  }
}

TEST(ProofTest, EveryRecordAndEveryHistoryOfSmallTrees) {
  for (uint64_t size = 1; size <= 40; ++size) {
    LogForTests log;
    std::vector<Hash> roots = {EmptyRoot()};
    for (uint64_t i = 0; i < size; ++i) {
      log.Append(std::to_string(i));
      roots.push_back(log.tree().Root());
    }
    log.Publish();
    MapSource source = log.files();
    ProofBuilder builder(source, size);
    for (uint64_t i = 0; i < size; ++i) {
      const Proof proof = *builder.Inclusion(i);
      const Hash leaf = LeafHash(std::to_string(i));
      EXPECT_TRUE(VerifyInclusion(i, size, leaf, proof, roots[size]));
      EXPECT_FALSE(VerifyInclusion(i + 1, size, leaf, proof, roots[size]));
      EXPECT_FALSE(VerifyInclusion(i, size, LeafHash("x"), proof, roots[size]));
      Proof longer = proof;
      longer.push_back(leaf);
      EXPECT_FALSE(VerifyInclusion(i, size, leaf, longer, roots[size]));
    }
    for (uint64_t old = 1; old <= size; ++old) {
      const Proof proof = *builder.Consistency(old);
      EXPECT_EQ(*builder.RootAt(old), roots[old]);
      EXPECT_TRUE(VerifyConsistency(old, size, proof, roots[old], roots[size]));
      EXPECT_FALSE(VerifyConsistency(old, size, proof, LeafHash("x"), roots[size]));
      EXPECT_FALSE(VerifyConsistency(0, size, proof, roots[0], roots[size]));
    }
  }
}

TEST(ProofTest, OverTheEdgesOfTiles) {
  LogForTests log;
  std::vector<Hash> roots = {EmptyRoot()};
  for (int i = 0; i < 1100; ++i) {
    log.Append(std::to_string(i));
    roots.push_back(log.tree().Root());
  }
  log.Publish();
  MapSource source = log.files();
  ProofBuilder builder(source, 1100);
  for (const uint64_t i : {0U, 255U, 256U, 511U, 1023U, 1024U, 1099U}) {
    EXPECT_TRUE(VerifyInclusion(i, 1100, LeafHash(std::to_string(i)), *builder.Inclusion(i), roots[1100]));
    EXPECT_EQ(*ReadEntry(source, i, 1100), std::to_string(i));
    if (i > 0) {
      EXPECT_TRUE(VerifyConsistency(i, 1100, *builder.Consistency(i), roots[i], roots[1100]));
    }
  }
  EXPECT_FALSE(ReadEntry(source, 1100, 1100).ok());
}

// Hostile numbers: neither endless nor out of bounds.
TEST(ProofTest, AnyNumbersAreAnswered) {
  const Proof proof(100, LeafHash("x"));
  for (const uint64_t a : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 63U, UINT64_MAX}) {
    for (const uint64_t b : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 63U, UINT64_MAX}) {
      EXPECT_FALSE(VerifyInclusion(a, b, LeafHash("x"), proof, LeafHash("y")));
      EXPECT_FALSE(VerifyConsistency(a, b, proof, LeafHash("x"), LeafHash("y")));
      EXPECT_FALSE(VerifySubtreeConsistency(a, b, UINT64_MAX, proof, LeafHash("x"), LeafHash("y")));
    }
  }
}

TEST(TileTest, PathsHaveOneSpelling) {
  EXPECT_EQ(TilePath({0, 1234067}), "tile/0/x001/x234/067");
  EXPECT_EQ(TilePath({1, 5, 17}), "tile/1/005.p/17");
  EXPECT_EQ(TilePath({kEntriesLevel, 0, 1}), "tile/entries/000.p/1");
  for (const Tile& tile :
       {Tile{0, 0}, Tile{63, 999, 255}, Tile{2, UINT64_MAX}, Tile{kEntriesLevel, 1000, 3}}) {
    EXPECT_EQ(ParseTilePath(TilePath(tile)), tile);
  }
  for (const std::string_view bad : {"",
                                     "tile",
                                     "tile/",
                                     "tile/0",
                                     "tile/0/",
                                     "tile/0/1",
                                     "tile/0/0001",
                                     "tile/64/000",
                                     "tile/00/000",
                                     "tile/0/x000/001",
                                     "tile/0/001.p/0",
                                     "tile/0/001.p/256",
                                     "tile/0/001.p/",
                                     "tile/0/001.p/01",
                                     "tile/0/../000",
                                     "tile/0/x001/x002",
                                     "tile/data/000",
                                     "tile/0/000/",
                                     "tile/0/x001",
                                     "tile/-1/000",
                                     "tile/0/x99999999999999999999/000",
                                     "tile/0/x018/x446/x744/x073/x709/x551/x616/000"}) {
    EXPECT_EQ(ParseTilePath(bad), std::nullopt) << bad;
  }
}

TEST(TileTest, SizesOfTheFormatsOwnExample) {
  EXPECT_EQ(WidthOf(0, 273, 70'000), 112U);
  EXPECT_EQ(WidthOf(0, 272, 70'000), 256U);
  EXPECT_EQ(WidthOf(1, 1, 70'000), 17U);
  EXPECT_EQ(WidthOf(2, 0, 70'000), 1U);
  EXPECT_EQ(WidthOf(3, 0, 70'000), 0U);
  EXPECT_EQ(WidthOf(0, 274, 70'000), 0U);
  EXPECT_EQ(WidthOf(0, 1, 256), 0U);
}

TEST(TileTest, EntriesComeBackOrAreRefused) {
  std::string bundle;
  AppendEntry("", bundle);
  AppendEntry("two", bundle);
  AppendEntry(std::string(kMaxEntryBytes, 'x'), bundle);
  const auto entries = DecodeEntries(bundle);
  ASSERT_TRUE(entries.ok());
  ASSERT_EQ(entries->size(), 3U);
  EXPECT_EQ((*entries)[1], "two");
  EXPECT_EQ((*entries)[2].size(), kMaxEntryBytes);
  EXPECT_FALSE(DecodeEntries(bundle.substr(0, bundle.size() - 1)).ok());
  EXPECT_FALSE(DecodeEntries(bundle + "x").ok());
  EXPECT_FALSE(DecodeEntries(std::string(2 * 257, '\0')).ok());
}

}  // namespace
}  // namespace taffrail::audit
