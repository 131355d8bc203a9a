// Verifies a whole log from its files and a public key, and says what was done to it and where.
//
// A log holds everything three times: entries, the tiles above them, and the root that was signed. What the
// three agree on is whole. Where they do not, the signed root says which to believe: hashes from above that
// lead to it are authentic, and whatever differs from them was altered. So a changed tile is told from a
// changed record, and a record that moved from one that was written anew.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "audit/checkpoint.h"
#include "audit/reader.h"
#include "base/status.h"

namespace taffrail::audit {

enum class Fault : uint8_t {
  kCheckpoint,  // missing, unreadable, or not signed by the keys
  kMissing,     // a file that should be there
  kChanged,     // a record is not the one that was logged
  kDeleted,     // records were taken out
  kInserted,    // records were put in
  kMoved,       // a record stands where another was logged
  kBundle,      // a bundle of entries cannot be read as one
  kTile,        // a hash in a tile is not the one that was written
  kTruncated,   // the log is shorter than a checkpoint that was kept says
  kForked,      // the log has another history than a checkpoint that was kept says
  kRoot,        // nothing in the files leads to the signed root
};
std::string_view NameOf(Fault fault);

struct Finding {
  Fault fault = Fault::kRoot;
  std::string path;    // of the file, in the log's layout; of a kept checkpoint its name
  uint64_t first = 0;  // the first record that it concerns, from 0
  uint64_t count = 0;  // how many; 0: no record in particular
  std::string text;    // a sentence
};

struct KeptCheckpoint {
  std::string name;  // for messages: its file
  std::string bytes;
};

struct VerifyOptions {
  std::vector<PublicKey> keys;       // of the log; one of them must have signed
  std::string origin;                // which log it should be; empty: whatever the checkpoint says
  std::vector<KeptCheckpoint> kept;  // older or newer ones, which the log must agree with
  std::vector<PublicKey> witnesses;  // cosigners, of which
  size_t witnesses_needed = 0;       // so many must have cosigned
  uint64_t first_record = 0;         // those before it were pruned; a multiple of 256
  size_t max_findings = 1000;        // further ones are counted
  std::function<void(uint64_t done, uint64_t total)> progress;  // in records; may be null
};

struct VerifyReport {
  SignedCheckpoint checkpoint;
  bool checkpoint_trusted = false;  // signed as asked
  uint64_t records = 0;             // read and hashed
  uint64_t bytes = 0;               // of them
  std::vector<Finding> findings;    // none: the log is whole
  uint64_t findings_left_out = 0;
};

VerifyReport VerifyLog(Source& source, const VerifyOptions& options);

}  // namespace taffrail::audit
