#include "query/exec/functions.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "base/calendar.h"
#include "base/duration.h"
#include "base/network.h"
#include "base/time_text.h"
#include "expr/number.h"
#include "expr/units.h"
#include "fmt/format.h"
#include "query/exec/calendar_bucket.h"
#include "query/exec/line_functions.h"
#include "query/parse/json.h"
#include "query/plan/record_id.h"

namespace taffrail::query::exec {
namespace {

using expr::Null;
using expr::Value;
using Arguments = std::span<const Value>;

bool IsNothing(const Value& value) {
  return std::holds_alternative<expr::Missing>(value) || std::holds_alternative<Null>(value);
}

bool Truth(const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  double number = 0;
  if (expr::ToNumber(value, number)) return number != 0;
  return !IsNothing(value) && !expr::ToText(value).empty();
}

Value Number(double number) {
  // Whole numbers stay integers while a double says them exactly.
  if (std::floor(number) == number && std::abs(number) < 9007199254740992.0)
    return static_cast<int64_t>(number);
  return expr::MakeNumber(number);
}

template <double (*kFunction)(double)>
Value OfNumber(Arguments a) {
  double number = 0;
  return expr::ToNumber(a[0], number) ? Number(kFunction(number)) : Value(Null{});
}

template <double (*kFunction)(double, double)>
Value OfNumbers(Arguments a) {
  double x = 0;
  double y = 0;
  if (!expr::ToNumber(a[0], x) || !expr::ToNumber(a[1], y)) return Null{};
  const double result = kFunction(x, y);
  return std::isfinite(result) ? Number(result) : Value(Null{});
}

double Add(double x, double y) { return x + y; }
double Subtract(double x, double y) { return x - y; }
double Multiply(double x, double y) { return x * y; }
double Divide(double x, double y) { return x / y; }
double Modulo(double x, double y) { return std::fmod(x, y); }
double Power(double x, double y) { return std::pow(x, y); }
double Negate(double x) { return -x; }
double Abs(double x) { return std::abs(x); }
double Ceil(double x) { return std::ceil(x); }
double Floor(double x) { return std::floor(x); }
double Round(double x) { return std::round(x); }
double Sqrt(double x) { return std::sqrt(x); }
double Log(double x) { return std::log(x); }
double Exp(double x) { return std::exp(x); }

template <bool kGreatest>
Value Extreme(Arguments a) {
  Value best = Null{};
  for (const Value& value : a) {
    if (IsNothing(value)) continue;
    const int order = IsNothing(best) ? 0 : expr::CompareValues(value, best);
    if (IsNothing(best) || (kGreatest ? order > 0 : order < 0)) best = value;
  }
  return best;
}

// Numbers by value, also when they stand in texts; else texts.
int Compare(const Value& a, const Value& b) {
  double x = 0;
  double y = 0;
  if (expr::ToNumber(a, x) && expr::ToNumber(b, y)) return x < y ? -1 : x > y ? 1 : 0;
  return expr::ToText(a).compare(expr::ToText(b));
}

enum class Test : uint8_t { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual };

template <Test kTest>
Value Compared(Arguments a) {
  if (IsNothing(a[0]) || IsNothing(a[1])) {
    const bool same = IsNothing(a[0]) && IsNothing(a[1]);
    return kTest == Test::kEqual ? same : kTest == Test::kNotEqual && !same;
  }
  const int order = Compare(a[0], a[1]);
  switch (kTest) {
    case Test::kEqual:
      return order == 0;
    case Test::kNotEqual:
      return order != 0;
    case Test::kLess:
      return order < 0;
    case Test::kLessEqual:
      return order <= 0;
    case Test::kGreater:
      return order > 0;
    case Test::kGreaterEqual:
      return order >= 0;
  }
  return Null{};
}

Value OneOf(Arguments a) {
  return std::any_of(a.begin() + 1, a.end(), [&a](const Value& each) {
    const Value pair[] = {a[0], each};
    return Truth(Compared<Test::kEqual>(pair));
  });
}
Value And(Arguments a) { return std::all_of(a.begin(), a.end(), Truth); }
Value Or(Arguments a) { return std::any_of(a.begin(), a.end(), Truth); }
Value Not(Arguments a) { return !Truth(a[0]); }
Value If(Arguments a) { return Truth(a[0]) ? a[1] : a[2]; }
Value Coalesce(Arguments a) {
  const auto found = std::find_if_not(a.begin(), a.end(), IsNothing);
  return found == a.end() ? Value(Null{}) : *found;
}
Value IsPresent(Arguments a) { return !IsNothing(a[0]); }
Value IsEmpty(Arguments a) { return expr::ToText(a[0]).empty(); }
Value IsBlank(Arguments a) { return expr::ToText(a[0]).find_first_not_of(" \t\r\n") == std::string::npos; }

Value Concat(Arguments a) {
  std::string out;
  for (const Value& value : a) out += expr::ToText(value);
  return out;
}
template <int (*kMap)(int)>
Value MapCase(Arguments a) {
  if (IsNothing(a[0])) return Null{};
  std::string text = expr::ToText(a[0]);
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x80) c = static_cast<char>(kMap(c));
  }
  return text;
}
int ToLower(int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }
int ToUpper(int c) { return c >= 'a' && c <= 'z' ? c - 32 : c; }

