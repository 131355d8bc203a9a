#include "audit/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/log_for_tests.h"

namespace taffrail::audit {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string Record(uint64_t i) { return "record " + std::to_string(i); }

LogForTests MakeLog(uint64_t size) {
  LogForTests log;
  for (uint64_t i = 0; i < size; ++i) log.Append(Record(i));
  log.Publish();
  return log;
}

VerifyReport Verify(MapSource files, const LogForTests& log, std::vector<KeptCheckpoint> kept = {}) {
  VerifyOptions options;
  options.keys = {log.key()};
  options.kept = std::move(kept);
  return VerifyLog(files, options);
}

std::string Bundle(const std::vector<std::string>& entries) {
  std::string bundle;
  for (const std::string& entry : entries) AppendEntry(entry, bundle);
  return bundle;
}

// The one finding there should be.
Finding Only(const VerifyReport& report) {
  EXPECT_THAT(report.findings, SizeIs(1));
  for (size_t i = 1; i < report.findings.size(); ++i) {
    ADD_FAILURE() << report.findings[i].path << ": " << report.findings[i].text;
  }
  return report.findings.empty() ? Finding{} : report.findings.front();
}

void Expect(const Finding& finding, Fault fault, const std::string& path, uint64_t first, uint64_t count) {
  EXPECT_EQ(NameOf(finding.fault), NameOf(fault)) << finding.text;
  EXPECT_EQ(finding.path, path) << finding.text;
  EXPECT_EQ(finding.first, first) << finding.text;
  EXPECT_EQ(finding.count, count) << finding.text;
}

// REQ U-01
TEST(VerifyTest, SoundLogsOfAllKindsOfSize) {
  for (const uint64_t size : {0U, 1U, 2U, 255U, 256U, 257U, 512U, 700U, 65'536U, 65'900U}) {
    const LogForTests log = MakeLog(size);
    const VerifyReport report = Verify(log.files(), log);
    EXPECT_TRUE(report.findings.empty()) << size << ": " << report.findings[0].text;
    EXPECT_TRUE(report.checkpoint_trusted);
    EXPECT_EQ(report.records, size);
  }
}

TEST(VerifyTest, NamesAChangedRecord) {
  const LogForTests log = MakeLog(700);
  for (const uint64_t record : {0U, 255U, 256U, 511U, 512U, 699U}) {
    MapSource files = log.files();
    for (auto& [path, bytes] : files.files) {
      const size_t at = path.starts_with("tile/entries") ? bytes.find(Record(record)) : std::string::npos;
      if (at != std::string::npos) bytes[at] = 'R';
    }
    const uint64_t k = record / 256;
    const Finding finding = Only(Verify(files, log));
    Expect(finding, Fault::kChanged, TilePath({kEntriesLevel, k, k == 2 ? 188U : 256U}), record, 1);
  }
}

TEST(VerifyTest, NamesDeletedInsertedAndMovedRecords) {
  const LogForTests log = MakeLog(700);
  std::vector<std::string> entries(log.entries().begin() + 256, log.entries().begin() + 512);
  const std::string path = "tile/entries/001";
  const auto with = [&](std::vector<std::string> changed) {
    MapSource files = log.files();
    files.files[path] = Bundle(changed);
    return Verify(files, log);
  };
  std::vector<std::string> changed = entries;
  changed.erase(changed.begin() + 10, changed.begin() + 13);
  Expect(Only(with(changed)), Fault::kDeleted, path, 266, 3);
  changed = entries;
  changed.insert(changed.begin() + 20, "forged");
  Expect(Only(with(changed)), Fault::kInserted, path, 276, 1);
  changed = entries;
  std::swap(changed[3], changed[9]);
  const VerifyReport swapped = with(changed);
  ASSERT_THAT(swapped.findings, SizeIs(2));
  Expect(swapped.findings[0], Fault::kMoved, path, 259, 1);
  Expect(swapped.findings[1], Fault::kMoved, path, 265, 1);
  EXPECT_THAT(swapped.findings[0].text, HasSubstr("record 265"));
  changed = entries;
  changed.erase(changed.begin() + 50);
  changed.push_back(Record(512));  // deleted, and the rest moved up
  const VerifyReport shifted = with(changed);
  Expect(shifted.findings.at(0), Fault::kMoved, path, 306, 206);
}

TEST(VerifyTest, NamesSwappedFiles) {
  const LogForTests log = MakeLog(800);
  MapSource files = log.files();
  std::swap(files.files["tile/entries/000"], files.files["tile/entries/002"]);
  const VerifyReport report = Verify(files, log);
  ASSERT_THAT(report.findings, SizeIs(2));
  Expect(report.findings[0], Fault::kMoved, "tile/entries/000", 0, 256);
  EXPECT_THAT(report.findings[0].text, HasSubstr("logged as records 512 to 767"));
  Expect(report.findings[1], Fault::kMoved, "tile/entries/002", 512, 256);
}

TEST(VerifyTest, NamesAnAlteredTile) {
  const LogForTests log = MakeLog(700);
  for (const auto& [path, first, count] : std::vector<std::tuple<std::string, uint64_t, uint64_t>>{
           {"tile/0/000", 3, 1}, {"tile/0/001", 259, 1}, {"tile/0/002.p/188", 515, 1}}) {
    MapSource files = log.files();
    files.files[path][3 * kHashBytes + 5] ^= 1;
    Expect(Only(Verify(files, log)), Fault::kTile, path, first, count);
  }
  MapSource files = log.files();
  files.files["tile/1/000.p/2"][40] ^= 1;
  Expect(Only(Verify(files, log)), Fault::kTile, "tile/1/000.p/2", 256, 256);
}

TEST(VerifyTest, NamesARecordAndItsTileAlteredTogether) {
  const LogForTests log = MakeLog(700);
  MapSource files = log.files();
  std::string& bundle = files.files["tile/entries/001"];
  bundle[bundle.find(Record(300))] = 'R';
  const std::string forged = "R" + Record(300).substr(1);
  const Hash hash = LeafHash(forged);
  files.files["tile/0/001"].replace((300 - 256) * kHashBytes, kHashBytes, AsBytes(hash));
  const VerifyReport report = Verify(files, log);
  ASSERT_FALSE(report.findings.empty());
  for (const Finding& finding : report.findings) {
    EXPECT_LE(finding.first, 300U);
    EXPECT_GT(finding.first + finding.count, 256U) << finding.text;
  }
}

TEST(VerifyTest, NamesWhatIsMissing) {
  const LogForTests log = MakeLog(700);
  for (const auto& [path, first, count] :
       std::vector<std::tuple<std::string, uint64_t, uint64_t>>{{"tile/0/000", 0, 256},
                                                                {"tile/entries/001", 256, 256},
                                                                {"tile/entries/002.p/188", 512, 188},
                                                                {"tile/1/000.p/2", 0, 512},
                                                                {"tile/0/002.p/188", 512, 188}}) {
    MapSource files = log.files();
    files.files.erase(path);
    Expect(Only(Verify(files, log)), Fault::kMissing, path, first, count);
  }
  MapSource files = log.files();
  files.files.erase("checkpoint");
  Expect(Only(Verify(files, log)), Fault::kCheckpoint, "checkpoint", 0, 0);
}

TEST(VerifyTest, KeptCheckpointsShowTruncationAndForks) {
  LogForTests log = MakeLog(300);
  const MapSource old_files = log.files();
  const std::string old = log.files().files.at("checkpoint");
  for (uint64_t i = 300; i < 700; ++i) log.Append(Record(i));
  const std::string late = log.Publish();
  EXPECT_TRUE(Verify(log.files(), log, {{"old", old}, {"late", late}}).findings.empty());
  Expect(Only(Verify(old_files, log, {{"late", late}})), Fault::kTruncated, "late", 300, 400);

  LogForTests fork;  // the same key, another history from record 310 on
  for (uint64_t i = 0; i < 720; ++i) fork.Append(i < 310 ? Record(i) : "other " + Record(i));
  fork.Publish();
  Expect(Only(Verify(fork.files(), log, {{"late", late}, {"old", old}})), Fault::kForked, "late", 300, 400);
}

TEST(VerifyTest, ASizeThatNobodySignedMakesNoWork) {
  LogForTests log = MakeLog(10);
  MapSource files = log.files();
  std::string& checkpoint = files.files["checkpoint"];
  checkpoint.replace(checkpoint.find("\n10\n"), 4, "\n9999999999999999\n");
  const VerifyReport report = Verify(files, log);
  ASSERT_THAT(report.findings, SizeIs(2));
  EXPECT_FALSE(report.checkpoint_trusted);
}

TEST(VerifyTest, WitnessesMustHaveCosigned) {
  LogForTests log = MakeLog(10);
  MapSource files = log.files();
  PrivateKey witness = *PrivateKey::FromSeed("w", KeyType::kCosignature, std::string(32, 'w'));
  VerifyOptions options;
  options.keys = {log.key()};
  options.witnesses = {witness.public_key()};
  options.witnesses_needed = 1;
  EXPECT_THAT(VerifyLog(files, options).findings, SizeIs(1));
  Note note = *ParseNote(files.files["checkpoint"]);
  note.signatures.push_back(*Cosign(note.text, 1'700'000'000, witness));
  files.files["checkpoint"] = note.ToString();
  EXPECT_TRUE(VerifyLog(files, options).findings.empty());
}

}  // namespace
}  // namespace taffrail::audit
