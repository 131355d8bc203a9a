#include "cmd/sse.h"

#include <fmt/format.h>

namespace taffrail::cmd {

absl::StatusOr<bool> SseParser::Feed(std::string_view piece, const OnEvent& on_event) {
  if (after_cr_ && !piece.empty()) {
    if (piece[0] == '\n') piece.remove_prefix(1);
    after_cr_ = false;
  }
  while (!piece.empty()) {
    const size_t end = piece.find_first_of("\r\n");
    const size_t size = end == std::string_view::npos ? piece.size() : end;
    if (line_.size() + event_.data.size() + size > kMaxEventBytes) {
      return absl::ResourceExhaustedError(fmt::format("an event of more than {} bytes", kMaxEventBytes));
    }
    line_ += piece.substr(0, size);
    if (end == std::string_view::npos) return true;
    const bool carriage_return = piece[end] == '\r';
    piece.remove_prefix(end + 1);
    if (carriage_return && piece.empty()) {
      after_cr_ = true;
    } else if (carriage_return && piece[0] == '\n') {
      piece.remove_prefix(1);
    }
    const bool more = TakeLine(line_, on_event);
    line_.clear();
    if (!more) return false;
  }
  return true;
}

bool SseParser::TakeLine(std::string_view line, const OnEvent& on_event) {
  if (line.empty()) {  // the end of an event
    const bool dispatch = has_data_;
    const bool more = !dispatch || on_event(event_);
    event_.data.clear();
    event_.name = "message";
    has_data_ = false;
    return more;
  }
  const size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);  // empty: a comment, which keeps connections alive
  std::string_view value = colon == std::string_view::npos ? std::string_view{} : line.substr(colon + 1);
  if (!value.empty() && value[0] == ' ') value.remove_prefix(1);
  if (field == "data") {
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
  } else if (field == "event") {
    event_.name = value.empty() ? "message" : std::string(value);
  } else if (field == "id" && value.find('\0') == std::string_view::npos) {
    event_.id = value;
  }
  return true;
}

}  // namespace taffrail::cmd
