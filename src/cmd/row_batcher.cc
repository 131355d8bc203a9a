#include "cmd/row_batcher.h"

#include <utility>

namespace taffrail::cmd {

void RowBatcher::Add(const query::exec::LogRow& row) {
  if (row.labels != nullptr) builder_.SetStream(*row.labels);
  builder_.Append(row.line, row.timestamp_ns, row.attributes);
  sequences_.push_back(row.sequence);
  if (builder_.rows() >= kRows || builder_.Full()) Flush();
}

void RowBatcher::Flush() {
  if (builder_.rows() == 0) return;
  record::RecordBatch batch = builder_.Finish();
  batch.sequence = std::exchange(sequences_, {});
  if (batch.sequence.front() == 0 && batch.sequence.back() == 0) batch.sequence.clear();  // files have none
  on_batch_(batch);
}

}  // namespace taffrail::cmd
