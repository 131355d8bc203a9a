// The stages on entries that are a few lines each.
#include <re2/re2.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "absl/container/flat_hash_set.h"
#include "base/hash.h"
#include "base/time_text.h"
#include "expr/units.h"
#include "query/exec/entry_matcher.h"
#include "query/exec/entry_operator.h"
#include "query/exec/functions.h"
#include "query/exec/sort_buffer.h"
#include "query/parse/json.h"

namespace taffrail::query::exec {
namespace {

// One entry in, at most one out.
class OneToOne : public EntryOperator {
 public:
  OneToOne(Context context, EntryOperatorPtr next) : context_(context), next_(std::move(next)) {}

  absl::StatusOr<Flow> Push(Entry entry) final {
    ++context_.stats.rows_in;
    TAFFRAIL_ASSIGN_OR_RETURN(const bool passes, Apply(entry));
    if (!passes) return Flow::kMore;
    ++context_.stats.rows_out;
    return next_->Push(std::move(entry));
  }
  absl::Status Finish() final { return next_->Finish(); }

 protected:
  virtual absl::StatusOr<bool> Apply(Entry& entry) = 0;
  Context context_;

 private:
  EntryOperatorPtr next_;
};

class EntryFilter final : public OneToOne {
 public:
  EntryFilter(std::unique_ptr<EntryMatcher> matcher, Context context, EntryOperatorPtr next)
      : OneToOne(context, std::move(next)), matcher_(std::move(matcher)) {}
  absl::StatusOr<bool> Apply(Entry& entry) override { return matcher_->Matches(entry); }

 private:
  const std::unique_ptr<EntryMatcher> matcher_;
};

class MarkError final : public OneToOne {
 public:
  MarkError(std::string error, std::unique_ptr<EntryMatcher> matcher, Context context, EntryOperatorPtr next)
      : OneToOne(context, std::move(next)), error_(std::move(error)), matcher_(std::move(matcher)) {}
  absl::StatusOr<bool> Apply(Entry& entry) override {
    if (entry.error.empty() && matcher_->Matches(entry)) entry.SetError(error_, "");
    return true;
  }

 private:
  const std::string error_;
  const std::unique_ptr<EntryMatcher> matcher_;
};

struct CompiledAssignment {
  std::string name;
  bool sets_line = false;
  std::unique_ptr<Evaluator> value;
};

class EntryExtend final : public OneToOne {
 public:
  EntryExtend(std::vector<CompiledAssignment> assignments, Context context, EntryOperatorPtr next)
      : OneToOne(context, std::move(next)), assignments_(std::move(assignments)) {}

  absl::StatusOr<bool> Apply(Entry& entry) override {
    for (const CompiledAssignment& assignment : assignments_) {
      auto value = assignment.value->Evaluate(entry);
      if (!value.ok()) {  // a template that cannot be run: the entry stays as it is
        const absl::string_view message = value.status().message();
        entry.SetError("TemplateFormatErr", {message.data(), message.size()});
      } else if (assignment.sets_line) {
        entry.line = expr::ToText(*value);
      } else {
        entry.Set(assignment.name, *std::move(value), EntryField::Origin::kParsed);
      }
    }
    return true;
  }

 private:
  const std::vector<CompiledAssignment> assignments_;
};

class RenameFields final : public OneToOne {
 public:
  RenameFields(const plan::Rename& rename, Context context, EntryOperatorPtr next)
      : OneToOne(context, std::move(next)), rename_(rename) {}
  absl::StatusOr<bool> Apply(Entry& entry) override {
    for (const auto& [from, to] : rename_.names) {
      const EntryField* const field = entry.Find(from);
      if (field == nullptr || from == to) continue;
      expr::Value value = field->value;
      entry.Remove(from);
      entry.Set(to, std::move(value), EntryField::Origin::kParsed);
    }
    return true;
  }

 private:
  const plan::Rename rename_;
};

struct Selected {
  plan::Select::Name name;
  std::unique_ptr<RE2> regex;

  bool Holds(const std::string& text) const {
    if (!name.has_condition) return true;
    const bool matches = name.is_regex ? RE2::FullMatch(text, *regex) : text == name.text;
    return matches != name.is_negated;
  }
};

class SelectFields final : public OneToOne {
 public:
  SelectFields(bool keeps, std::vector<Selected> names, Context context, EntryOperatorPtr next)
      : OneToOne(context, std::move(next)), keeps_(keeps), names_(std::move(names)) {}