template <bool kLeft, bool kRight>
Value Trim(Arguments a) {
  if (IsNothing(a[0])) return Null{};
  const std::string set = a.size() > 1 ? expr::ToText(a[1]) : " \t\r\n";
  const std::string text = expr::ToText(a[0]);
  const size_t begin = kLeft ? text.find_first_not_of(set) : 0;
  if (begin == std::string::npos) return std::string();
  const size_t end = kRight ? text.find_last_not_of(set) + 1 : text.size();
  return end > begin ? text.substr(begin, end - begin) : std::string();
}
Value Length(Arguments a) {
  if (IsNothing(a[0])) return Null{};
  const std::string text = expr::ToText(a[0]);
  return static_cast<int64_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}
// Counted in characters, as strlen has it.
size_t OffsetOf(std::string_view text, double characters) {
  size_t at = 0;
  for (double left = characters; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) continue;
    if (left < 1) break;
    left -= 1;
  }
  return at;
}
Value Substring(Arguments a) {
  if (IsNothing(a[0])) return Null{};
  const std::string text = expr::ToText(a[0]);
  double from = 0;
  double length = static_cast<double>(text.size());
  if (!expr::ToNumber(a[1], from) || (a.size() > 2 && !expr::ToNumber(a[2], length))) return Null{};
  if (!(from >= 0) || !(length > 0)) return std::string();
  const std::string rest = text.substr(OffsetOf(text, from));
  return rest.substr(0, OffsetOf(rest, length));
}
Value Replace(Arguments a) {
  if (IsNothing(a[0])) return Null{};
  const std::string text = expr::ToText(a[0]);
  const std::string from = expr::ToText(a[1]);
  const std::string to = expr::ToText(a[2]);
  if (from.empty()) return text;
  std::string out;
  size_t at = 0;
  for (size_t found = text.find(from); found != std::string::npos; found = text.find(from, at)) {
    out.append(text, at, found - at).append(to);
    at = found + from.size();
    if (out.size() > (size_t{16} << 20)) return Null{};  // far above any line
  }
  return out.append(text, at);
}
Value Contains(Arguments a) { return expr::ToText(a[0]).find(expr::ToText(a[1])) != std::string::npos; }
Value StartsWith(Arguments a) { return expr::ToText(a[0]).starts_with(expr::ToText(a[1])); }
Value EndsWith(Arguments a) { return expr::ToText(a[0]).ends_with(expr::ToText(a[1])); }
Value ToTextOf(Arguments a) { return expr::ToText(a[0]); }
Value ToNumberOf(Arguments a) {
  double number = 0;
  return expr::ToNumber(a[0], number) ? Number(number) : Value(Null{});
}
Value DurationSeconds(Arguments a) {
  double duration_ns = 0;
  return expr::ParseDuration(expr::ToText(a[0]), duration_ns) ? Number(duration_ns / 1e9) : Value(Null{});
}
Value Bytes(Arguments a) {
  double size_bytes = 0;
  return expr::ParseByteSize(expr::ToText(a[0]), size_bytes) ? Number(size_bytes) : Value(Null{});
}

