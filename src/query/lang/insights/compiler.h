// What names and expressions mean where they stand: as a condition on the fields of a line when it can be one
// (the store then answers it), else as a value computed for each line.
//
//   @timestamp        the record's time          @message             the stored line
//   @ingestionTime    the same                   @logStream, @log     the fields log_stream, log_group
//   a.b               the field at that path, or what an earlier command has named so
//   a.b[0].c, a.0     inside a list; and inside what jsonParse made
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "query/lang/insights/expression.h"
#include "query/lang/insights/functions.h"
#include "query/plan/plan.h"

namespace taffrail::query::lang::insights {

// The names at one place in the query.
struct Scope {
  bool is_table = false;
  std::vector<std::string> columns;            // of a table, in order
  std::map<std::string, Type> created;         // by commands before; of a table, every column
  std::map<std::string, std::string> written;  // columns by their names without spaces

  bool Has(const std::string& name) const { return created.contains(name); }
  // `name` is now what an expression has given; in a table a column.
  void Create(const std::string& name, Type type);
};

struct Typed {
  plan::ScalarPtr scalar;
  Type type = Type::kAny;
};

class Compiler {
 public:
  Compiler(const Lexer& lexer, int64_t now_ns) : lexer_(lexer), now_ns_(now_ns) {}

  // A column of the name that the expression is written as: `count(*)` after a `stats` without `as`.
  static std::optional<std::string> ColumnOf(const std::string& written, const Scope& scope);
  // The expression as it was written, without what is around it.
  std::string Written(const Node& node) const;

  // The field that a name is, and how its value is to be taken; none when it has to be computed.
  struct Field {
    expr::FieldRef ref;
    Type type = Type::kAny;
  };
  absl::StatusOr<std::optional<Field>> FieldOf(const Node& node, const Scope& scope) const;

  // A time is Unix nanoseconds.
  absl::StatusOr<Typed> Value(const Node& node, const Scope& scope) const;
  // What a column or field may hold: a time as RFC 3339, a condition as 1 or 0.
  absl::StatusOr<Typed> Held(const Node& node, const Scope& scope) const;
  // None when the condition has to be computed.
  absl::StatusOr<std::optional<expr::ExprPtr>> Condition(const Node& node, const Scope& scope) const;

  // The period of bin(5m) or datefloor(@timestamp, 5m), when the node is one of these over the record's time.
  std::optional<int64_t> BucketOf(const Node& node, const Scope& scope) const;

  // Every aggregate has been replaced by a name before: what is left of them here stands where none may.
  absl::Status UnknownFunction(const Node& node) const;
  absl::Status WrongArguments(const Node& node, std::string_view form) const;

 private:
  using Scalars = std::vector<plan::ScalarPtr>;
  absl::StatusOr<Typed> FieldValue(const Node& node, const Scope& scope) const;
  absl::StatusOr<Typed> OperatorValue(const Node& node, const Scope& scope) const;
  absl::StatusOr<Typed> Comparison(const Node& node, const Scope& scope) const;
  absl::StatusOr<Typed> Membership(const Node& node, const Scope& scope) const;
  absl::StatusOr<Typed> CallValue(const Node& node, const Scope& scope) const;
  absl::StatusOr<Typed> TimeCall(const Function& function, const Node& node, const Scope& scope) const;
  absl::StatusOr<Typed> SubnetCall(const Function& function, const Node& node, const Scope& scope) const;
  absl::StatusOr<plan::ScalarPtr> Argument(const Node& node, const Scope& scope, Function::Times times) const;
  absl::StatusOr<std::string> NetworkOf(const Function& function, const Node& node) const;
  absl::StatusOr<Period> PeriodOf(const Node& node) const;
  absl::StatusOr<Typed> Time(const Scope& scope, size_t begin) const;

  using MaybeExpr = absl::StatusOr<std::optional<expr::ExprPtr>>;
  MaybeExpr Branches(const Node& node, const Scope& scope) const;
  MaybeExpr Compared(const Node& node, const Scope& scope) const;
  MaybeExpr TimeCompared(const std::string& op, const Node& literal) const;
  MaybeExpr Matched(const Node& node, const Scope& scope) const;
  MaybeExpr Called(const Node& node, const Scope& scope) const;
  absl::Status NoColumn(const Node& node, const Scope& scope) const;

  const Lexer& lexer_;
  const int64_t now_ns_;
};

}  // namespace taffrail::query::lang::insights
