#include "query/lang/elastic/json.h"

#include <charconv>

#include "expr/syntax_error.h"
#include "fmt/format.h"
#include "record/batch_builder.h"
#include "record/json_scan.h"
#include "record/json_writer.h"

namespace taffrail::query::lang::elastic {
namespace {

class Parser {
 public:
  Parser(std::string_view text, const JsonLimits& limits)
      : text_(text), limits_(limits), at_(text.data()), end_(text.data() + text.size()) {}

  absl::StatusOr<Json> Run() {
    Json json;
    TAFFRAIL_RETURN_IF_ERROR(Value(1, json));
    Skip();
    if (at_ != end_) return Error("unexpected text after the end of the JSON");
    return json;
  }

 private:
  absl::Status Error(std::string_view message) const {
    return expr::SyntaxError(text_, static_cast<size_t>(at_ - text_.data()), message);
  }
  void Skip() { at_ = record::SkipSpace(at_, end_); }

  absl::Status Value(int depth, Json& json) {
    Skip();
    json.offset = static_cast<size_t>(at_ - text_.data());
    if (depth > limits_.depth) return Error(fmt::format("JSON nested deeper than {}", limits_.depth));
    if (++values_ > limits_.values) return Error(fmt::format("more than {} JSON values", limits_.values));
    if (at_ == end_) return Error("unexpected end of the JSON, expected a value");
    switch (*at_) {
      case '{':
        return Members(depth, '}', Json::Kind::kObject, json);
      case '[':
        return Members(depth, ']', Json::Kind::kArray, json);
      case '"':
        json.kind = Json::Kind::kString;
        return String(json.text);
      case 't':
        return Word("true", Json::Kind::kBool, json);
      case 'f':
        return Word("false", Json::Kind::kBool, json);
      case 'n':
        return Word("null", Json::Kind::kNull, json);
      default:
        return Number(json);
    }
  }

  absl::Status Members(int depth, char close, Json::Kind kind, Json& json) {
    json.kind = kind;
    ++at_;
    Skip();
    if (at_ != end_ && *at_ == close) {
      ++at_;
      return absl::OkStatus();
    }
    for (;;) {
      auto& [name, value] = json.members.emplace_back();
      if (kind == Json::Kind::kObject) {
        Skip();
        if (at_ == end_ || *at_ != '"') return Error("expected a field name in quotes");
        TAFFRAIL_RETURN_IF_ERROR(String(name));
        Skip();
        if (at_ == end_ || *at_ != ':') return Error("expected ':' after a field name");
        ++at_;
      }
      TAFFRAIL_RETURN_IF_ERROR(Value(depth + 1, value));
      Skip();
      if (at_ != end_ && *at_ == close) break;
      if (at_ == end_ || *at_ != ',') return Error(fmt::format("expected ',' or '{}'", close));
      ++at_;
    }
    ++at_;
    return absl::OkStatus();
  }

  absl::Status String(std::string& out) {
    record::ScannedValue value;
    const char* const end = record::ScanString(at_ + 1, end_, value);
    if (end == nullptr) return Error("a string that does not end, or holds what JSON does not allow");
    if (value.has_escapes) {
      record::AppendUnescaped(value.text, out);
    } else {
      out = value.text;
    }
    at_ = end;
    return absl::OkStatus();
  }

  absl::Status Word(std::string_view word, Json::Kind kind, Json& json) {
    if (!std::string_view(at_, static_cast<size_t>(end_ - at_)).starts_with(word)) {
      return Error("expected a JSON value");
    }
    at_ += word.size();
    json.kind = kind;
    json.truth = word == "true";
    json.text = word;
    return absl::OkStatus();
  }

  absl::Status Number(Json& json) {
    record::ScannedValue value;
    if (*at_ != '-' && (*at_ < '0' || *at_ > '9')) return Error("expected a JSON value");
    const char* const end = record::ScanNumber(at_, end_, value);
    if (end == nullptr) return Error("expected a JSON number");
    json.kind = Json::Kind::kNumber;
    json.text.assign(at_, static_cast<size_t>(end - at_));
    const auto [rest, error] = std::from_chars(at_, end, json.number);
    if (error != std::errc()) return Error("a number too large");
    at_ = end;
    return absl::OkStatus();
  }

  const std::string_view text_;
  const JsonLimits limits_;
  const char* at_;
  const char* const end_;
  size_t values_ = 0;
};

}  // namespace

Json::Json() = default;
Json::Json(const Json& other) = default;
Json::Json(Json&& other) noexcept = default;
Json& Json::operator=(const Json& other) = default;
Json& Json::operator=(Json&& other) noexcept = default;
Json::~Json() = default;

const Json* Json::Find(std::string_view name) const {
  for (auto member = members.rbegin(); member != members.rend(); ++member) {
    if (member->first == name) return &member->second;
  }
  return nullptr;
}

std::string Json::ToText() const { return kind == Kind::kNull ? "null" : text; }

absl::StatusOr<Json> ParseJson(std::string_view text, const JsonLimits& limits) {
  return Parser(text, limits).Run();
}

void AppendJson(const Json& json, std::string& out) {
  switch (json.kind) {
    case Json::Kind::kString:
      return record::AppendJsonString(json.text, out);
    case Json::Kind::kNull:
      out += "null";
      return;
    case Json::Kind::kBool:
    case Json::Kind::kNumber:
      out += json.text;
      return;
    default:
      break;
  }
  out += json.IsArray() ? '[' : '{';
  const char* comma = "";
  for (const auto& [name, value] : json.members) {
    out += comma;
    comma = ",";
    if (json.IsObject()) {
      record::AppendJsonString(name, out);
      out += ':';
    }
    AppendJson(value, out);
  }
  out += json.IsArray() ? ']' : '}';
}

}  // namespace taffrail::query::lang::elastic
