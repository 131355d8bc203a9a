#include <simdjson.h>

#include <charconv>
#include <optional>

#include "taffrail/testing.h"

namespace taffrail {
namespace {

using simdjson::dom::element;

// The whole path as one key first, then its parts.
std::optional<element> Find(element in, std::string_view path) {
  element found;
  if (in.is_array()) {
    const size_t dot = std::min(path.find('.'), path.size());
    size_t index = 0;
    const auto [end, error] = std::from_chars(path.data(), path.data() + dot, index);
    if (error != std::errc() || end != path.data() + dot) return std::nullopt;
    if (in.get_array().at(index).get(found) != simdjson::SUCCESS) return std::nullopt;
    return dot == path.size() ? std::optional(found) : Find(found, path.substr(dot + 1));
  }
  if (!in.is_object()) return std::nullopt;
  if (in.at_key(path).get(found) == simdjson::SUCCESS) return found;
  for (size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
    if (in.at_key(path.substr(0, dot)).get(found) != simdjson::SUCCESS) continue;
    if (const auto below = Find(found, path.substr(dot + 1))) return below;
  }
  return std::nullopt;
}

struct IsEqual {
  element found;

  bool operator()(const ExpectedField::Anything&) const { return true; }
  bool operator()(std::nullptr_t) const { return found.is_null(); }
  bool operator()(bool expected) const { return found.is_bool() && bool(found) == expected; }
  bool operator()(int64_t expected) const {
    return found.is_int64() ? int64_t(found) == expected : (*this)(static_cast<double>(expected));
  }
  bool operator()(double expected) const { return found.is_number() && double(found) == expected; }
  bool operator()(const std::string& expected) const {
    return found.is_string() && std::string_view(found) == expected;
  }
};

struct Show {
  std::string operator()(const ExpectedField::Anything&) const { return "anything"; }
  std::string operator()(std::nullptr_t) const { return "null"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return std::to_string(value); }
  std::string operator()(const std::string& value) const { return '"' + value + '"'; }
};

// How many of the fields the line has; what differs is told.
size_t Compare(element line, ExpectedFields fields, std::string& differences) {
  size_t equal = 0;
  for (const ExpectedField& field : fields) {
    const auto found = Find(line, field.path);
    if (found && std::visit(IsEqual{*found}, field.value)) {
      ++equal;
      continue;
    }
    differences.append("  ").append(field.path).append(" is ");
    differences.append(found ? simdjson::minify(*found) : "absent").append(", expected ");
    differences.append(std::visit(Show{}, field.value)).append("\n");
  }
  return equal;
}

}  // namespace

std::vector<std::string> CaptureSink::find(ExpectedFields fields) const {
  std::vector<std::string> found;
  simdjson::dom::parser parser;
  for (std::string& line : lines()) {
    element json;
    std::string differences;
    if (parser.parse(line).get(json) == simdjson::SUCCESS &&
        Compare(json, fields, differences) == fields.size())
      found.push_back(std::move(line));
  }
  return found;
}

std::string CaptureSink::missing(ExpectedFields fields) const {
  std::string best = "nothing was logged";
  std::optional<size_t> most;
  simdjson::dom::parser parser;
  for (const std::string& line : lines()) {
    element json;
    std::string differences;
    if (parser.parse(line).get(json) != simdjson::SUCCESS) {
      if (!most) best = "not JSON: " + line;
      continue;
    }
    const size_t equal = Compare(json, fields, differences);
    if (equal == fields.size()) return "";
    if (most && *most >= equal) continue;
    most = equal;
    best = "no such line; the closest is " + line + "\n" + differences;
  }
  return best;
}

}  // namespace taffrail
