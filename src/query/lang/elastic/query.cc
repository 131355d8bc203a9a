#include "query/lang/elastic/query.h"

#include <algorithm>

#include "fmt/format.h"
#include "query/lang/elastic/fields.h"
#include "query/lang/elastic/query_string.h"
#include "query/plan/record_id.h"

namespace taffrail::query::lang::elastic {
namespace {

using expr::Expr;
using expr::ExprPtr;
using Answer = absl::StatusOr<ExprPtr>;
using Kind = absl::StatusOr<ExprPtr> (*)(Context& context, const Json& body, std::string_view name);

// {"field": value} or {"field": {options}}: the field, its value, and the options when there are some.
struct OfField {
  Field field;
  const Json* value = nullptr;
  const Json* options = nullptr;
};

absl::StatusOr<OfField> ReadField(const Context& context, const Json& body, std::string_view name,
                                  std::string_view value_name,
                                  std::initializer_list<std::string_view> known) {
  if (!body.IsObject()) {
    return context.Error(body, fmt::format("[{}] query malformed, no start_object after query name", name));
  }
  OfField read;
  for (const auto& [key, value] : body.members) {
    if (key == "boost" || key == "_name") continue;
    if (read.value != nullptr) {
      return context.Error(
          value, fmt::format("[{}] query doesn't support multiple fields, found [{}] and [{}]", name,
                             read.field.name, key));
    }
    read.field = FieldOf(key);
    read.value = &value;
    if (!value.IsObject()) continue;
    TAFFRAIL_RETURN_IF_ERROR(CheckMembers(context, value, name, known));
    read.options = &value;
    read.value = value.Find(value_name);
    if (read.value == nullptr && name == "wildcard") read.value = value.Find("wildcard");
    if (read.value == nullptr && !value_name.empty()) {
      return context.Error(value, fmt::format("[{}] query needs [{}]", name, value_name));
    }
  }
  if (read.value == nullptr && read.options == nullptr) {
    return context.Error(body, fmt::format("[{}] query needs a field", name));
  }
  if (read.value != nullptr && !read.value->IsScalar()) {
    return context.Error(*read.value,
                         fmt::format("[{}] query does not support arrays or objects as a value", name));
  }
  return read;
}

// An error without a place gets that of the query it came from.
Answer Placed(const Context& context, const Json& at, Answer answer) {
  if (answer.ok()) return answer;
  const std::string message(answer.status().message());
  if (message.starts_with("[1:") || TypeOf(answer.status()) != "illegal_argument_exception") return answer;
  return context.Error(at, message, "query_shard_exception");
}

absl::StatusOr<bool> IgnoresCase(const Context& context, const OfField& read) {
  if (read.options == nullptr) return false;
  return BoolMember(context, *read.options, "case_insensitive", false);
}

Answer MatchAll(Context& context, const Json& body, std::string_view name) {
  TAFFRAIL_RETURN_IF_ERROR(CheckMembers(context, body, name, {"boost", "_name"}));
  return expr::True();
}

Answer MatchNone(Context& context, const Json& body, std::string_view name) {
  TAFFRAIL_RETURN_IF_ERROR(CheckMembers(context, body, name, {"boost", "_name"}));
  return expr::False();
}

Answer TermQuery(Context& context, const Json& body, std::string_view name) {
  TAFFRAIL_ASSIGN_OR_RETURN(const OfField read, ReadField(context, body, name, "value",
                                                          {"value", "boost", "case_insensitive", "_name"}));
  if (read.value->IsNull()) return context.Error(*read.value, "[term] query needs a value that is not null");
  TAFFRAIL_ASSIGN_OR_RETURN(const bool ignore_case, IgnoresCase(context, read));
  return Term(read.field, read.value->ToText(), ignore_case, context.now_ns);
}

Answer TermsQuery(Context& context, const Json& body, std::string_view name) {
  const std::pair<std::string, Json>* found = nullptr;
  if (!body.IsObject()) return context.Error(body, "[terms] must be an object");
  for (const auto& member : body.members) {
    if (member.first == "boost" || member.first == "_name") continue;
    if (found != nullptr)
      return context.Error(member.second, "[terms] query does not support multiple fields");
    found = &member;
  }
  if (found == nullptr)
    return context.Error(body, "[terms] query requires a field name followed by array of terms");
  const Json& values = found->second;
  if (values.IsObject()) return context.Error(values, "[terms] query: terms lookup is not supported here");
  if (!values.IsArray()) {
    return context.Error(values, "[terms] query requires a field name followed by array of terms");
  }
  if (values.members.size() > kMaxTerms) {
    return context.Error(values,
                         fmt::format("The number of terms [{}] used in the Terms Query request has exceeded "
                                     "the allowed maximum of [{}].",
                                     values.members.size(), kMaxTerms),
                         "illegal_argument_exception");
  }
  const Field field = FieldOf(found->first);
  std::vector<ExprPtr> any;
  Expr in;
  in.op = Expr::Op::kIn;
  in.field = field.ref;
  for (const auto& [unused, value] : values.members) {
    if (!value.IsScalar() || value.IsNull()) {
      return context.Error(value,
                           fmt::format("[{}] query: each term must be a text, a number or a boolean", name));
    }
    const std::string text = value.ToText();
    if (field.kind == Field::Kind::kValue && text.find('/') == std::string::npos) {
      in.texts.push_back(text);
    } else {
      if (any.size() == kMaxClauses) return context.Error(value, "too many terms for this field");
      TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr one,
                                Placed(context, value, Term(field, text, false, context.now_ns)));
      any.push_back(std::move(one));
    }
  }
  if (!in.texts.empty()) any.push_back(expr::Make(std::move(in)));
  return expr::Or(std::move(any));
}

Answer RangeQuery(Context& context, const Json& body, std::string_view name) {
  TAFFRAIL_ASSIGN_OR_RETURN(
      const OfField read, ReadField(context, body, name, "",
                                    {"gt", "gte", "lt", "lte", "from", "to", "include_lower", "include_upper",
                                     "format", "time_zone", "relation", "boost", "_name"}));
  if (read.options == nullptr) return context.Error(body, "[range] query needs gt, gte, lt or lte");
  RangeOptions options{.now_ns = context.now_ns};
  TAFFRAIL_ASSIGN_OR_RETURN(options.format, TextMember(context, *read.options, "format"));
  TAFFRAIL_ASSIGN_OR_RETURN(options.zone, TextMember(context, *read.options, "time_zone"));
  TAFFRAIL_ASSIGN_OR_RETURN(const bool lower, BoolMember(context, *read.options, "include_lower", true));
  TAFFRAIL_ASSIGN_OR_RETURN(const bool upper, BoolMember(context, *read.options, "include_upper", true));
  const std::pair<std::string_view, Expr::Op> bounds[] = {
      {"gt", Expr::Op::kGreater},
      {"gte", Expr::Op::kGreaterEqual},
      {"lt", Expr::Op::kLess},
      {"lte", Expr::Op::kLessEqual},
      {"from", lower ? Expr::Op::kGreaterEqual : Expr::Op::kGreater},
      {"to", upper ? Expr::Op::kLessEqual : Expr::Op::kLess}};
  std::vector<ExprPtr> all;
  for (const auto& [member, op] : bounds) {
    const Json* const value = read.options->Find(member);
    if (value == nullptr || value->IsNull()) continue;
    if (!value->IsScalar()) return context.Error(*value, fmt::format("[range] [{}] must be a value", member));
    auto condition = Range(read.field, {value->ToText(), value->IsNumber(), op}, options);
    if (!condition.ok()) {
      const absl::string_view message = condition.status().message();
      return context.Error(*value, {message.data(), message.size()}, "parse_exception");
    }
    all.push_back(*std::move(condition));
  }
  if (all.empty()) return Exists(read.field);
  return expr::And(std::move(all));
}

Answer ExistsQuery(Context& context, const Json& body, std::string_view name) {
  TAFFRAIL_RETURN_IF_ERROR(CheckMembers(context, body, name, {"field", "boost", "_name"}));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string field, TextMember(context, body, "field"));
  if (field.empty()) return context.Error(body, "[exists] must be provided with a [field]");
  return Exists(FieldOf(field));
}

