// Alterations at random, of everything a ledger consists of: each must be noticed, and named at its place.
//
// TAFFRAIL_AUDIT_MUTATIONS says how many (5000). A failure is its number: the generator starts from it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>

#include "audit/log_for_tests.h"
#include "audit/verify.h"

namespace taffrail::audit {
namespace {

constexpr uint64_t kRecords = 700;  // two full tiles and a partial one, on two levels

// What was done, and where a finding must lie: in one of these files, over one of these records.
struct Alteration {
  std::string what;
  std::vector<std::string> paths;
  uint64_t first = 0;
  uint64_t end = 0;  // zero: no record in particular
};

class Mutator {
 public:
  Mutator(const LogForTests& log, const std::string& older, uint64_t seed)
      : log_(log), older_(older), files(log.files()), random_(seed) {}

  Alteration Alter() {
    switch (Below(9)) {
      case 0:
        return FlipABit();
      case 1:
        return CutAFile();
      case 2:
        return RemoveAFile();
      case 3:
        return SwapFiles();
      case 4:
        return ChangeRecords("changed", [&](auto& entries, size_t i) {
          entries[i] += Below(2) ? "x" : "";
          entries[i][0] = '#';
        });
      case 5:
        return ChangeRecords("deleted", [&](auto& entries, size_t i) {
          entries.erase(entries.begin() + static_cast<ptrdiff_t>(i));
        });
      case 6:
        return ChangeRecords("inserted", [&](auto& entries, size_t i) {
          entries.insert(entries.begin() + static_cast<ptrdiff_t>(i), "forged");
        });
      case 7:
        return ChangeRecords("swapped", [&](auto& entries, size_t i) {
          std::swap(entries[i], entries[(i + 1 + Below(entries.size() - 1)) % entries.size()]);
        });
      default:
        return ChangeTheNote();
    }
  }

 private:
  uint64_t Below(uint64_t bound) { return random_() % bound; }

  auto AnyFile() {
    auto file = files.files.begin();
    std::advance(file, Below(files.files.size()));
    return file;
  }
  // The records that a file is about.
  static std::pair<uint64_t, uint64_t> RecordsOf(const std::string& path) {
    const std::optional<Tile> tile = ParseTilePath(path);
    if (!tile) return {0, 0};
    uint64_t span = kTileWidth;
    for (int level = 0; level < tile->level; ++level) span *= kTileWidth;
    return {tile->index * span, std::min(kRecords, (tile->index + 1) * span)};
  }
  Alteration At(std::string what, const std::string& path) {
    const auto [first, end] = RecordsOf(path);
    return {what + " " + path, {path}, first, end};
  }