  absl::StatusOr<bool> Apply(Entry& entry) override {
    std::erase_if(entry.fields, [&](const EntryField& field) {
      return Names(field.name, [&field] { return expr::ToText(field.value); }) != keeps_;
    });
    if (!keeps_ && Names(kErrorField, [&entry] { return entry.error; })) entry.error.clear();
    if (!keeps_ && Names(kErrorDetailsField, [&entry] { return entry.error_details; })) {
      entry.error_details.clear();
    }
    return true;
  }

 private:
  template <typename Text>
  bool Names(std::string_view name, const Text& text) const {
    return std::any_of(names_.begin(), names_.end(), [&](const Selected& selected) {
      return selected.name.name == name && selected.Holds(text());
    });
  }

  const bool keeps_;
  const std::vector<Selected> names_;
};

class UnwrapField final : public OneToOne {
 public:
  UnwrapField(const plan::Unwrap& unwrap, EntryContext context, EntryOperatorPtr next)
      : OneToOne(context.context, std::move(next)),
        unwrap_(unwrap),
        reader_({expr::FieldRef::Source::kLabel, unwrap.field}, context.schema) {}

  absl::StatusOr<bool> Apply(Entry& entry) override {
    const std::string text = expr::ToText(reader_.Read(entry));
    if (text.empty()) return false;
    if (!Convert(text, entry.sample)) {
      entry.sample = 0;
      entry.SetError("SampleExtractionErr", "\"" + text + "\" is no " + Kind());
    }
    return true;
  }

 private:
  const char* Kind() const {
    return unwrap_.conversion == plan::Unwrap::Conversion::kNumber     ? "number"
           : unwrap_.conversion == plan::Unwrap::Conversion::kDuration ? "duration"
                                                                       : "size";
  }

  bool Convert(const std::string& text, double& number) const {
    using Conversion = plan::Unwrap::Conversion;
    switch (unwrap_.conversion) {
      case Conversion::kNumber:
        return expr::ParseQuantity(expr::Expr::Unit::kNone, text, number);
      case Conversion::kDuration:
        if (!expr::ParseDuration(text, number)) return false;
        number /= 1e9;
        return true;
      case Conversion::kBytes:
        return expr::ParseByteSize(text, number);
    }
    return false;
  }

  const plan::Unwrap unwrap_;
  const EntryReader reader_;
};

// Keys seen before, within the budget.
class SeenKeys {
 public:
  explicit SeenKeys(Context context) : context_(context) {}
  absl::StatusOr<bool> IsNew(const std::string& key) {
    if (!seen_.insert(key).second) return false;
    constexpr size_t kEntryBytes = 48;  // of a hash table's slot
    TAFFRAIL_RETURN_IF_ERROR(context_.budget.Charge(key.size() + kEntryBytes, "distinct rows"));
    return true;
  }

 private:
  Context context_;
  absl::flat_hash_set<std::string> seen_;
};

bool IsNothing(const expr::Value& value) {
  return std::holds_alternative<expr::Missing>(value) || std::holds_alternative<expr::Null>(value);
}

class EntryDedup final : public OneToOne {
 public:
  EntryDedup(const plan::Dedup& dedup, EntryContext context, EntryOperatorPtr next)
      : OneToOne(context.context, std::move(next)),
        keeps_missing_(dedup.keeps_missing),
        seen_(context.context) {
    for (const expr::FieldRef& field : dedup.fields) readers_.emplace_back(field, context.schema);
  }
  absl::StatusOr<bool> Apply(Entry& entry) override {
    key_.clear();
    for (const EntryReader& reader : readers_) {
      const expr::Value value = reader.Read(entry);
      if (keeps_missing_ && IsNothing(value)) return true;
      expr::AppendKey(value, key_);
    }
    return seen_.IsNew(key_);
  }

 private:
  const bool keeps_missing_;
  std::vector<EntryReader> readers_;
  SeenKeys seen_;
  std::string key_;
};

class RowDedup final : public RowOperator {
 public:
  RowDedup(std::vector<size_t> columns, bool keeps_missing, Context context, RowOperatorPtr next)
      : columns_(std::move(columns)),
        keeps_missing_(keeps_missing),
        context_(context),
        next_(std::move(next)),
        seen_(context) {}
  absl::StatusOr<Flow> Push(Row row) override {
    ++context_.stats.rows_in;
    key_.clear();
    for (const size_t column : columns_) expr::AppendKey(row[column], key_);
    const bool lacks_one = std::any_of(columns_.begin(), columns_.end(),
                                       [&row](size_t column) { return IsNothing(row[column]); });
    if (!keeps_missing_ || !lacks_one) {
      TAFFRAIL_ASSIGN_OR_RETURN(const bool is_new, seen_.IsNew(key_));
      if (!is_new) return Flow::kMore;
    }
    ++context_.stats.rows_out;
    return next_->Push(std::move(row));
  }
  absl::Status Finish() override { return next_->Finish(); }

