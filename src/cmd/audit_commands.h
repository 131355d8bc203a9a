// The subcommands of `taffrail audit`, each in a file of its own.
#pragma once

#include "cmd/command.h"

namespace taffrail::cmd {

void AddAuditVerify(CLI::App& app, Program& program);
void AddAuditProve(CLI::App& app, Program& program);  // prove, check
void AddAuditReport(CLI::App& app, Program& program);
void AddAuditBundle(CLI::App& app, Program& program);
void AddAuditKey(CLI::App& app, Program& program);    // key new|show|rotate
void AddAuditErase(CLI::App& app, Program& program);  // erase, hold
void AddAuditPrune(CLI::App& app, Program& program);

}  // namespace taffrail::cmd
