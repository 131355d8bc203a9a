#include "cmd/exit_code.h"

#include "cmd/printable.h"

namespace taffrail::cmd {

ExitCode ExitCodeOf(const absl::Status& error) {
  switch (error.code()) {
    case absl::StatusCode::kOk:
      return ExitCode::kDone;
    case absl::StatusCode::kInvalidArgument:
      return ExitCode::kUsage;
    case absl::StatusCode::kDataLoss:
      return ExitCode::kDamaged;
    default:
      return ExitCode::kUnreachable;
  }
}

std::string ErrorLine(const absl::Status& error) {
  std::string line = "taffrail: ";
  AppendPrintable(std::string_view(error.message().data(), error.message().size()), line);
  line += '\n';
  return line;
}

}  // namespace taffrail::cmd