 private:
  const std::vector<size_t> columns_;
  const bool keeps_missing_;
  Context context_;
  RowOperatorPtr next_;
  SeenKeys seen_;
  std::string key_;
};

// A value's elements: of an array, also when it stands in a text; of all else the value itself.
std::vector<expr::Value> ElementsOf(const expr::Value& value) {
  std::vector<expr::Value> elements;
  if (!parse::ForEachElement(expr::ToText(value), [&elements](std::string_view json) {
        elements.push_back(expr::ParseJsonValue(json));
      })) {
    elements.push_back(value);
  }
  return elements;
}

class EntryUnnest final : public EntryOperator {
 public:
  EntryUnnest(const plan::Unnest& unnest, EntryContext context, EntryOperatorPtr next)
      : name_(unnest.name),
        reader_(unnest.field, context.schema),
        context_(context.context),
        next_(std::move(next)) {}

  absl::StatusOr<Flow> Push(Entry entry) override {
    ++context_.stats.rows_in;
    for (expr::Value& element : ElementsOf(reader_.Read(entry))) {
      TAFFRAIL_RETURN_IF_ERROR(context_.budget.Check());  // one line may have very many
      ++context_.stats.rows_out;
      Entry copy = entry;
      copy.Set(name_, std::move(element), EntryField::Origin::kParsed);
      TAFFRAIL_ASSIGN_OR_RETURN(const Flow flow, next_->Push(std::move(copy)));
      if (flow == Flow::kEnough) return flow;
    }
    return Flow::kMore;
  }
  absl::Status Finish() override { return next_->Finish(); }

 private:
  const std::string name_;
  const EntryReader reader_;
  Context context_;
  EntryOperatorPtr next_;
};

class RowUnnest final : public RowOperator {
 public:
  RowUnnest(size_t from, size_t to, Context context, RowOperatorPtr next)
      : from_(from), to_(to), context_(context), next_(std::move(next)) {}

  absl::StatusOr<Flow> Push(Row row) override {
    ++context_.stats.rows_in;
    for (expr::Value& element : ElementsOf(row[from_])) {
      TAFFRAIL_RETURN_IF_ERROR(context_.budget.Check());  // one line may have very many
      ++context_.stats.rows_out;
      Row copy = row;
      if (to_ == copy.size()) copy.emplace_back();
      copy[to_] = std::move(element);
      TAFFRAIL_ASSIGN_OR_RETURN(const Flow flow, next_->Push(std::move(copy)));
      if (flow == Flow::kEnough) return flow;
    }
    return Flow::kMore;
  }
  absl::Status Finish() override { return next_->Finish(); }

 private:
  const size_t from_;
  const size_t to_;  // as many as there are columns: a new one
  Context context_;
  RowOperatorPtr next_;
};

class EntryLimit final : public EntryOperator {
 public:
  EntryLimit(const plan::Limit& limit, Context context, EntryOperatorPtr next)
      : skip_(limit.offset), left_(limit.count), context_(context), next_(std::move(next)) {}
  absl::StatusOr<Flow> Push(Entry entry) override {
    if (left_ == 0) return Flow::kEnough;
    ++context_.stats.rows_in;
    if (skip_ > 0) {
      --skip_;
      return Flow::kMore;
    }
    --left_;
    ++context_.stats.rows_out;
    TAFFRAIL_ASSIGN_OR_RETURN(const Flow flow, next_->Push(std::move(entry)));
    return left_ == 0 ? Flow::kEnough : flow;
  }
  absl::Status Finish() override { return next_->Finish(); }