Answer PrefixQuery(Context& context, const Json& body, std::string_view name) {
  TAFFRAIL_ASSIGN_OR_RETURN(
      const OfField read,
      ReadField(context, body, name, "value", {"value", "boost", "case_insensitive", "rewrite", "_name"}));
  TAFFRAIL_ASSIGN_OR_RETURN(const bool ignore_case, IgnoresCase(context, read));
  const bool words = read.field.ref.source == expr::FieldRef::Source::kMessage;
  return Prefix(read.field, read.value->ToText(), ignore_case, words);
}

Answer WildcardQuery(Context& context, const Json& body, std::string_view name) {
  TAFFRAIL_ASSIGN_OR_RETURN(
      const OfField read, ReadField(context, body, name, "value",
                                    {"value", "wildcard", "boost", "case_insensitive", "rewrite", "_name"}));
  TAFFRAIL_ASSIGN_OR_RETURN(const bool ignore_case, IgnoresCase(context, read));
  const bool words = read.field.ref.source == expr::FieldRef::Source::kMessage;
  return Wildcard(read.field, read.value->ToText(), ignore_case, words);
}

Answer RegexpQuery(Context& context, const Json& body, std::string_view name) {
  TAFFRAIL_ASSIGN_OR_RETURN(const OfField read,
                            ReadField(context, body, name, "value",
                                      {"value", "flags", "flags_value", "boost", "case_insensitive",
                                       "max_determinized_states", "rewrite", "_name"}));
  TAFFRAIL_ASSIGN_OR_RETURN(const bool ignore_case, IgnoresCase(context, read));
  return Placed(context, *read.value, Regex(read.field, read.value->ToText(), ignore_case));
}

