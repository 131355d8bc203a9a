// ?message_field=a.b: for senders whose message stands under a name that nobody could guess.
#pragma once

#include <string>

#include "record/batch.h"

namespace taffrail::ingest {

// The batch with an attribute {"message": …} beside every line that has the field: lines are kept as they
// came, and whoever asks for a record's message finds it there. A line that has a well-known message of its
// own keeps that one. Where all have, the batch comes back as it is.
record::RecordBatch WithMessageFrom(record::RecordBatch batch, const std::string& message_field);

}  // namespace taffrail::ingest
