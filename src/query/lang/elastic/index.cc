#include "query/lang/elastic/index.h"

#include <algorithm>
#include <optional>
#include <span>

#include "absl/time/time.h"
#include "base/time_text.h"
#include "expr/leaf.h"
#include "expr/wildcard.h"
#include "fmt/format.h"
#include "query/lang/elastic/fields.h"
#include "record/level.h"

namespace taffrail::query::lang::elastic {
namespace {

using expr::Expr;
using expr::ExprPtr;
using expr::FieldRef;
using expr::Leaf;
using expr::TimeLeaf;

constexpr std::string_view kNoService = "taffrail";
constexpr std::string_view kServicePaths[] = {"service", "service.name", "service_name", "app",
                                              "application"};
constexpr std::string_view kTypePaths[] = {"category", "event.category", "log_type", "security_level",
                                           "logger"};
constexpr size_t kMaxNameBytes = 255;  // Elasticsearch's own

FieldRef Path(std::string_view path) { return {FieldRef::Source::kField, std::string(path)}; }

// The first of the paths that a record has decides: a condition on it is that on the first, or on the second
// where the first is missing, and so on.
template <typename F>
ExprPtr OfFirst(std::span<const std::string_view> paths, F&& condition, const ExprPtr& none) {
  ExprPtr result = none;
  for (size_t i = paths.size(); i > 0; --i) {
    const FieldRef field = Path(paths[i - 1]);
    result = expr::Or({condition(field), expr::And({expr::Not(Leaf(Expr::Op::kExists, field, "")), result})});
  }
  return result;
}

// The service's name matches a pattern with '*'.
ExprPtr ServiceIs(std::string_view pattern) {
  if (pattern == "*") return expr::True();
  std::string wildcard;
  for (const char c : pattern) wildcard += c == '_' ? '?' : c;  // what stands for any odd character
  const bool none = expr::Wildcard(pattern, true).Matches(kNoService);
  return OfFirst(
      kServicePaths, [&](const FieldRef& field) { return Leaf(Expr::Op::kWildcard, field, wildcard, true); },
      none ? expr::True() : expr::False());
}

ExprPtr LevelIsError() {
  Expr expr;
  expr.op = Expr::Op::kIn;
  expr.field = {FieldRef::Source::kLevel, ""};
  expr.texts = {"ERROR", "CRITICAL"};
  return expr::Make(std::move(expr));
}

ExprPtr SaysType(std::string_view type) {
  std::vector<ExprPtr> any;
  for (const std::string_view path : kTypePaths) {
    any.push_back(Leaf(Expr::Op::kEqual, Path(path), std::string(type), true));
  }
  any.push_back(Leaf(Expr::Op::kWildcard, Path("logger"), std::string(type) + ".*", true));
  return expr::Or(std::move(any));
}

// audit before performance before security: a record is in one index only.
ExprPtr TypeIs(std::string_view type) {
  const ExprPtr audit = SaysType("audit");
  if (type == "audit") return audit;
  const ExprPtr performance = SaysType("performance");
  if (type == "performance") return expr::And({performance, expr::Not(audit)});
  const ExprPtr security = SaysType("security");
  if (type == "security") return expr::And({security, expr::Not(audit), expr::Not(performance)});
  const ExprPtr none = expr::Not(expr::Or({audit, performance, security}));
  return expr::And({none, type == "error" ? LevelIsError() : expr::Not(LevelIsError())});
}

int64_t DayNs(const absl::CivilSecond& time) {
  return absl::ToUnixNanos(absl::FromCivil(time, absl::UTCTimeZone()));
}

// "2025.10.30", "2025.10.*", "2025.1*", "*": the days whose names match. Nothing when it names no day.
std::optional<ExprPtr> DayIs(std::string_view pattern) {
  constexpr size_t kFullBytes = 10;
  const size_t star = pattern.find('*');
  if (star == 0 && pattern.size() == 1) return expr::True();
  if (star != std::string_view::npos && star + 1 != pattern.size()) return std::nullopt;
  const std::string_view prefix = pattern.substr(0, star);
  if (star == std::string_view::npos && prefix.size() != kFullBytes) return std::nullopt;
  if (prefix.size() > kFullBytes) return std::nullopt;
  std::vector<ExprPtr> any;
  const auto digits = [&](size_t at, size_t count, int least, int most) {
    std::vector<int> numbers;
    for (int number = least; number <= most; ++number) {
      const std::string name = fmt::format("{:0{}}", number, count);
      const std::string_view said = prefix.size() > at ? prefix.substr(at, count) : "";
      if (std::string_view(name).starts_with(said)) numbers.push_back(number);
    }
    return numbers;
  };
  for (size_t i = 0; i < prefix.size(); ++i) {
    const bool is_dot = i == 4 || i == 7;
    if (is_dot != (prefix[i] == '.') || (!is_dot && (prefix[i] < '0' || prefix[i] > '9')))
      return std::nullopt;
  }
  const auto add = [&any](const absl::CivilSecond& from, const absl::CivilSecond& to) {
    any.push_back(
        expr::And({TimeLeaf(Expr::Op::kGreaterEqual, DayNs(from)), TimeLeaf(Expr::Op::kLess, DayNs(to))}));
  };
  const std::vector<int> years = digits(0, 4, 1678, 2261);
  if (prefix.size() <= 5) {
    if (!years.empty()) add(absl::CivilSecond(years.front()), absl::CivilSecond(years.back() + 1));
  } else if (!years.empty()) {
    for (const int month : digits(5, 2, 1, 12)) {
      const absl::CivilMonth begin(years[0], month);
      if (prefix.size() <= 8) {
        add(absl::CivilSecond(begin), absl::CivilSecond(begin + 1));
        continue;
      }
      for (const int day : digits(8, 2, 1, (absl::CivilDay(begin + 1) - 1).day())) {
        const absl::CivilDay date(begin.year(), begin.month(), day);
        add(absl::CivilSecond(date), absl::CivilSecond(date + 1));
      }
    }
  }
  return expr::Or(std::move(any));
}

// Conditions for each way in which a pattern can be NAME-TYPE-DATE.
void Split(std::string_view pattern, std::vector<ExprPtr>& any) {
  if (pattern.ends_with('*')) any.push_back(ServiceIs(pattern));
  for (size_t dash = pattern.find('-'); dash != std::string_view::npos; dash = pattern.find('-', dash + 1)) {
    const std::string_view service = pattern.substr(0, dash);
    const std::string_view rest = pattern.substr(dash + 1);
    if (service.empty()) continue;
    for (const std::string_view type : kIndexTypes) {
      // Either the type is cut by the last '*', or a date follows.
      const size_t star = rest.find('*');
      if (star != std::string_view::npos && star + 1 == rest.size() &&
          type.starts_with(rest.substr(0, star))) {
        any.push_back(expr::And({ServiceIs(service), TypeIs(type)}));
      }
      const size_t next = rest.find('-');
      if (next == std::string_view::npos || !expr::Wildcard(rest.substr(0, next), false).Matches(type))
        continue;
      if (auto day = DayIs(rest.substr(next + 1))) {
        any.push_back(expr::And({ServiceIs(service), TypeIs(type), std::move(*day)}));
      }
    }
  }
  // NAME*-DATE, with the type inside of the '*'.
  const size_t dash = pattern.rfind('-');
  if (dash != std::string_view::npos && dash > 0 && pattern[dash - 1] == '*') {
    const auto day = DayIs(pattern.substr(dash + 1));
    if (day && pattern.substr(dash + 1) != "*") {
      any.push_back(expr::And({ServiceIs(pattern.substr(0, dash)), *day}));
    }
  }
}

}  // namespace

absl::StatusOr<ExprPtr> IndexCondition(std::string_view pattern) {
  const auto invalid = [pattern](std::string_view why) {
    return TypedError("invalid_index_name_exception",
                      fmt::format("Invalid index name [{}], {}", pattern.substr(0, kMaxNameBytes), why));
  };
  if (pattern.empty() || pattern == "*" || pattern == "_all" || pattern == kNoService) return expr::True();
  if (pattern.size() > kMaxNameBytes) return invalid("it is longer than 255 bytes");
  if (std::count(pattern.begin(), pattern.end(), '*') > 8) return invalid("it has more than eight wildcards");
  for (const char c : pattern) {
    if (c >= 'A' && c <= 'Z') return invalid("must be lowercase");
    if (static_cast<unsigned char>(c) <= ' ' ||
        std::string_view("\\/?\"<>|,#:").find(c) != std::string_view::npos) {
      return invalid(
          "must not contain the following characters ['\\','/','?','\"','<','>','|',' ',',','#',':']");
    }
  }
  std::vector<ExprPtr> any;
  Split(pattern, any);
  return expr::Or(std::move(any));
}

absl::StatusOr<IndexSelection> SelectIndices(std::string_view expression) {
  constexpr size_t kMaxPatterns =
      100;  // a month of days in three types; each costs a condition on every record
  IndexSelection selection;
  std::vector<ExprPtr> any;
  size_t patterns = 0;
  if (expression.empty()) expression = "*";
  while (!expression.empty()) {
    const size_t comma = expression.find(',');
    std::string_view pattern = expression.substr(0, comma);
    expression = comma == std::string_view::npos ? "" : expression.substr(comma + 1);
    if (pattern.empty()) continue;
    if (++patterns > kMaxPatterns) {
      return TypedError("illegal_argument_exception", fmt::format("more than {} index names", kMaxPatterns));
    }
    if (pattern[0] == '-' && !any.empty()) {
      TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr excluded, IndexCondition(pattern.substr(1)));
      any = {expr::And({expr::Or(std::move(any)), expr::Not(std::move(excluded))})};
      continue;
    }
    TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr included, IndexCondition(pattern));
    const bool is_all = included->op == Expr::Op::kTrue;
    if (pattern.find('*') == std::string_view::npos && !is_all) selection.concrete.emplace_back(pattern);
    any.push_back(std::move(included));
  }
  selection.filter = any.empty() ? expr::True() : expr::Or(std::move(any));
  return selection;
}

