// The subcommands of `taffrail audit`, each in a file of its own.
#pragma once

#include "cmd/command.h"

namespace taffrail::cmd {

void AddAuditVerify(Command app, Program& program);
void AddAuditProve(Command app, Program& program);  // prove, check
void AddAuditReport(Command app, Program& program);
void AddAuditBundle(Command app, Program& program);
void AddAuditKey(Command app, Program& program);    // key new|show|rotate
void AddAuditErase(Command app, Program& program);  // erase, hold
void AddAuditPrune(Command app, Program& program);

}  // namespace taffrail::cmd