Value IsIp(Arguments a) { return base::ParseAddress(expr::ToText(a[0])).has_value(); }
Value IsIpV4(Arguments a) { return Truth(IsIp(a)) && expr::ToText(a[0]).find(':') == std::string::npos; }
Value IsIpV6(Arguments a) { return Truth(IsIp(a)) && expr::ToText(a[0]).find(':') != std::string::npos; }

// "3mo": of the calendar, in UTC, counted from January 1970.
std::optional<int64_t> MonthsOf(const std::string& text) {
  int64_t months = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, months);
  constexpr int64_t kMost = 12 * 10'000;
  if (read.ec != std::errc() || std::string_view(read.ptr, end) != "mo" || months < 1 || months > kMost) {
    return std::nullopt;
  }
  return months;
}
template <bool kEnd>
Value Bucket(Arguments a) {
  const auto* time_ns = std::get_if<int64_t>(&a[0]);
  const std::string text = expr::ToText(a[1]);
  if (time_ns == nullptr) return Null{};
  if (const auto months = MonthsOf(text)) {
    const base::Interval interval{.unit = base::Interval::Unit::kMonth, .months = *months};
    const int64_t start_ns = base::IntervalStart(*time_ns, interval);
    return kEnd && start_ns != *time_ns ? base::NextInterval(start_ns, interval) : start_ns;
  }
  const auto width_ns = base::ParseDuration(text);
  if (!width_ns || *width_ns <= 0) return Null{};
  const int64_t rest = *time_ns % *width_ns;
  const int64_t after_ns = rest < 0 ? rest + *width_ns : rest;
  int64_t start_ns = 0;
  if (__builtin_sub_overflow(*time_ns, after_ns, &start_ns)) return Null{};
  if (!kEnd || after_ns == 0) return start_ns;
  return __builtin_add_overflow(start_ns, *width_ns, &start_ns) ? Value(Null{}) : start_ns;
}
Value ToTime(Arguments a) {
  if (std::holds_alternative<int64_t>(a[0])) return a[0];
  const auto* text = std::get_if<std::string>(&a[0]);
  const auto time_ns = text != nullptr ? base::ParseTimestamp(*text) : std::nullopt;
  return time_ns ? Value(*time_ns) : Null{};
}
Value TimeText(Arguments a) {
  const auto* time_ns = std::get_if<int64_t>(&a[0]);
  if (time_ns == nullptr) return Null{};
  double digits = *time_ns % 1'000'000'000 == 0 ? 0 : 9;
  if (a.size() > 1 && (!expr::ToNumber(a[1], digits) || !(digits >= 0 && digits <= 9))) return Null{};
  return base::FormatRfc3339(*time_ns, static_cast<int>(digits));
}
Value ToMillis(Arguments a) {
  const auto* time_ns = std::get_if<int64_t>(&a[0]);
  return time_ns != nullptr ? Value(*time_ns / 1'000'000) : Null{};
}
Value FromMillis(Arguments a) {
  double millis = 0;
  if (!expr::ToNumber(a[0], millis) || std::abs(millis) > 9.2e12) return Null{};
  return static_cast<int64_t>(millis) * 1'000'000;
}

Value RecordId(Arguments a) {
  const auto* const time_ns = std::get_if<int64_t>(&a[0]);
  const auto* const sequence = std::get_if<int64_t>(&a[1]);
  if (time_ns == nullptr || sequence == nullptr) return Null{};
  return plan::MakeRecordId(*time_ns, static_cast<uint64_t>(*sequence));
}

Value JsonParse(Arguments a) {
  const std::string text = expr::ToText(a[0]);
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return Null{};
  const size_t end = text.find_last_not_of(" \t\r\n") + 1;
  const std::string_view json(text.data() + begin, end - begin);
  double number = 0;
  const bool is_word = json == "true" || json == "false";
  return parse::IsJson(json) || expr::ParseNumber(json, number) || is_word ? expr::ParseJsonValue(json)
                                                                           : Value(Null{});
}
Value JsonText(Arguments a) {
  if (IsNothing(a[0])) return Null{};
  std::string json;
  expr::AppendJson(a[0], json);
  return json;
}

struct Function {
  std::string_view name;
  size_t min_arguments;
  size_t max_arguments;
  Value (*body)(Arguments);
};

constexpr size_t kMany = 64;
constexpr size_t kLongList = 1'000'000;  // as long as a query may be