std::string IndexOf(int64_t timestamp_ns, std::string_view level, const FieldText& field) {
  std::string service;
  for (const std::string_view path : kServicePaths) {
    service = field(path);
    if (!service.empty()) break;
  }
  std::string name;
  for (const char c : service.empty() ? std::string(kNoService) : service) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    name += plain ? c : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : '_';
  }
  const auto normal = record::ParseLevel(level);
  std::string_view type = normal && (*normal == record::Level::kError || *normal == record::Level::kCritical)
                              ? "error"
                              : "application";
  for (const std::string_view wanted :
       {std::string_view("audit"), std::string_view("performance"), std::string_view("security")}) {
    const bool says = std::any_of(std::begin(kTypePaths), std::end(kTypePaths), [&](std::string_view path) {
      std::string text = field(path);
      std::transform(text.begin(), text.end(), text.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      return text == wanted || (path == "logger" && text.starts_with(wanted) && text[wanted.size()] == '.');
    });
    if (says) {
      type = wanted;
      break;
    }
  }
  std::string day = base::FormatRfc3339(timestamp_ns, 0).substr(0, 10);
  std::replace(day.begin(), day.end(), '-', '.');
  return fmt::format("{}-{}-{}", name, type, day);
}

std::vector<std::string> ServicePaths() { return {std::begin(kServicePaths), std::end(kServicePaths)}; }
std::vector<std::string> TypePaths() { return {std::begin(kTypePaths), std::end(kTypePaths)}; }

}  // namespace taffrail::query::lang::elastic