struct MatchOptions {
  bool all = false;
  std::string minimum;
};

// The words of a text in a field, as `match` takes them.
Answer MatchWords(const Field& field, const Json& value, const MatchOptions& options, int64_t now_ns) {
  if (!value.IsString() || field.is_keyword || field.kind == Field::Kind::kTime ||
      field.kind == Field::Kind::kId || field.kind == Field::Kind::kIndex) {
    return Term(field, value.ToText(), false, now_ns);
  }
  std::vector<ExprPtr> words;
  for (const std::string& word : WordsOf(value.text)) words.push_back(Phrase(field, word));
  if (words.empty()) return expr::False();
  size_t least = options.all ? words.size() : 1;
  if (!options.minimum.empty() && !options.all) {
    TAFFRAIL_ASSIGN_OR_RETURN(least, MinimumOf(options.minimum, words.size()));
    least = std::max<size_t>(least, 1);
  }
  return AtLeast(std::move(words), least);
}

absl::StatusOr<MatchOptions> ReadMatchOptions(const Context& context, const Json* options) {
  MatchOptions read;
  if (options == nullptr) return read;
  for (const std::string_view name : {"operator", "default_operator"}) {
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string op, TextMember(context, *options, name));
    if (op == "and" || op == "AND" || op == "And") {
      read.all = true;
    } else if (!op.empty() && op != "or" && op != "OR" && op != "Or") {
      return context.Error(*options->Find(name),
                           fmt::format("operator needs to be either OR or AND, but not [{}]", op));
    }
  }
  TAFFRAIL_ASSIGN_OR_RETURN(read.minimum, TextMember(context, *options, "minimum_should_match"));
  return read;
}

Answer MatchQuery(Context& context, const Json& body, std::string_view name) {
  TAFFRAIL_ASSIGN_OR_RETURN(
      const OfField read,
      ReadField(context, body, name, "query",
                {"query", "operator", "minimum_should_match", "analyzer", "fuzziness", "prefix_length",
                 "max_expansions", "fuzzy_transpositions", "fuzzy_rewrite", "lenient", "zero_terms_query",
                 "auto_generate_synonyms_phrase_query", "boost", "_name"}));
  if (read.options != nullptr) {
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string fuzziness, TextMember(context, *read.options, "fuzziness"));
    if (!fuzziness.empty() && fuzziness != "0") {
      return context.Error(*read.options->Find("fuzziness"), "[match] fuzziness is not supported here");
    }
  }
  TAFFRAIL_ASSIGN_OR_RETURN(const MatchOptions options, ReadMatchOptions(context, read.options));
  return Placed(context, *read.value, MatchWords(read.field, *read.value, options, context.now_ns));
}

