// Operators on entries, and how records become entries and entries become an answer.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "query/exec/entry.h"
#include "query/exec/operator.h"
#include "query/exec/series.h"

namespace taffrail::query::exec {

class EntryOperator {
 public:
  virtual ~EntryOperator() = default;
  virtual absl::StatusOr<Flow> Push(Entry entry) = 0;
  virtual absl::Status Finish() = 0;
};
using EntryOperatorPtr = std::unique_ptr<EntryOperator>;

// Records → entries. `lines`: whether anything reads them. The schema is complete when the first record
// comes.
RecordOperatorPtr MakeEntrySource(std::shared_ptr<const EntrySchema> schema, bool lines, Context context,
                                  EntryOperatorPtr next);

// Entries → entries. Each registers the record's fields that it reads.
struct EntryContext {
  Context context;
  EntrySchema& schema;
  int64_t now_ns = 0;
};
absl::StatusOr<EntryOperatorPtr> MakeEntryFilter(const plan::Filter& filter, EntryContext context,
                                                 EntryOperatorPtr next);
absl::StatusOr<EntryOperatorPtr> MakeMark(const plan::Mark& mark, EntryContext context,
                                          EntryOperatorPtr next);
absl::StatusOr<EntryOperatorPtr> MakeParse(const plan::ParseFields& parse, EntryContext context,
                                           EntryOperatorPtr next);
absl::StatusOr<EntryOperatorPtr> MakeExtend(const plan::Extend& extend, EntryContext context,
                                            EntryOperatorPtr next);
absl::StatusOr<EntryOperatorPtr> MakeSelect(const plan::Select& select, EntryContext context,
                                            EntryOperatorPtr next);
EntryOperatorPtr MakeRename(const plan::Rename& rename, EntryContext context, EntryOperatorPtr next);
EntryOperatorPtr MakeUnwrap(const plan::Unwrap& unwrap, EntryContext context, EntryOperatorPtr next);
EntryOperatorPtr MakeEntryDedup(const plan::Dedup& dedup, EntryContext context, EntryOperatorPtr next);
EntryOperatorPtr MakeEntryUnnest(const plan::Unnest& unnest, EntryContext context, EntryOperatorPtr next);
absl::StatusOr<EntryOperatorPtr> MakeJq(const plan::JqFilter& filter, EntryContext context,
                                        EntryOperatorPtr next);
EntryOperatorPtr MakeEntryLimit(const plan::Limit& limit, EntryContext context, EntryOperatorPtr next);
EntryOperatorPtr MakeEntrySort(const plan::Sort& sort, uint64_t keep, EntryContext context,
                               EntryOperatorPtr next);

// Entries → the sink, rows, series.
EntryOperatorPtr MakeEntryOutput(ResultSink& sink, Context context);
EntryOperatorPtr MakeEntryProject(const plan::Project& project, EntryContext context, RowOperatorPtr next);
// Whether these stages, up to a RangeAggregate, can be answered from the records' columns, and from which
// fields.
bool ReadsColumns(std::span<const plan::Stage> stages, std::vector<expr::FieldRef>& fields);
RecordOperatorPtr MakeRecordRange(const plan::RangeAggregate& range, std::vector<expr::FieldRef> fields,
                                  Context context, Matrix& result);
EntryOperatorPtr MakeRangeAggregate(const plan::RangeAggregate& range, Context context, Matrix& result);

// Rows → rows, for the stages that also work on tables.
absl::StatusOr<RowOperatorPtr> MakeRowExtend(const plan::Extend& extend, const ColumnNames& columns,
                                             int64_t now_ns, Context context, RowOperatorPtr next);
RowOperatorPtr MakeRowUnnest(const plan::Unnest& unnest, const ColumnNames& columns, Context context,
                             RowOperatorPtr next);
RowOperatorPtr MakeRowDedup(const plan::Dedup& dedup, const ColumnNames& columns, Context context,
                            RowOperatorPtr next);

}  // namespace taffrail::query::exec