constexpr Function kFunctions[] = {
    {"add", 2, 2, OfNumbers<Add>},
    {"sub", 2, 2, OfNumbers<Subtract>},
    {"mul", 2, 2, OfNumbers<Multiply>},
    {"div", 2, 2, OfNumbers<Divide>},
    {"mod", 2, 2, OfNumbers<Modulo>},
    {"pow", 2, 2, OfNumbers<Power>},
    {"neg", 1, 1, OfNumber<Negate>},
    {"abs", 1, 1, OfNumber<Abs>},
    {"ceil", 1, 1, OfNumber<Ceil>},
    {"floor", 1, 1, OfNumber<Floor>},
    {"round", 1, 1, OfNumber<Round>},
    {"sqrt", 1, 1, OfNumber<Sqrt>},
    {"log", 1, 1, OfNumber<Log>},
    {"exp", 1, 1, OfNumber<Exp>},
    {"greatest", 1, kMany, Extreme<true>},
    {"least", 1, kMany, Extreme<false>},
    {"eq", 2, 2, Compared<Test::kEqual>},
    {"ne", 2, 2, Compared<Test::kNotEqual>},
    {"lt", 2, 2, Compared<Test::kLess>},
    {"le", 2, 2, Compared<Test::kLessEqual>},
    {"gt", 2, 2, Compared<Test::kGreater>},
    {"ge", 2, 2, Compared<Test::kGreaterEqual>},
    {"and", 1, kMany, And},
    {"or", 1, kMany, Or},
    {"not", 1, 1, Not},
    {"if", 3, 3, If},
    {"coalesce", 1, kMany, Coalesce},
    {"is_present", 1, 1, IsPresent},
    {"is_empty", 1, 1, IsEmpty},
    {"is_blank", 1, 1, IsBlank},
    {"concat", 1, kMany, Concat},
    {"lower", 1, 1, MapCase<ToLower>},
    {"upper", 1, 1, MapCase<ToUpper>},
    {"trim", 1, 2, Trim<true, true>},
    {"ltrim", 1, 2, Trim<true, false>},
    {"rtrim", 1, 2, Trim<false, true>},
    {"strlen", 1, 1, Length},
    {"substr", 2, 3, Substring},
    {"replace", 3, 3, Replace},
    {"one_of", 2, kLongList, OneOf},
    {"contains", 2, 2, Contains},
    {"starts_with", 2, 2, StartsWith},
    {"ends_with", 2, 2, EndsWith},
    {"to_text", 1, 1, ToTextOf},
    {"to_number", 1, 1, ToNumberOf},
    {"duration_seconds", 1, 1, DurationSeconds},
    {"bytes", 1, 1, Bytes},
    {"is_ip", 1, 1, IsIp},
    {"is_ipv4", 1, 1, IsIpV4},
    {"is_ipv6", 1, 1, IsIpV6},
    {"bucket", 2, 2, Bucket<false>},
    {"bucket_end", 2, 2, Bucket<true>},
    {"to_time", 1, 1, ToTime},
    {"json_parse", 1, 1, JsonParse},
    {"json_text", 1, 1, JsonText},
    {"pattern", 1, 1, [](Arguments a) -> Value { return PatternOf(expr::ToText(a[0])); }},
    {"time_text", 1, 2, TimeText},
    {"to_millis", 1, 1, ToMillis},
    {"from_millis", 1, 1, FromMillis},
    {"record_id", 2, 2, RecordId},
};

class Constant final : public Evaluator {
 public:
  explicit Constant(Value value) : value_(std::move(value)) {}
  absl::StatusOr<Value> Evaluate(const Entry&) const override { return value_; }

 private:
  const Value value_;
};

class Field final : public Evaluator {
 public:
  explicit Field(EntryReader reader) : reader_(std::move(reader)) {}
  absl::StatusOr<Value> Evaluate(const Entry& entry) const override { return reader_.Read(entry); }

 private:
  const EntryReader reader_;
};

using Evaluators = std::vector<std::unique_ptr<Evaluator>>;