Answer PhraseQuery(Context& context, const Json& body, std::string_view name) {
  TAFFRAIL_ASSIGN_OR_RETURN(const OfField read, ReadField(context, body, name, "query",
                                                          {"query", "slop", "analyzer", "zero_terms_query",
                                                           "max_expansions", "boost", "_name"}));
  if (read.options != nullptr) {
    TAFFRAIL_ASSIGN_OR_RETURN(const int64_t slop, IntegerMember(context, *read.options, "slop", 0));
    if (slop != 0)
      return context.Error(*read.options->Find("slop"), fmt::format("[{}] slop is not supported here", name));
  }
  if (name == "match_phrase_prefix" || name == "match_bool_prefix") {
    return PhrasePrefix(read.field, read.value->ToText());
  }
  if (!read.value->IsString()) return Term(read.field, read.value->ToText(), false, context.now_ns);
  return Phrase(read.field, read.value->text);
}

Answer MultiMatch(Context& context, const Json& body, std::string_view name) {
  TAFFRAIL_RETURN_IF_ERROR(
      CheckMembers(context, body, name,
                   {"query", "fields", "type", "operator", "minimum_should_match", "analyzer", "slop",
                    "lenient", "tie_breaker", "zero_terms_query", "boost", "_name"}));
  const Json* const value = body.Find("query");
  if (value == nullptr || !value->IsScalar()) return context.Error(body, "[multi_match] needs a [query]");
  TAFFRAIL_ASSIGN_OR_RETURN(std::vector<std::string> fields, TextsMember(context, body, "fields"));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string type, TextMember(context, body, "type", "best_fields"));
  TAFFRAIL_ASSIGN_OR_RETURN(const MatchOptions options, ReadMatchOptions(context, &body));
  if (fields.empty()) fields.emplace_back("*");
  std::vector<Field> of;
  for (const std::string& field : fields) of.push_back(FieldOf(field.substr(0, field.find('^'))));
  if (type == "cross_fields") {  // each word in any of the fields
    std::vector<ExprPtr> words;
    for (const std::string& word : WordsOf(value->ToText())) {
      std::vector<ExprPtr> any;
      for (const Field& field : of) any.push_back(Phrase(field, word));
      words.push_back(expr::Or(std::move(any)));
    }
    return options.all ? expr::And(std::move(words)) : expr::Or(std::move(words));
  }
  std::vector<ExprPtr> any;
  for (const Field& field : of) {
    TAFFRAIL_RETURN_IF_ERROR(context.CountClause());
    if (type == "phrase") {
      any.push_back(Phrase(field, value->ToText()));
    } else if (type == "phrase_prefix" || type == "bool_prefix") {
      any.push_back(PhrasePrefix(field, value->ToText()));
    } else if (type == "best_fields" || type == "most_fields") {
      auto words = MatchWords(field, *value, options, context.now_ns);
      // As a lenient query: a text that is no time is in no time.
      any.push_back(words.ok() ? *std::move(words) : expr::False());
    } else {
      return context.Error(*body.Find("type"),
                           fmt::format("[multi_match] query does not support type [{}]", type));
    }
  }
  return expr::Or(std::move(any));
}

