// A log query: a stream selector and the stages after it.
//
//   pipeline := "{" [ matcher { "," matcher } [ "," ] ] "}" { stage }
//   matcher  := name ("=" | "!=" | "=~" | "!~") text
//   stage    := ("|=" | "!=" | "|~" | "!~" | "|>" | "!>") operand { "or" operand }
//             | "|" "json" [ wanted ] | "|" "logfmt" { "--strict" | "--keep-empty" } [ wanted ]
//             | "|" ("pattern" | "regexp") text | "|" "unpack" | "|" "decolorize" | "|" "line_format" text
//             | "|" "label_format" name "=" (name | text) { "," … }
//             | "|" ("drop" | "keep") name [ operator text ] { "," … } | "|" filters         label_filter.h
//   operand  := text | "ip" "(" text ")"
//   wanted   := name [ "=" text ] { "," … }
//   unwrap   := "|" "unwrap" ( name | ("duration" | "duration_seconds" | "bytes") "(" name ")" )
//
// As long as there are only selectors, line filters, `| json` and label filters, all of it becomes conditions
// on the records, which the store answers from its columns. With the first other stage records become
// entries.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "query/lang/logql/label_filter.h"
#include "query/lang/logql/labels.h"
#include "query/lang/logql/lexer.h"
#include "query/plan/plan.h"

namespace taffrail::query::lang::logql {

// Of a plan's stages, what a metric query around the pipeline and the executor's own may take.
inline constexpr size_t kReservedStages = 16;

class PipelineParser {
 public:
  PipelineParser(TokenReader& reader, ConditionCheck& check, int64_t now_ns)
      : reader_(reader), check_(check), now_ns_(now_ns) {}

  absl::Status ParseSelector();
  // Whether a stage stands here; `unwrap` is none of them.
  bool AtStage() const;
  bool AtUnwrap() const;
  absl::Status ParseStage();
  absl::Status ParseUnwrap();
  bool has_unwrap() const { return has_unwrap_; }
  // Whether a stage reads a label: a filter, a template, unwrap …
  bool reads_labels() const { return reads_labels_; }

  // From here on labels are an entry's fields.
  void MakeEntries();
  // The plan's source has neither range nor order. InvalidArgument: the conditions are too many.
  absl::StatusOr<plan::Plan> Finish();

  // The labels that the selector says outright, for absent_over_time.
  const std::vector<std::pair<std::string, std::string>>& equal_labels() const { return equal_labels_; }

 private:
  absl::Status ParseLineFilter();
  absl::Status ParseLineOperand(std::string_view op, std::vector<expr::ExprPtr>& chain);
  absl::Status ParseJson();
  absl::Status ParseLogfmt();
  absl::Status ParseWanted(plan::ParseFields& parse);
  absl::Status ParsePattern(plan::ParseFields::Format format);
  absl::Status ParseLineFormat();
  // name=from, of label_format.
  struct LabelFormat {
    std::string name;
    std::string from;  // a label, or a template
    bool renames = false;
  };
  absl::Status ParseLabelFormat();
  void AddLabelFormats(const std::vector<LabelFormat>& formats);
  absl::Status ParseSelect(bool keeps);
  absl::Status ParseLabelFilter();
  absl::StatusOr<std::string> TakeText();
  absl::StatusOr<std::string> TakeTemplate();
  absl::StatusOr<std::string> TakeName(std::string_view what);
  void AddExtend(plan::Assignment assignment);
  // On the line: of the records while it is still theirs.
  void AddLineCondition(expr::ExprPtr condition);

  TokenReader& reader_;
  ConditionCheck& check_;
  const int64_t now_ns_;
  Labels labels_;
  std::vector<expr::ExprPtr> conditions_;  // on records
  std::vector<plan::Stage> stages_;        // on entries; before MakeEntries what they would be
  std::vector<std::pair<std::string, std::string>> equal_labels_;
  bool makes_entries_ = false;
  bool changed_line_ = false;
  bool has_unwrap_ = false;
  bool reads_labels_ = false;
  int hidden_fields_ = 0;
};

}  // namespace taffrail::query::lang::logql
