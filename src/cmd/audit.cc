// `taffrail audit …`: looks after the audit ledgers, and lets others check them.

#include "cmd/audit_commands.h"

namespace taffrail::cmd {

void AddAudit(Command app, Program& program) {
  const Command audit =
      AddCommand(app, program,
                 {"Keep", "audit", "Verify audit ledgers, prove records, report on them",
                  "  taffrail audit verify ./logs\n"
                  "  taffrail audit report ./logs --only failed-logins --format html --out report.html\n"
                  "  taffrail audit prove ./logs --index 17 --out record-17.tlog-proof"},
                 nullptr);
  audit.RequireSubcommand();
  for (const auto add : {AddAuditVerify, AddAuditProve, AddAuditReport, AddAuditBundle, AddAuditKey,
                         AddAuditErase, AddAuditPrune}) {
    add(audit, program);
  }
}

}  // namespace taffrail::cmd
