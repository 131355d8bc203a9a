#include "ingest/audit_door.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "audit/seal.h"
#include "record/batch_builder.h"
#include "record/json_writer.h"
#include "record/row_cursor.h"

namespace taffrail::ingest {

struct AuditDoor::Row {
  std::string line;
  int64_t time_ns = 0;
  ledger::LedgerName ledger;
  std::string missing;   // the questions left open, for an attribute beside the line
  bool changed = false;  // what is stored is not what came
};

AuditDoor::AuditDoor(AuditPolicy policy, ledger::Ledgers& ledgers, ledger::SubjectKeys* subjects,
                     AuditEnricher* enricher, base::Env& env)
    : policy_(std::move(policy)), ledgers_(ledgers), subjects_(subjects), enricher_(enricher), env_(env) {
  rules_.push_back({"audit", BuiltInAuditRule()});
  rules_.insert(rules_.end(), policy_.rules.begin(), policy_.rules.end());
}

bool AuditDoor::Classify(const record::RecordBatch& batch, std::vector<const std::string*>& classes) const {
  bool any = false;
  expr::Selection selection;
  for (const AuditRule& rule : rules_) {
    rule.when->Evaluate(batch, selection);
    if (selection.empty()) continue;
    if (!any) classes.assign(batch.rows(), nullptr);
    any = true;
    for (const uint32_t row : selection) {
      if (classes[row] == nullptr) classes[row] = &rule.ledger_class;
    }
  }
  return any;
}

absl::Status AuditDoor::SealValues(Row& row, std::span<const JsonField> fields) {
  const std::string_view subject = FirstOf(fields, policy_.subject_fields);
  std::vector<Replacement> replacements;
  for (const JsonField& field : fields) {
    if (field.text.empty() || !MatchesPath(field.path, policy_.personal)) continue;
    if (audit::SealedKeyId(field.text)) continue;  // by an agent before us
    // Values of nobody in particular are sealed for "", who can be erased like anyone else.
    TAFFRAIL_ASSIGN_OR_RETURN(const audit::SealKey key, subjects_->KeyOf(subject));
    std::string nonce(audit::kSealNonceBytes, '\0');
    env_.Random(nonce);
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string sealed, audit::Seal(field.text, field.path, key, nonce));
    replacements.push_back({field.begin, field.end, '"' + sealed + '"'});
  }
  if (replacements.empty()) return absl::OkStatus();
  sealed_ += replacements.size();
  row.line = ReplaceIn(row.line, replacements);
  row.changed = true;
  return absl::OkStatus();
}

// Checks a record and makes of it what the ledger and the store shall have.
absl::Status AuditDoor::Prepare(Row& row, size_t number) {
  std::vector<JsonField> fields = JsonFieldsOf(row.line);
  if (!policy_.tenant_field.empty()) {
    const std::string_view tenant = FirstOf(fields, {policy_.tenant_field});
    if (!tenant.empty()) row.ledger.tenant = tenant;
  }
  const std::vector<std::string> missing = MissingAnswers(fields, policy_.required);
  if (!missing.empty() && policy_.incomplete != IncompletePolicy::kAccept) {
    ++incomplete_;
    if (policy_.incomplete == IncompletePolicy::kReject) {
      ++rejected_;
      return absl::InvalidArgumentError(fmt::format(
          "record {} of its batch is an audit record and does not say {}; audit.required says what "
          "is asked of them",
          number, fmt::join(missing, ", ")));
    }
    // Beside the line, which stays as it came.
    row.missing = fmt::format("{}", fmt::join(missing, ", "));
    row.changed = true;
  }
  std::string members;
  if (enricher_ != nullptr && !fields.empty()) members = enricher_->MembersFor(fields, row.time_ns);
  if (!members.empty()) {
    row.line = WithMembers(row.line, members);
    row.changed = true;
    fields = JsonFieldsOf(row.line);  // what was added may be a person's as well
  }
  if (subjects_ == nullptr || policy_.personal.empty()) return absl::OkStatus();
  return SealValues(row, fields);
}

// One append for each ledger, in the order of the batch.
absl::Status AuditDoor::AppendAll(const std::vector<Row>& rows) {
  std::map<ledger::LedgerName, std::vector<std::string_view>> lines;
  for (const Row& row : rows) {
    if (!row.ledger.ledger_class.empty()) lines[row.ledger].push_back(row.line);
  }
  for (const auto& [name, group] : lines) {
    absl::StatusOr<ledger::Ledger*> found = ledgers_.Get(name);
    const absl::Status status = found.ok() ? (*found)->Append(group).status() : found.status();
    if (status.ok()) {
      records_ += group.size();
      continue;
    }
    failures_ += group.size();
    if (policy_.on_failure == FailurePolicy::kKeep) continue;
    const std::string text =
        fmt::format("the audit ledger of tenant {}: {}", name.tenant, std::string(status.message()));
    // Whatever it was, the sender shall come again: the record must not be lost.
    if (absl::IsResourceExhausted(status) || absl::IsInvalidArgument(status)) return {status.code(), text};
    return absl::UnavailableError(text);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<record::RecordBatch>> AuditDoor::Admit(record::RecordBatch batch,
                                                                  std::string_view tenant) {
  std::vector<record::RecordBatch> out;
  std::vector<const std::string*> classes;
  if (!policy_.enabled || !Classify(batch, classes)) {
    out.push_back(std::move(batch));
    return out;
  }
  std::vector<Row> rows(batch.rows());
  bool changed = false;
  record::RowCursor cursor(batch);
  for (size_t i = 0; i < rows.size(); ++i) {
    if (classes[i] == nullptr) continue;
    Row& row = rows[i];
    cursor.MoveTo(i);
    cursor.AppendLine(row.line);
    row.time_ns = batch.timestamp_ns[i];
    row.ledger = {std::string(tenant.empty() ? "default" : tenant), *classes[i]};
    TAFFRAIL_RETURN_IF_ERROR(Prepare(row, i + 1));
    changed = changed || row.changed;
  }
  TAFFRAIL_RETURN_IF_ERROR(AppendAll(rows));
  if (!changed) {
    out.push_back(std::move(batch));
    return out;
  }
  record::BatchBuilder builder;
  record::RowCursor reader(batch);
  for (size_t i = 0; i < rows.size(); ++i) {
    if (builder.Full()) out.push_back(builder.Finish());
    reader.MoveTo(i);
    if (classes[i] == nullptr) reader.AppendLine(rows[i].line);
    std::string attributes;
    reader.AppendAttributes(attributes);
    if (!rows[i].missing.empty()) {
      std::string member = "\"audit_missing\":";
      record::AppendJsonString(rows[i].missing, member);
      attributes = WithMembers(attributes.empty() ? "{}" : attributes, member);
    }
    builder.SetStream(batch.streams[batch.stream_of(i)].labels);
    builder.Append(rows[i].line, batch.timestamp_ns[i], attributes);
  }
  out.push_back(builder.Finish());
  return out;
}

AuditCounts AuditDoor::counts() const { return {records_, incomplete_, rejected_, sealed_, failures_}; }

}  // namespace taffrail::ingest
