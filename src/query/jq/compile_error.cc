#include "query/jq/compile_error.h"

#include <charconv>
#include <string>

#include "fmt/format.h"

namespace taffrail::query::jq {
namespace {

bool Remove(std::string& text, std::string_view part) {
  const size_t at = text.find(part);
  if (at == std::string::npos) return false;
  text.erase(at, part.size());
  return true;
}

bool IsNameByte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
}

std::string_view LineOf(std::string_view program, size_t number) {
  for (; number > 1; --number) {
    const size_t end = program.find('\n');
    if (end == std::string_view::npos) return {};
    program.remove_prefix(end + 1);
  }
  return program.substr(0, program.find('\n'));
}

// Where the name stands as a whole word, from 1 on; 0: nowhere.
size_t ColumnOf(std::string_view line, std::string_view name) {
  for (size_t at = line.find(name); at != std::string_view::npos; at = line.find(name, at + 1)) {
    const size_t end = at + name.size();
    const bool begins = at == 0 || (!IsNameByte(line[at - 1]) && line[at - 1] != '.');
    if (begins && (end == line.size() || !IsNameByte(line[end]))) return at + 1;
  }
  return 0;
}

}  // namespace

absl::Status CompileError(std::string_view program, std::string_view said) {
  std::string message(said.substr(0, said.find('\n')));
  Remove(message, "jq: error: ");
  Remove(message, " (Unix shell quoting issues?)");
  constexpr std::string_view kPlace = " at <top-level>, line ";
  const size_t place = message.find(kPlace);
  if (place == std::string::npos) return absl::InvalidArgumentError(fmt::format("jq: {}", message));
  size_t line = 0;
  const char* const digits = message.data() + place + kPlace.size();
  std::from_chars(digits, message.data() + message.size(), line);
  message.resize(place);
  const size_t name_end = message.find(" is not defined");
  const std::string_view name = std::string_view(message).substr(0, message.find_first_of("/ "));
  const size_t column = name_end == std::string::npos ? 0 : ColumnOf(LineOf(program, line), name);
  if (column == 0) return absl::InvalidArgumentError(fmt::format("jq: {}, in line {}", message, line));
  return absl::InvalidArgumentError(fmt::format("jq: {}, at line {}, column {}", message, line, column));
}

}  // namespace taffrail::query::jq