 private:
  uint64_t skip_;
  uint64_t left_;
  Context context_;
  EntryOperatorPtr next_;
};

class EntrySort final : public EntryOperator {
 public:
  EntrySort(const plan::Sort& sort, uint64_t keep, EntryContext context, EntryOperatorPtr next)
      : buffer_(sort.keys, keep, context.context.budget), context_(context.context), next_(std::move(next)) {
    for (const plan::SortKey& key : sort.keys) readers_.emplace_back(key.field, context.schema);
  }
  absl::StatusOr<Flow> Push(Entry entry) override {
    ++context_.stats.rows_in;
    std::vector<expr::Value> keys;
    for (const EntryReader& reader : readers_) keys.push_back(reader.Read(entry));
    const uint64_t ordinal = ordinal_++;
    if (!buffer_.Wants(keys, ordinal)) return Flow::kMore;
    const size_t bytes = entry.HeapBytes();
    TAFFRAIL_RETURN_IF_ERROR(buffer_.Add(std::move(keys), ordinal, std::move(entry), bytes));
    return Flow::kMore;
  }
  absl::Status Finish() override {
    absl::Status status;
    buffer_.Drain([&](Entry entry) {
      ++context_.stats.rows_out;
      const auto flow = next_->Push(std::move(entry));
      status = flow.status();
      return flow.ok() && *flow == Flow::kMore;
    });
    TAFFRAIL_RETURN_IF_ERROR(status);
    return next_->Finish();
  }

 private:
  std::vector<EntryReader> readers_;
  SortBuffer<Entry> buffer_;
  Context context_;
  EntryOperatorPtr next_;
  uint64_t ordinal_ = 0;
};

class EntryProject final : public EntryOperator {
 public:
  EntryProject(const plan::Project& project, EntryContext context, RowOperatorPtr next)
      : context_(context.context), next_(std::move(next)) {
    for (const plan::Column& column : project.columns) readers_.emplace_back(column.field, context.schema);
  }
  absl::StatusOr<Flow> Push(Entry entry) override {
    ++context_.stats.rows_in;
    ++context_.stats.rows_out;
    Row row;
    row.reserve(readers_.size());
    for (const EntryReader& reader : readers_) {
      if (reader.field().source == expr::FieldRef::Source::kTimestamp) {
        row.emplace_back(base::FormatRfc3339(entry.timestamp_ns));  // as in every table
      } else {
        row.push_back(reader.Read(entry));
      }
    }
    return next_->Push(std::move(row));
  }
  absl::Status Finish() override { return next_->Finish(); }

 private:
  std::vector<EntryReader> readers_;
  Context context_;
  RowOperatorPtr next_;
};

// A row of a table seen as an entry whose fields are the columns.
class RowExtend final : public RowOperator {
 public:
  RowExtend(std::vector<CompiledAssignment> assignments, ColumnNames columns, Context context,
            RowOperatorPtr next)
      : assignments_(std::move(assignments)),
        columns_(std::move(columns)),
        context_(context),
        next_(std::move(next)) {}
  absl::StatusOr<Flow> Push(Row row) override {
    ++context_.stats.rows_in;
    Entry entry;
    for (size_t i = 0; i < row.size(); ++i) {
      entry.fields.push_back({columns_[i], std::move(row[i]), EntryField::Origin::kParsed});
    }
    for (const CompiledAssignment& assignment : assignments_) {
      TAFFRAIL_ASSIGN_OR_RETURN(expr::Value value, assignment.value->Evaluate(entry));
      SetColumn(entry.fields, assignment.name, std::move(value));
    }
    row.clear();
    for (EntryField& field : entry.fields) row.push_back(std::move(field.value));
    ++context_.stats.rows_out;
    return next_->Push(std::move(row));
  }
  absl::Status Finish() override { return next_->Finish(); }

 private:
  // Not Entry::Set, to which some names mean more.
  static void SetColumn(std::vector<EntryField>& fields, const std::string& name, expr::Value value) {
    for (EntryField& field : fields) {
      if (field.name != name) continue;
      field.value = std::move(value);
      return;
    }
    fields.push_back({name, std::move(value), EntryField::Origin::kParsed});
  }