  Alteration FlipABit() {
    const auto file = AnyFile();
    const uint64_t place = Below(file->second.size());
    file->second[place] = static_cast<char>(static_cast<uint8_t>(file->second[place]) ^ (1U << Below(8)));
    Alteration done = At("bit flipped in byte " + std::to_string(place) + " of", file->first);
    const std::optional<Tile> tile = ParseTilePath(file->first);
    if (tile && tile->level == 0) {  // one hash: its record, no other
      done.first = tile->index * kTileWidth + place / kHashBytes;
      done.end = done.first + 1;
    }
    return done;
  }
  Alteration CutAFile() {
    const auto file = AnyFile();
    file->second.resize(Below(file->second.size()));
    return At("cut", file->first);
  }
  Alteration RemoveAFile() {
    const auto file = AnyFile();
    const std::string path = file->first;
    files.files.erase(file);
    return At("removed", path);
  }
  Alteration SwapFiles() {
    const auto a = AnyFile();
    auto b = AnyFile();
    while (b->first == a->first) b = AnyFile();
    std::swap(a->second, b->second);
    Alteration done = At("swapped", a->first);
    done.paths.push_back(b->first);
    done.what += " and " + b->first;
    done.first = done.end = 0;
    return done;
  }
  template <typename Change>
  Alteration ChangeRecords(const std::string& what, const Change& change) {
    const uint64_t k = Below(3);
    const uint64_t first = k * kTileWidth;
    const uint64_t count = std::min(kTileWidth, kRecords - first);
    const auto begin = log_.entries().begin() + static_cast<ptrdiff_t>(first);
    std::vector<std::string> entries(begin, begin + static_cast<ptrdiff_t>(count));
    const uint64_t place = Below(count);
    change(entries, place);
    const std::string path = TilePath({kEntriesLevel, k, static_cast<uint32_t>(count)});
    std::string bundle;
    for (const std::string& entry : entries) AppendEntry(entry, bundle);
    files.files[path] = bundle;
    Alteration done{
        what + " record " + std::to_string(first + place), {path}, first + place, first + place + 1};
    // An inserted 257th is found behind the last one.
    if (what == "inserted" || what == "deleted") done.end = first + place + 1;
    return done;
  }
  Alteration ChangeTheNote() {
    std::string& note = files.files["checkpoint"];
    switch (Below(6)) {
      case 0:
        note = older_;  // signed, and out of date: only a kept checkpoint shows it
        return {"older checkpoint put back", {"kept"}, 0, 0};
      case 1:
        note.replace(note.find("\n700\n"), 5, "\n0700\n");
        break;
      case 2:
        note.erase(note.size() - 1);
        break;
      case 3:
        note = "x" + note;
        break;
      case 4:
        note.erase(note.find(Base64(AsBytes(log_.tree().Root()))) + 43, 1);  // the padding
        break;
      default: {
        PrivateKey stranger =
            *PrivateKey::FromSeed("example.com/log", KeyType::kEd25519, std::string(32, 'x'));
        Note forged{log_.files().files.at("checkpoint").substr(0, note.find("\n\n") + 1), {}};
        forged.signatures.push_back(*SignText(forged.text, stranger));
        note = forged.ToString();
      }
    }
    return {"note changed", {"checkpoint"}, 0, 0};
  }

  const LogForTests& log_;
  const std::string& older_;

 public:
  MapSource files;

 private:
  std::mt19937_64 random_;
};

bool Names(const Finding& finding, const Alteration& done) {
  if (std::find(done.paths.begin(), done.paths.end(), finding.path) == done.paths.end()) return false;
  if (done.end == 0 || finding.count == 0) return true;
  return finding.first < done.end && done.first < finding.first + finding.count;
}

// REQ U-01
TEST(MutationTest, EveryAlterationIsNamedAtItsPlace) {
  const char* const wanted = std::getenv("TAFFRAIL_AUDIT_MUTATIONS");
  const int rounds = wanted == nullptr ? 5000 : std::atoi(wanted);
  LogForTests log;
  std::string older;
  for (uint64_t i = 0; i < kRecords; ++i) {
    log.Append("record " + std::to_string(i));
    if (i == 300) older = log.Publish();
  }
  const std::string last = log.Publish();
  VerifyOptions options;
  options.keys = {log.key()};
  options.kept = {{"kept", last}};
  MapSource sound = log.files();
  ASSERT_TRUE(VerifyLog(sound, options).findings.empty());
  for (int round = 0; round < rounds; ++round) {
    Mutator mutator(log, older, static_cast<uint64_t>(round));
    const Alteration done = mutator.Alter();
    if (mutator.files.files == log.files().files) continue;  // two equal records swapped, and the like
    const VerifyReport report = VerifyLog(mutator.files, options);
    const bool named = std::any_of(report.findings.begin(), report.findings.end(),
                                   [&](const Finding& finding) { return Names(finding, done); });
    EXPECT_TRUE(named) << "round " << round << ": " << done.what << " [" << done.first << ", " << done.end
                       << ")";
    if (!named) {
      for (const Finding& finding : report.findings) {
        ADD_FAILURE() << finding.path << " " << finding.first << " " << finding.count << ": " << finding.text;
      }
      return;
    }
  }
}

}  // namespace
}  // namespace taffrail::audit
