// Audit records as reports see them: the answers of each record, and which records are meant.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"
#include "cmd/audit_ledger.h"
#include "cmd/command_line.h"
#include "ledger/subject_keys.h"

namespace taffrail::cmd {

struct AuditRow {
  uint64_t index = 0;
  int64_t time_ns = 0;  // 0: the record has none
  std::string user;
  std::string provider;
  std::string event;
  std::string resource;
  std::string address;
  std::string outcome;  // "success", "failure", or as the record has it
  std::string line;     // as stored
};

struct RowFilter {
  std::string user;
  std::string provider;
  std::string event;
  std::string only = "all";  // failed-logins, permission-changes
  std::string from;
  std::string to;
};

void AddRowOptions(Command command, RowFilter& filter);

// The rows of a ledger that the filter lets through. Sealed values are opened with `subjects`, where it is
// not null; those whose key is gone read "[erased]".
absl::StatusOr<std::vector<AuditRow>> ReadRows(LedgerPlace& place, uint64_t first, uint64_t size,
                                               const RowFilter& filter, int64_t now_ns,
                                               ledger::SubjectKeys* subjects);

bool IsFailedLogin(const AuditRow& row);
bool IsPermissionChange(const AuditRow& row);

// A report over rows that were read, with what verification said. Text in HTML is escaped.
struct AuditReport {
  std::string origin;
  uint64_t size = 0;
  bool verified = false;
  std::string verdict;  // one sentence
  std::string made_at;
  std::string period;
  std::vector<AuditRow> rows;
};
std::string ReportHtml(const AuditReport& report);
std::string ReportCsv(const AuditReport& report);
std::string ReportJson(const AuditReport& report);

}  // namespace taffrail::cmd
