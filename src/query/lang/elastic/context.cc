#include "query/lang/elastic/context.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/cord.h"
#include "fmt/format.h"

namespace taffrail::query::lang::elastic {
namespace {

constexpr absl::string_view kTypeUrl = "taffrail/elastic-error-type";

std::string Shown(std::string_view text) {
  constexpr size_t kShownBytes = 100;
  return std::string(text.substr(0, kShownBytes));
}

}  // namespace

absl::Status TypedError(std::string_view type, std::string_view message) {
  absl::Status status = absl::InvalidArgumentError(absl::string_view(message.data(), message.size()));
  status.SetPayload(kTypeUrl, absl::Cord(absl::string_view(type.data(), type.size())));
  return status;
}

std::string TypeOf(const absl::Status& status) {
  if (const auto type = status.GetPayload(kTypeUrl)) return std::string(*type);
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return "illegal_argument_exception";
    case absl::StatusCode::kResourceExhausted:
      return "circuit_breaking_exception";
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
      return "task_cancelled_exception";
    case absl::StatusCode::kNotFound:
      return "resource_not_found_exception";
    default:
      return "exception";
  }
}

absl::Status Context::Error(const Json& at, std::string_view message, std::string_view type) const {
  const std::string_view before = text.substr(0, std::min(at.offset, text.size()));
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const size_t begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return TypedError(type, fmt::format("[{}:{}] {}", lines + 1, before.size() - begin + 1, message));
}

absl::Status Context::CountClause() {
  if (++clauses <= kMaxClauses) return absl::OkStatus();
  return TypedError(
      "too_many_nested_clauses",
      fmt::format("Query contains too many nested clauses; maxClauseCount is set to {}", kMaxClauses));
}

absl::Status CheckMembers(const Context& context, const Json& object, std::string_view what,
                          std::initializer_list<std::string_view> known) {
  if (!object.IsObject()) return context.Error(object, fmt::format("[{}] must be an object", what));
  for (const auto& [name, value] : object.members) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return context.Error(value, fmt::format("[{}] unknown field [{}]", what, Shown(name)),
                         "x_content_parse_exception");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> TextMember(const Context& context, const Json& object, std::string_view name,
                                       std::string_view fallback) {
  const Json* const value = object.Find(name);
  if (value == nullptr || value->IsNull()) return std::string(fallback);
  if (!value->IsScalar()) return context.Error(*value, fmt::format("[{}] must be a text", name));
  return value->ToText();
}

absl::StatusOr<int64_t> ToInteger(const Context& context, const Json& value, std::string_view name) {
  int64_t number = 0;
  const char* const end = value.text.data() + value.text.size();
  const auto [rest, error] = std::from_chars(value.text.data(), end, number);
  const bool is_integer = (value.IsNumber() || value.IsString()) && error == std::errc() && rest == end;
  if (!is_integer) return context.Error(value, fmt::format("[{}] must be an integer", name));
  return number;
}

absl::StatusOr<int64_t> IntegerMember(const Context& context, const Json& object, std::string_view name,
                                      int64_t fallback) {
  const Json* const value = object.Find(name);
  if (value == nullptr || value->IsNull()) return fallback;
  return ToInteger(context, *value, name);
}

absl::StatusOr<double> NumberMember(const Context& context, const Json& object, std::string_view name,
                                    double fallback) {
  const Json* const value = object.Find(name);
  if (value == nullptr || value->IsNull()) return fallback;
  if (value->IsNumber()) return value->number;
  double number = 0;
  const char* const end = value->text.data() + value->text.size();
  const auto [rest, error] = std::from_chars(value->text.data(), end, number);
  if (!value->IsString() || error != std::errc() || rest != end || !(number - number == 0)) {
    return context.Error(*value, fmt::format("[{}] must be a number", name));
  }
  return number;
}

absl::StatusOr<bool> ToBool(const Context& context, const Json& value, std::string_view name) {
  if (value.IsBool()) return value.truth;
  if (value.IsString() && (value.text == "true" || value.text == "false")) return value.text == "true";
  return context.Error(value,
                       fmt::format("Failed to parse value [{}] of [{}]: only [true] or [false] are allowed.",
                                   Shown(value.ToText()), name));
}

absl::StatusOr<bool> BoolMember(const Context& context, const Json& object, std::string_view name,
                                bool fallback) {
  const Json* const value = object.Find(name);
  if (value == nullptr || value->IsNull()) return fallback;
  return ToBool(context, *value, name);
}

absl::StatusOr<std::vector<std::string>> TextsMember(const Context& context, const Json& object,
                                                     std::string_view name) {
  std::vector<std::string> texts;
  const Json* const value = object.Find(name);
  if (value == nullptr || value->IsNull()) return texts;
  if (value->IsString()) {
    texts.push_back(value->text);
    return texts;
  }
  if (!value->IsArray())
    return context.Error(*value, fmt::format("[{}] must be a text or an array of texts", name));
  for (const auto& [unused, each] : value->members) {
    if (!each.IsScalar()) return context.Error(each, fmt::format("[{}] must hold texts", name));
    texts.push_back(each.ToText());
  }
  return texts;
}

}  // namespace taffrail::query::lang::elastic
