// Stores that earlier versions wrote, kept in tests/compat/: read, verified, repaired and merged for ever.
//
// tests/compat/<version>/ holds the files of a store as that version left them, and EXPECTED, its rows in
// order: a line each of timestamp, labels, line and attributes, tab-separated, each escaped as in C. When a
// format changes, write the last store of the old version before:
//
//   TAFFRAIL_WRITE_COMPAT=tests/compat/v2 build/release/src/store/store_test --gtest_filter='Compat*'
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "absl/strings/escaping.h"
#include "base/mem_env.h"
#include "store/reference_test.h"

namespace taffrail::store {
namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{1} << 20;  // these files are small, or they do not belong here

std::string CompatDir() { return std::string(TAFFRAIL_SOURCE_DIR) + "/tests/compat"; }

std::string Escaped(const Row& row) {
  std::string labels;
  for (const auto& [name, value] : row.labels) labels += fmt::format("{}={};", name, value);
  return fmt::format("{}\t{}\t{}\t{}\n", row.timestamp_ns, absl::CEscape(labels), absl::CEscape(row.line),
                     absl::CEscape(row.attributes));
}

std::string EscapedRows(const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows) text += Escaped(row);
  return text;
}

// The files of the version's store, in memory as /s.
void LoadStore(const std::string& version_dir, base::MemEnv& env) {
  base::Env& disk = base::Env::Posix();
  ASSERT_TRUE(env.CreateDirs("/s").ok());
  const auto names = disk.List(version_dir);
  ASSERT_TRUE(names.ok()) << names.status();
  for (const std::string& name : *names) {
    if (name == "EXPECTED") continue;
    const auto data = base::ReadFile(disk, base::JoinPath(version_dir, name), kMaxFileBytes);
    ASSERT_TRUE(data.ok()) << data.status();
    ASSERT_TRUE(base::WriteFileAtomically(env, base::JoinPath("/s", name), *data).ok());
  }
}

StoreOptions Options(base::Env& env, const std::string& dir) {
  return {.dir = dir, .env = &env, .memtable_bytes = 24 << 10, .min_free_bytes = 0, .background = false};
}

// Two days, several parts, one of them merged, and rows in the WAL.
void WriteStore(const std::string& dir) {
  base::Env& disk = base::Env::Posix();
  LineSource source(20'261'126);
  std::string rows;
  {
    auto store = Store::Open(Options(disk, dir));
    ASSERT_TRUE(store.ok()) << store.status();
    const auto append = [&](int batches) {
      for (int i = 0; i < batches; ++i) {
        std::vector<Row> batch(20);
        for (Row& row : batch) row = source.Next(/*days=*/2);
        ASSERT_TRUE((*store)->Append(MakeBatch(batch)).ok());
      }
    };
    append(12);
    ASSERT_TRUE((*store)->Flush().ok());
    ASSERT_TRUE((*store)->Compact().ok());
    append(8);
    ASSERT_TRUE((*store)->Flush().ok());
    append(3);
    rows = EscapedRows(ReadRows(**store, Order::kAscending));
  }
  ASSERT_TRUE(base::WriteFileAtomically(disk, dir + "/EXPECTED", rows).ok());
  ASSERT_TRUE(disk.Remove(dir + "/LOCK").ok());
}

void ExpectRows(base::MemEnv& env, const std::string& expected) {
  auto store = Store::Open(Options(env, "/s"));
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ(EscapedRows(ReadRows(**store, Order::kAscending)), expected);
}

// REQ D-02
TEST(Compat, StoresOfEveryVersionAreReadRepairedAndMerged) {
  if (const char* dir = std::getenv("TAFFRAIL_WRITE_COMPAT")) return WriteStore(dir);
  size_t versions = 0;
  for (const auto& entry : std::filesystem::directory_iterator(CompatDir())) {
    SCOPED_TRACE(entry.path().string());
    ++versions;
    base::MemEnv env;
    ASSERT_NO_FATAL_FAILURE(LoadStore(entry.path().string(), env));
    const auto expected =
        base::ReadFile(base::Env::Posix(), entry.path().string() + "/EXPECTED", kMaxFileBytes);
    ASSERT_TRUE(expected.ok()) << expected.status();
    const auto report = Store::Verify(env, "/s", nullptr);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_TRUE(report->damage.empty()) << report->damage.front();
    EXPECT_EQ(report->rows, static_cast<size_t>(std::count(expected->begin(), expected->end(), '\n')));
    ExpectRows(env, *expected);

    ASSERT_TRUE(env.Remove("/s/MANIFEST").ok());
    const auto repaired = Store::Repair(env, "/s");
    ASSERT_TRUE(repaired.ok()) << repaired.status();
    ExpectRows(env, *expected);

    ASSERT_NO_FATAL_FAILURE(LoadStore(entry.path().string(), env));
    {
      auto store = Store::Open(Options(env, "/s"));
      ASSERT_TRUE(store.ok()) << store.status();
      ASSERT_TRUE((*store)->Flush().ok());
      ASSERT_TRUE((*store)->Compact().ok());
      EXPECT_LE((*store)->Info().parts.size(), 2U);
    }
    ExpectRows(env, *expected);
  }
  EXPECT_GE(versions, 1U);
}

}  // namespace
}  // namespace taffrail::store