  const std::vector<CompiledAssignment> assignments_;
  const ColumnNames columns_;
  Context context_;
  RowOperatorPtr next_;
};

absl::StatusOr<std::vector<CompiledAssignment>> CompileAssignments(const plan::Extend& extend,
                                                                   EntrySchema& schema, int64_t now_ns) {
  std::vector<CompiledAssignment> compiled;
  for (const plan::Assignment& assignment : extend.assignments) {
    TAFFRAIL_ASSIGN_OR_RETURN(auto value, CompileScalar(*assignment.value, schema, now_ns));
    compiled.push_back({assignment.name, assignment.sets_line, std::move(value)});
  }
  return compiled;
}

}  // namespace

absl::StatusOr<EntryOperatorPtr> MakeEntryFilter(const plan::Filter& filter, EntryContext context,
                                                 EntryOperatorPtr next) {
  TAFFRAIL_ASSIGN_OR_RETURN(auto matcher, EntryMatcher::Compile(*filter.condition, context.schema));
  return std::make_unique<EntryFilter>(std::move(matcher), context.context, std::move(next));
}

absl::StatusOr<EntryOperatorPtr> MakeMark(const plan::Mark& mark, EntryContext context,
                                          EntryOperatorPtr next) {
  TAFFRAIL_ASSIGN_OR_RETURN(auto matcher, EntryMatcher::Compile(*mark.condition, context.schema));
  return std::make_unique<MarkError>(mark.error, std::move(matcher), context.context, std::move(next));
}

absl::StatusOr<EntryOperatorPtr> MakeExtend(const plan::Extend& extend, EntryContext context,
                                            EntryOperatorPtr next) {
  TAFFRAIL_ASSIGN_OR_RETURN(auto compiled, CompileAssignments(extend, context.schema, context.now_ns));
  return std::make_unique<EntryExtend>(std::move(compiled), context.context, std::move(next));
}

absl::StatusOr<RowOperatorPtr> MakeRowExtend(const plan::Extend& extend, const ColumnNames& columns,
                                             int64_t now_ns, Context context, RowOperatorPtr next) {
  EntrySchema schema;  // a table's rows have no record behind them
  TAFFRAIL_ASSIGN_OR_RETURN(auto compiled, CompileAssignments(extend, schema, now_ns));
  return std::make_unique<RowExtend>(std::move(compiled), columns, context, std::move(next));
}

absl::StatusOr<EntryOperatorPtr> MakeSelect(const plan::Select& select, EntryContext context,
                                            EntryOperatorPtr next) {
  std::vector<Selected> names;
  for (const plan::Select::Name& name : select.names) {
    Selected selected{name, nullptr};
    if (name.is_regex) {
      RE2::Options options;
      options.set_log_errors(false);
      selected.regex = std::make_unique<RE2>("(?s:" + name.text + ")", options);
      if (!selected.regex->ok())
        return absl::InvalidArgumentError("bad regular expression: " + selected.regex->error());
    }
    names.push_back(std::move(selected));
  }
  return std::make_unique<SelectFields>(select.keeps, std::move(names), context.context, std::move(next));
}

EntryOperatorPtr MakeRename(const plan::Rename& rename, EntryContext context, EntryOperatorPtr next) {
  return std::make_unique<RenameFields>(rename, context.context, std::move(next));
}
EntryOperatorPtr MakeUnwrap(const plan::Unwrap& unwrap, EntryContext context, EntryOperatorPtr next) {
  return std::make_unique<UnwrapField>(unwrap, context, std::move(next));
}
EntryOperatorPtr MakeEntryDedup(const plan::Dedup& dedup, EntryContext context, EntryOperatorPtr next) {
  return std::make_unique<EntryDedup>(dedup, context, std::move(next));
}
EntryOperatorPtr MakeEntryLimit(const plan::Limit& limit, EntryContext context, EntryOperatorPtr next) {
  return std::make_unique<EntryLimit>(limit, context.context, std::move(next));
}
EntryOperatorPtr MakeEntrySort(const plan::Sort& sort, uint64_t keep, EntryContext context,
                               EntryOperatorPtr next) {
  return std::make_unique<EntrySort>(sort, keep, context, std::move(next));
}
EntryOperatorPtr MakeEntryProject(const plan::Project& project, EntryContext context, RowOperatorPtr next) {
  return std::make_unique<EntryProject>(project, context, std::move(next));
}
RowOperatorPtr MakeRowDedup(const plan::Dedup& dedup, const ColumnNames& columns, Context context,
                            RowOperatorPtr next) {
  std::vector<size_t> chosen;
  for (const expr::FieldRef& field : dedup.fields) chosen.push_back(ColumnIndex(columns, field));
  return std::make_unique<RowDedup>(std::move(chosen), dedup.keeps_missing, context, std::move(next));
}

EntryOperatorPtr MakeEntryUnnest(const plan::Unnest& unnest, EntryContext context, EntryOperatorPtr next) {
  return std::make_unique<EntryUnnest>(unnest, context, std::move(next));
}

RowOperatorPtr MakeRowUnnest(const plan::Unnest& unnest, const ColumnNames& columns, Context context,
                             RowOperatorPtr next) {
  const size_t to = ColumnIndex(columns, {expr::FieldRef::Source::kField, unnest.name});
  return std::make_unique<RowUnnest>(ColumnIndex(columns, unnest.field), to, context, std::move(next));
}

}  // namespace taffrail::query::exec