class Call final : public Evaluator {
 public:
  Call(const Function& function, Evaluators arguments)
      : function_(function), arguments_(std::move(arguments)) {}
  absl::StatusOr<Value> Evaluate(const Entry& entry) const override {
    std::vector<Value> values;
    values.reserve(arguments_.size());
    for (const auto& argument : arguments_) {
      TAFFRAIL_ASSIGN_OR_RETURN(Value value, argument->Evaluate(entry));
      values.push_back(std::move(value));
    }
    return function_.body(values);
  }

 private:
  const Function& function_;
  const Evaluators arguments_;
};

// matches(text, "regex") and extract(text, "regex"): the first group, or all that was found.
class RegexCall final : public Evaluator {
 public:
  RegexCall(bool extracts, const std::string& pattern, std::unique_ptr<Evaluator> text)
      : extracts_(extracts), regex_(pattern, Options()), text_(std::move(text)) {}
  bool ok() const { return regex_.ok(); }
  std::string error() const { return regex_.error(); }
  absl::StatusOr<Value> Evaluate(const Entry& entry) const override {
    TAFFRAIL_ASSIGN_OR_RETURN(const Value value, text_->Evaluate(entry));
    const std::string text = expr::ToText(value);
    re2::StringPiece groups[2];
    const int wanted = std::min(2, regex_.NumberOfCapturingGroups() + 1);
    const bool found =
        !IsNothing(value) && regex_.Match(text, 0, text.size(), RE2::UNANCHORED, groups, wanted);
    if (!extracts_) return found;
    if (!found) return Null{};
    const re2::StringPiece& group = groups[wanted - 1];
    return std::string(group.data(), group.size());
  }

 private:
  static RE2::Options Options() {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(8 << 20);
    return options;
  }
  const bool extracts_;
  const RE2 regex_;
  const std::unique_ptr<Evaluator> text_;
};

// json_get(value, "path")
class JsonCall final : public Evaluator {
 public:
  JsonCall(parse::JsonPath path, std::unique_ptr<Evaluator> value)
      : path_(std::move(path)), value_(std::move(value)) {}
  absl::StatusOr<Value> Evaluate(const Entry& entry) const override {
    TAFFRAIL_ASSIGN_OR_RETURN(const Value value, value_->Evaluate(entry));
    const std::string json = expr::ToText(value);
    std::string found;
    parse::FieldType type = parse::FieldType::kText;
    if (!parse::IsJson(json) || !path_.Find(json, found, type)) return Null{};
    return type == parse::FieldType::kText ? Value(std::move(found)) : expr::ParseJsonValue(found);
  }

 private:
  const parse::JsonPath path_;
  const std::unique_ptr<Evaluator> value_;
};

// in_network(address, "network") and finds_address(text, "network"): any address that stands in the text.
class NetworkCall final : public Evaluator {
 public:
  NetworkCall(bool finds, base::Network network, std::unique_ptr<Evaluator> text)
      : finds_(finds), network_(network), text_(std::move(text)) {}
  absl::StatusOr<Value> Evaluate(const Entry& entry) const override {
    TAFFRAIL_ASSIGN_OR_RETURN(const Value value, text_->Evaluate(entry));
    const std::string text = expr::ToText(value);
    return finds_ ? Finds(text) : network_.Contains(text);
  }

 private:
  static constexpr std::string_view kOfAddresses = "0123456789abcdefABCDEF:.";

  bool Finds(std::string_view text) const {
    while (true) {
      const size_t begin = text.find_first_of(kOfAddresses);
      if (begin == std::string_view::npos) return false;
      const size_t end = std::min(text.find_first_not_of(kOfAddresses, begin), text.size());
      if (HasAddress(text.substr(begin, end - begin))) return true;
      text.remove_prefix(end);
    }
  }

  // The word itself, or what stands before a port or at the end of a sentence.
  bool HasAddress(std::string_view word) const {
    constexpr size_t kMinBytes = 2;   // "::"
    constexpr size_t kMaxBytes = 64;  // an address and its port
    if (word.size() < kMinBytes || word.size() > kMaxBytes) return false;
    if (network_.Contains(word)) return true;
    const size_t point = word.find('.');
    const size_t port = point == std::string_view::npos ? point : word.find(':', point);
    if (port != std::string_view::npos) return network_.Contains(word.substr(0, port));
    return (word.back() == '.' || word.back() == ':') && network_.Contains(word.substr(0, word.size() - 1));
  }

