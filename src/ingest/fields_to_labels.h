// ?stream_fields=service,level: makes stream labels of fields of the lines, within limits on how many streams
// that may give. Streams are what LogQL selects by and what is looked through for every query: a request id
// must not be one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "record/batch.h"

namespace taffrail::ingest {

struct LabelLimits {
  // Loki's own rule of thumb for labels is ten; sixteen leaves room for those a deployment adds.
  size_t max_fields = 16;
  // Distinct values of one field in a batch of at most 64 Ki rows. Services, hosts and pods stay below; ids
  // do not.
  size_t max_values = 512;
  size_t max_streams = 4096;      // in one batch: combinations of values
  size_t max_value_bytes = 2048;  // as for Loki's labels
};

// Gives the rows of a batch whose streams have no labels the streams their fields make. A label is named as
// its field, with every byte outside [A-Za-z0-9_] as '_' (as LogQL names fields). A row without the field
// lacks the label. Returns in how many rows a field was not made a label because of a limit.
uint64_t SetStreamsFromFields(record::RecordBatch& batch, const std::vector<std::string>& fields,
                              const LabelLimits& limits = {});

}  // namespace taffrail::ingest
