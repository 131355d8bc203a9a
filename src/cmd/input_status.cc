#include "cmd/input_status.h"

#include <fmt/format.h>

#include <string_view>

namespace taffrail::cmd {

absl::Status CannotOpen(const std::string& path, const absl::Status& error) {
  const std::string_view text(error.message().data(), error.message().size());
  const bool named = text.find(path) != std::string_view::npos;
  const std::string message = named ? std::string(text) : fmt::format("{}: {}", path, text);
  return absl::IsInvalidArgument(error) ? absl::FailedPreconditionError(message)
                                        : absl::Status(error.code(), message);
}

absl::Status CannotRead(const absl::Status& error) {
  if (!absl::IsInvalidArgument(error) && !absl::IsDataLoss(error)) return error;
  const std::string_view text(error.message().data(), error.message().size());
  return absl::DataLossError(fmt::format("{}; the lines before that were taken", text));
}

}  // namespace taffrail::cmd
