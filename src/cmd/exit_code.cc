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

std::string ErrorText(const absl::Status& error) {
  std::string text = "taffrail: ";
  std::string_view message(error.message().data(), error.message().size());
  while (!message.empty()) {
    const size_t end = message.find('\n');
    AppendPrintable(message.substr(0, end), text);
    text += '\n';
    message.remove_prefix(end == std::string_view::npos ? message.size() : end + 1);
  }
  return text;
}

}  // namespace taffrail::cmd
