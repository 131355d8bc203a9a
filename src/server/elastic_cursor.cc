#include "server/elastic_cursor.h"

#include <charconv>
#include <utility>

#include "audit/hash.h"
#include "expr/leaf.h"
#include "fmt/format.h"
#include "query/lang/elastic/json.h"
#include "record/json_writer.h"

namespace taffrail::server {
namespace {

namespace lang = query::lang::elastic;
using Source = expr::FieldRef::Source;

template <typename T>
bool ReadNumber(const lang::Json& json, std::string_view name, T& number) {
  const lang::Json* const value = json.Find(name);
  if (value == nullptr || !value->IsNumber()) return false;
  const char* const end = value->text.data() + value->text.size();
  const auto result = std::from_chars(value->text.data(), end, number);
  return result.ec == std::errc() && result.ptr == end;
}

bool ReadText(const lang::Json& json, std::string_view name, std::string& text) {
  const lang::Json* const value = json.Find(name);
  if (value == nullptr || !value->IsString()) return false;
  text = value->text;
  return true;
}

}  // namespace

std::string ElasticCursor::ToId() const {
  std::string json = fmt::format("{{\"k\":{},\"e\":{},\"t\":{},\"n\":{}", static_cast<int>(kind),
                                 end_sequence, total, now_ns);
  const std::pair<std::string_view, const std::string*> texts[] = {
      {"i", &index}, {"b", &body}, {"p", &parameters}, {"a", &after}};
  for (const auto& [name, text] : texts) {
    json += fmt::format(",\"{}\":", name);
    record::AppendJsonString(*text, json);
  }
  std::string id = audit::Base64(json + "}");
  for (char& c : id) c = c == '+' ? '-' : c == '/' ? '_' : c;  // it may stand in a path
  return id;
}

absl::StatusOr<ElasticCursor> ElasticCursor::Parse(std::string_view id, Kind kind) {
  const auto unknown = [id] {
    return lang::TypedError("search_context_missing_exception",
                            fmt::format("No search context found for id [{}]", id.substr(0, 40)));
  };
  std::string standard(id);
  for (char& c : standard) c = c == '-' ? '+' : c == '_' ? '/' : c;
  const auto text = audit::FromBase64(standard);
  if (!text) return unknown();
  const auto json = lang::ParseJson(*text, {.depth = 2, .values = 20});
  ElasticCursor cursor;
  int said = -1;
  if (!json.ok() || !json->IsObject() || !ReadNumber(*json, "k", said) || said != static_cast<int>(kind) ||
      !ReadNumber(*json, "e", cursor.end_sequence) || cursor.end_sequence > INT64_MAX ||
      !ReadNumber(*json, "t", cursor.total) || !ReadNumber(*json, "n", cursor.now_ns) ||
      !ReadText(*json, "i", cursor.index) || !ReadText(*json, "b", cursor.body) ||
      !ReadText(*json, "p", cursor.parameters) || !ReadText(*json, "a", cursor.after)) {
    return unknown();
  }
  cursor.kind = kind;
  return cursor;
}

expr::ExprPtr ElasticCursor::Filter() const {
  return expr::Leaf(expr::Expr::Op::kLess, {Source::kSequence, ""}, fmt::format("{}", end_sequence));
}

void AddTieBreak(lang::Search& search, bool shown) {
  if (!search.sort.empty() && search.sort.back().field.ref.source == Source::kSequence &&
      search.sort.size() > 1)
    return;
  // An order that is none is that of time, which is the cheapest.
  const bool is_any = search.sort.empty() ||
                      (search.sort.size() == 1 &&
                       (search.sort[0].is_score || search.sort[0].field.ref.source == Source::kSequence));
  if (is_any) {
    search.sort.clear();
    search.hidden_keys = 0;
    lang::SortBy time;
    time.field = lang::FieldOf("@timestamp");
    search.sort.push_back(std::move(time));
    if (!shown) ++search.hidden_keys;
  }
  const bool by_time = search.sort[0].field.ref.source == Source::kTimestamp;
  lang::SortBy tie;
  tie.field = lang::FieldOf("_shard_doc");
  tie.descending = by_time && search.sort[0].descending;
  search.sort.push_back(std::move(tie));
  if (!shown) ++search.hidden_keys;
}

}  // namespace taffrail::server