  const bool finds_;
  const base::Network network_;
  const std::unique_ptr<Evaluator> text_;
};

absl::StatusOr<std::string> TextArgument(const plan::Scalar& scalar, size_t index) {
  const auto* text = index < scalar.arguments.size()
                         ? std::get_if<std::string>(&scalar.arguments[index]->constant)
                         : nullptr;
  if (text != nullptr && scalar.arguments[index]->kind == plan::Scalar::Kind::kConstant) return *text;
  return absl::InvalidArgumentError(
      fmt::format("argument {} of {} must be a text in quotes", index + 1, scalar.function));
}

absl::StatusOr<std::unique_ptr<Evaluator>> CompileSpecial(const plan::Scalar& scalar, Evaluators& arguments) {
  if (scalar.arguments.size() != 2) {
    return absl::InvalidArgumentError(fmt::format("{} takes two arguments", scalar.function));
  }
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string text, TextArgument(scalar, 1));
  if (scalar.function == "in_network" || scalar.function == "finds_address") {
    const auto network = base::Network::ParseRange(text);
    if (!network) return absl::InvalidArgumentError(fmt::format("\"{}\" is no network", text));
    return std::make_unique<NetworkCall>(scalar.function == "finds_address", *network,
                                         std::move(arguments[0]));
  }
  if (scalar.function == "json_get") {
    TAFFRAIL_ASSIGN_OR_RETURN(parse::JsonPath path, parse::JsonPath::Parse(text));
    return std::make_unique<JsonCall>(std::move(path), std::move(arguments[0]));
  }
  auto call = std::make_unique<RegexCall>(scalar.function == "extract", text, std::move(arguments[0]));
  if (!call->ok())
    return absl::InvalidArgumentError(fmt::format("bad regular expression \"{}\": {}", text, call->error()));
  return call;
}

// calendar_bucket(time, "month" or "90m", "Europe/Berlin", "6h")
absl::StatusOr<std::unique_ptr<Evaluator>> CompileCalendar(const plan::Scalar& scalar,
                                                           Evaluators& arguments) {
  if (scalar.arguments.size() != 4) {
    return absl::InvalidArgumentError("calendar_bucket takes a time, an interval, a zone and an offset");
  }
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string interval_text, TextArgument(scalar, 1));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string zone_text, TextArgument(scalar, 2));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string offset_text, TextArgument(scalar, 3));
  return MakeCalendarBucket(interval_text, zone_text, offset_text, std::move(arguments[0]));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Evaluator>> CompileScalar(const plan::Scalar& scalar, EntrySchema& schema,
                                                         int64_t now_ns) {
  if (scalar.kind == plan::Scalar::Kind::kConstant) return std::make_unique<Constant>(scalar.constant);
  if (scalar.kind == plan::Scalar::Kind::kField)
    return std::make_unique<Field>(EntryReader(scalar.field, schema));
  if (scalar.function == "template") {
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string text, TextArgument(scalar, 0));
    return MakeTemplate(text, now_ns);
  }
  if (scalar.function == "decolorize") return MakeDecolorize();
  if (scalar.function == "detect_level") return MakeDetectLevel(schema);
  Evaluators arguments;
  for (const plan::ScalarPtr& argument : scalar.arguments) {
    TAFFRAIL_ASSIGN_OR_RETURN(auto evaluator, CompileScalar(*argument, schema, now_ns));
    arguments.push_back(std::move(evaluator));
  }
  constexpr std::string_view kSpecial[] = {"matches", "extract", "in_network", "finds_address", "json_get"};
  if (std::find(std::begin(kSpecial), std::end(kSpecial), scalar.function) != std::end(kSpecial)) {
    return CompileSpecial(scalar, arguments);
  }
  if (scalar.function == "calendar_bucket") return CompileCalendar(scalar, arguments);
  for (const Function& function : kFunctions) {
    if (function.name != scalar.function) continue;
    if (arguments.size() < function.min_arguments || arguments.size() > function.max_arguments) {
      return absl::InvalidArgumentError(
          fmt::format("{} does not take {} arguments", function.name, arguments.size()));
    }
    return std::make_unique<Call>(function, std::move(arguments));
  }
  return absl::InvalidArgumentError(fmt::format("there is no function \"{}\"", scalar.function));
}

}  // namespace taffrail::query::exec