Answer StringQuery(Context& context, const Json& body, std::string_view name) {
  TAFFRAIL_RETURN_IF_ERROR(CheckMembers(context, body, name,
                                        {"query",
                                         "default_field",
                                         "fields",
                                         "default_operator",
                                         "analyze_wildcard",
                                         "allow_leading_wildcard",
                                         "lenient",
                                         "time_zone",
                                         "minimum_should_match",
                                         "analyzer",
                                         "quote_analyzer",
                                         "flags",
                                         "type",
                                         "tie_breaker",
                                         "fuzziness",
                                         "phrase_slop",
                                         "boost",
                                         "_name",
                                         "max_determinized_states",
                                         "enable_position_increments",
                                         "rewrite",
                                         "auto_generate_synonyms_phrase_query",
                                         "fuzzy_max_expansions",
                                         "fuzzy_prefix_length",
                                         "fuzzy_transpositions",
                                         "quote_field_suffix",
                                         "escape"}));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string text, TextMember(context, body, "query"));
  if (body.Find("query") == nullptr)
    return context.Error(body, fmt::format("[{}] must be provided with a [query]", name));
  QueryStringOptions options{.now_ns = context.now_ns, .is_simple = name == "simple_query_string"};
  TAFFRAIL_ASSIGN_OR_RETURN(options.fields, TextsMember(context, body, "fields"));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string field, TextMember(context, body, "default_field"));
  if (!field.empty()) options.fields.push_back(field);
  TAFFRAIL_ASSIGN_OR_RETURN(options.zone, TextMember(context, body, "time_zone"));
  TAFFRAIL_ASSIGN_OR_RETURN(options.lenient, BoolMember(context, body, "lenient", false));
  TAFFRAIL_ASSIGN_OR_RETURN(const MatchOptions match, ReadMatchOptions(context, &body));
  options.and_by_default = match.all;
  options.minimum = match.minimum;
  auto condition = ParseQueryString(text, options);
  if (condition.ok()) return condition;
  const std::string message(condition.status().message());
  return context.Error(*body.Find("query"),
                       fmt::format("Failed to parse query [{}]: {}", text.substr(0, 200), message),
                       "query_shard_exception");
}

Answer IdsQuery(Context& context, const Json& body, std::string_view name) {
  TAFFRAIL_RETURN_IF_ERROR(CheckMembers(context, body, name, {"values", "type", "boost", "_name"}));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string> ids, TextsMember(context, body, "values"));
  std::vector<ExprPtr> any;
  for (const std::string& id : ids) {
    TAFFRAIL_RETURN_IF_ERROR(context.CountClause());
    any.push_back(query::plan::RecordIdCondition(id));
  }
  return expr::Or(std::move(any));
}

absl::StatusOr<std::vector<ExprPtr>> Clauses(Context& context, const Json& body, std::string_view member) {
  std::vector<ExprPtr> clauses;
  const Json* const value = body.Find(member);
  if (value == nullptr) return clauses;
  if (value->IsObject()) {
    TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr one, ParseQueryDsl(context, *value));
    clauses.push_back(std::move(one));
    return clauses;
  }
  if (!value->IsArray()) {
    return context.Error(*value, fmt::format("[bool] [{}] must be a query or an array of queries", member));
  }
  for (const auto& [unused, query] : value->members) {
    TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr one, ParseQueryDsl(context, query));
    clauses.push_back(std::move(one));
  }
  return clauses;
}

Answer BoolQuery(Context& context, const Json& body, std::string_view name) {
  TAFFRAIL_RETURN_IF_ERROR(CheckMembers(context, body, name,
                                        {"must", "should", "must_not", "mustNot", "filter",
                                         "minimum_should_match", "adjust_pure_negative", "boost", "_name"}));
  std::vector<ExprPtr> all;
  for (const std::string_view member : {"must", "filter"}) {
    TAFFRAIL_ASSIGN_OR_RETURN(std::vector<ExprPtr> clauses, Clauses(context, body, member));
    all.insert(all.end(), clauses.begin(), clauses.end());
  }
  TAFFRAIL_ASSIGN_OR_RETURN(std::vector<ExprPtr> should, Clauses(context, body, "should"));
  TAFFRAIL_ASSIGN_OR_RETURN(const std::string minimum, TextMember(context, body, "minimum_should_match"));
  const bool has_required = body.Find("must") != nullptr || body.Find("filter") != nullptr;
  if (!should.empty()) {
    size_t least = all.empty() && !has_required ? 1 : 0;
    if (!minimum.empty()) {
      TAFFRAIL_ASSIGN_OR_RETURN(least, MinimumOf(minimum, should.size()));
    }
    TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr some, AtLeast(std::move(should), least));
    all.push_back(std::move(some));
  }
  for (const std::string_view member : {"must_not", "mustNot"}) {
    TAFFRAIL_ASSIGN_OR_RETURN(std::vector<ExprPtr> clauses, Clauses(context, body, member));
    for (ExprPtr& clause : clauses) all.push_back(expr::Not(std::move(clause)));
  }
  return expr::And(std::move(all));
}

