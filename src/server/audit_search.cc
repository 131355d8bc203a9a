#include "server/audit_search.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "record/json_writer.h"
#include "server/record_fields.h"
#include "server/record_json.h"

namespace taffrail::server {
namespace {

using expr::Expr;
using expr::FieldRef;

constexpr std::string_view kUserKeys[] = {"user_id", "user", "actor", "username", "user_name", "principal"};
constexpr std::string_view kEventKeys[] = {"event", "event_type", "event_name", "action", "operation"};
constexpr std::string_view kOutcomeKeys[] = {"outcome", "result", "success", "status"};
constexpr std::string_view kAddressKeys[] = {"ip_address", "client_ip", "source_ip", "remote_addr", "ip"};

Expr Of(Expr::Op op, std::string_view field) {
  Expr expr;
  expr.op = op;
  expr.field = {.source = FieldRef::Source::kField, .name = std::string(field)};
  return expr;
}

void AppendCounts(std::string_view name, const std::map<std::string, uint64_t>& counts, std::string& out) {
  std::vector<std::pair<uint64_t, std::string_view>> sorted;
  for (const auto& [value, lines] : counts) sorted.emplace_back(lines, value);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  fmt::format_to(std::back_inserter(out), ",\"{}\":[", name);
  for (const auto& [lines, value] : sorted) {
    if (out.back() != '[') out += ',';
    out += "{\"value\":";
    record::AppendJsonString(value, out);
    fmt::format_to(std::back_inserter(out), ",\"lines\":{}}}", lines);
  }
  out += ']';
}

}  // namespace

expr::ExprPtr AuditSearch::Filter() {
  std::vector<expr::ExprPtr> any;
  for (const std::string_view logger : {"audit", "audit.*", "security", "security.*"}) {
    Expr wildcard = Of(Expr::Op::kWildcard, "logger");
    wildcard.text = logger;
    any.push_back(expr::Make(std::move(wildcard)));
  }
  for (const std::string_view field : {"security_level", "metadata.security_level", "log_type", "category",
                                       "event.category", "metadata.category"}) {
    Expr in = Of(Expr::Op::kIn, field);
    in.texts = {"audit", "security"};
    any.push_back(expr::Make(std::move(in)));
  }
  return expr::Or(std::move(any));
}

void AuditSearch::Count(std::map<std::string, uint64_t>& counts, const std::string& name) {
  if (name.empty()) return;
  const auto found = counts.find(name);
  if (found != counts.end()) {
    ++found->second;
  } else {
    ++counts[counts.size() < kMaxNames ? name : "(others)"];
  }
}

void AuditSearch::Add(const record::RecordBatch& batch, const expr::Selection& rows) {
  RowReader reader(batch);
  const KeyReader user(batch, kUserKeys);
  const KeyReader event(batch, kEventKeys);
  const KeyReader outcome(batch, kOutcomeKeys);
  const KeyReader address(batch, kAddressKeys);
  // A reader only moves forward, and the newest come last: of this batch all that may be wanted are read.
  std::vector<std::string> records;
  for (const uint32_t row : rows) {
    const query::exec::LogRow record = reader.Read(row);
    const std::string who = user.Read(reader.cursor());
    const std::string what = event.Read(reader.cursor());
    const std::string how = outcome.Read(reader.cursor());
    const auto fits = [](const std::string& wanted, const std::string& value) {
      return wanted.empty() || wanted == value;
    };
    if (!fits(wanted_.user, who) || !fits(wanted_.event, what) || !fits(wanted_.outcome, how) ||
        !fits(wanted_.ip_address, address.Read(reader.cursor()))) {
      continue;
    }
    ++lines_;
    Count(by_user_, who);
    Count(by_event_, what);
    Count(by_outcome_, how);
    if (records_.size() < limit_) AppendRecordJson(record, records.emplace_back());
  }
  const size_t take = std::min(records.size(), limit_ - std::min(limit_, records_.size()));
  for (size_t i = 0; i < take; ++i) records_.push_back(std::move(records[records.size() - 1 - i]));
}

void AuditSearch::AppendJson(std::string& out) const {
  fmt::format_to(std::back_inserter(out), "\"lines\":{}", lines_);
  AppendCounts("by_event", by_event_, out);
  AppendCounts("by_outcome", by_outcome_, out);
  AppendCounts("by_user", by_user_, out);
  fmt::format_to(std::back_inserter(out), ",\"records\":[{}]", fmt::join(records_, ",\n"));
}

}  // namespace taffrail::server
