// `taffrail audit …`: looks after the audit ledgers, and lets others check them.
#include <CLI/CLI.hpp>

#include "cmd/audit_commands.h"

namespace taffrail::cmd {

void AddAudit(CLI::App& app, Program& program) {
  CLI::App* audit =
      AddCommand(app, program,
                 {"Keep", "audit", "Verify audit ledgers, prove records, report on them",
                  "  taffrail audit verify ./logs\n"
                  "  taffrail audit report ./logs --only failed-logins --format html --out report.html\n"
                  "  taffrail audit prove ./logs --index 17 --out record-17.tlog-proof"},
                 nullptr);
  audit->require_subcommand(1);
  for (const auto add : {AddAuditVerify, AddAuditProve, AddAuditReport, AddAuditBundle, AddAuditKey,
                         AddAuditErase, AddAuditPrune}) {
    add(*audit, program);
  }
}

}  // namespace taffrail::cmd