// {"filter": query} or {"query": query}, {"queries": […]}: scores do not matter.
Answer Wrapped(Context& context, const Json& body, std::string_view name) {
  TAFFRAIL_RETURN_IF_ERROR(CheckMembers(context, body, name,
                                        {"filter", "query", "queries", "positive", "negative",
                                         "negative_boost", "tie_breaker", "boost", "_name"}));
  for (const std::string_view member : {"filter", "query", "positive"}) {
    if (const Json* const query = body.Find(member)) return ParseQueryDsl(context, *query);
  }
  TAFFRAIL_ASSIGN_OR_RETURN(std::vector<ExprPtr> any, Clauses(context, body, "queries"));
  if (any.empty()) return context.Error(body, fmt::format("[{}] requires a 'filter' element", name));
  return expr::Or(std::move(any));
}

constexpr std::pair<std::string_view, Kind> kKinds[] = {
    {"match_all", MatchAll},
    {"match_none", MatchNone},
    {"term", TermQuery},
    {"terms", TermsQuery},
    {"range", RangeQuery},
    {"exists", ExistsQuery},
    {"prefix", PrefixQuery},
    {"wildcard", WildcardQuery},
    {"regexp", RegexpQuery},
    {"match", MatchQuery},
    {"match_phrase", PhraseQuery},
    {"match_phrase_prefix", PhraseQuery},
    {"match_bool_prefix", PhraseQuery},
    {"multi_match", MultiMatch},
    {"query_string", StringQuery},
    {"simple_query_string", StringQuery},
    {"ids", IdsQuery},
    {"bool", BoolQuery},
    {"constant_score", Wrapped},
    {"dis_max", Wrapped},
    {"boosting", Wrapped},
};

// Known to Elasticsearch, and not to us: said plainly.
constexpr std::string_view kNotHere[] = {"nested",
                                         "has_child",
                                         "has_parent",
                                         "parent_id",
                                         "fuzzy",
                                         "geo_distance",
                                         "geo_shape",
                                         "geo_bounding_box",
                                         "script",
                                         "script_score",
                                         "function_score",
                                         "more_like_this",
                                         "percolate",
                                         "span_term",
                                         "span_near",
                                         "intervals",
                                         "knn",
                                         "distance_feature",
                                         "rank_feature",
                                         "terms_set",
                                         "combined_fields"};

}  // namespace

absl::StatusOr<ExprPtr> ParseQueryDsl(Context& context, const Json& query) {
  TAFFRAIL_RETURN_IF_ERROR(context.CountClause());
  if (!query.IsObject()) return context.Error(query, "[_na] query malformed, must start with start_object");
  if (query.members.empty())
    return context.Error(query, "query malformed, empty clause found", "illegal_argument_exception");
  const auto& [name, body] = query.members[0];
  if (query.members.size() > 1) {
    return context.Error(
        query.members[1].second,
        fmt::format("[{}] malformed query, expected [END_OBJECT] but found [FIELD_NAME]", name));
  }
  for (const auto& [known, parse] : kKinds) {
    if (known == name) return parse(context, body, name);
  }
  if (std::find(std::begin(kNotHere), std::end(kNotHere), name) != std::end(kNotHere)) {
    return context.Error(body,
                         fmt::format("[{}] queries are not supported here: docs/elasticsearch.md lists those "
                                     "that are",
                                     name));
  }
  return context.Error(body, fmt::format("unknown query [{}]", name.substr(0, 100)));
}

}  // namespace taffrail::query::lang::elastic
