// Which rows of a batch may hold a secret, told from its columns.
//
// A batch has each text once that its lines have many times, and each shape's keys once. All of these are
// looked at, which is a fifth of the lines' bytes; what may begin a secret there makes suspects of the rows
// that have it. Only those need be written as lines and looked at as a whole: most names and values of a log
// say by themselves that nothing comes of them.
#pragma once

#include <vector>

#include "record/batch.h"

namespace taffrail::redact {
class Policy;
}

namespace taffrail::ingest {

// By row. In no other row does the policy find anything, but for the lines of a private key whose first line
// is another row.
std::vector<bool> SuspectRows(const record::RecordBatch& batch, const redact::Policy& policy);

}  // namespace taffrail::ingest
