#include "query/lang/elastic/search.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "expr/leaf.h"
#include "fmt/format.h"
#include "query/lang/elastic/dates.h"
#include "query/lang/elastic/query.h"

namespace taffrail::query::lang::elastic {
namespace {

using expr::Expr;
using expr::ExprPtr;
using expr::Leaf;
using expr::TimeLeaf;
using Source = expr::FieldRef::Source;

constexpr size_t kMaxSortKeys = 16;

absl::Status ReadSource(const Context& context, const Json& source, Search& search) {
  if (source.IsBool()) {
    search.has_source = source.truth;
    return absl::OkStatus();
  }
  if (source.IsString() && (source.text == "false" || source.text == "true")) {
    search.has_source = source.text == "true";
    return absl::OkStatus();
  }
  if (!source.IsObject()) {
    Json holder;
    holder.kind = Json::Kind::kObject;
    holder.members.emplace_back("_source", source);
    TAFFRAIL_ASSIGN_OR_RETURN(search.includes, TextsMember(context, holder, "_source"));
    return absl::OkStatus();
  }
  TAFFRAIL_RETURN_IF_ERROR(
      CheckMembers(context, source, "_source", {"includes", "include", "excludes", "exclude"}));
  for (const std::string_view name : {"includes", "include"}) {
    TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string> more, TextsMember(context, source, name));
    search.includes.insert(search.includes.end(), more.begin(), more.end());
  }
  for (const std::string_view name : {"excludes", "exclude"}) {
    TAFFRAIL_ASSIGN_OR_RETURN(const std::vector<std::string> more, TextsMember(context, source, name));
    search.excludes.insert(search.excludes.end(), more.begin(), more.end());
  }
  return absl::OkStatus();
}

absl::Status ReadFields(const Context& context, const Json& fields, std::string_view name, Search& search) {
  if (!fields.IsArray()) return context.Error(fields, fmt::format("[{}] must be an array", name));
  for (const auto& [unused, field] : fields.members) {
    WantedField& wanted = search.fields.emplace_back();
    if (field.IsString()) {
      wanted.pattern = field.text;
      continue;
    }
    TAFFRAIL_RETURN_IF_ERROR(CheckMembers(context, field, name, {"field", "format", "include_unmapped"}));
    TAFFRAIL_ASSIGN_OR_RETURN(wanted.pattern, TextMember(context, field, "field"));
    TAFFRAIL_ASSIGN_OR_RETURN(wanted.format, TextMember(context, field, "format"));
  }
  return absl::OkStatus();
}

absl::Status ReadTotal(const Context& context, const Json& total, Search& search) {
  if (total.IsBool()) {
    search.count_up_to = total.truth ? std::nullopt : std::optional<uint64_t>(0);
    return absl::OkStatus();
  }
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t count, ToInteger(context, total, "track_total_hits"));
  if (count < -1)
    return context.Error(total, "[track_total_hits] parameter must be positive or equals to -1");
  search.count_up_to = count == -1 ? std::nullopt : std::optional(static_cast<uint64_t>(count));
  return absl::OkStatus();
}

// What a query looks for in texts: for highlights.
void CollectWords(const Expr& filter, std::vector<std::string>& words) {
  if (filter.op == Expr::Op::kNot) return;
  const bool is_text =
      filter.op == Expr::Op::kPhrase || filter.op == Expr::Op::kEqual || filter.op == Expr::Op::kContains;
  constexpr size_t kMaxWords = 100;  // each is looked for in every hit
  if (is_text && filter.field.source != Source::kTimestamp && filter.field.source != Source::kSequence &&
      !filter.text.empty() && words.size() < kMaxWords &&
      std::find(words.begin(), words.end(), filter.text) == words.end()) {
    words.push_back(filter.text);
  }
  for (const ExprPtr& child : filter.children) CollectWords(*child, words);
}

absl::Status ReadHighlight(const Context& context, const Json& highlight, Search& search) {
  const Json* const fields = highlight.Find("fields");
  if (!highlight.IsObject() || fields == nullptr)
    return context.Error(highlight, "[highlight] needs [fields]");
  for (const auto& [name, options] : fields->members) {
    if (!name.empty()) {
      search.highlight.push_back(name);
    } else {  // [{"message":{}}]
      for (const auto& [inner, unused] : options.members) search.highlight.push_back(inner);
    }
  }
  TAFFRAIL_ASSIGN_OR_RETURN(const auto pre, TextsMember(context, highlight, "pre_tags"));
  TAFFRAIL_ASSIGN_OR_RETURN(const auto post, TextsMember(context, highlight, "post_tags"));
  if (!pre.empty()) search.pre_tag = pre[0];
  if (!post.empty()) search.post_tag = post[0];
  return absl::OkStatus();
}

absl::Status ReadPit(const Context& context, const Json& pit, Search& search) {
  TAFFRAIL_RETURN_IF_ERROR(CheckMembers(context, pit, "pit", {"id", "keep_alive"}));
  TAFFRAIL_ASSIGN_OR_RETURN(search.pit, TextMember(context, pit, "id"));
  TAFFRAIL_ASSIGN_OR_RETURN(search.pit_keep_alive, TextMember(context, pit, "keep_alive"));
  if (search.pit->empty()) return context.Error(pit, "[id] cannot be empty", "illegal_argument_exception");
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> Size(const Context& context, const Json& body, std::string_view name,
                              uint64_t fallback) {
  TAFFRAIL_ASSIGN_OR_RETURN(const int64_t size,
                            IntegerMember(context, body, name, static_cast<int64_t>(fallback)));
  if (size < 0) {
    return context.Error(*body.Find(name),
                         fmt::format("[{}] parameter cannot be negative, found [{}]", name, size),
                         "illegal_argument_exception");
  }
  return static_cast<uint64_t>(size);
}

absl::StatusOr<SortBy> SortByOf(const Context& context, const std::string& name, const Json& options) {
  SortBy by;
  by.field = FieldOf(name);
  by.is_score = name == "_score";
  by.descending = by.is_score;
  std::string order = options.IsScalar() ? options.ToText() : "";
  if (options.IsObject()) {
    TAFFRAIL_RETURN_IF_ERROR(CheckMembers(
        context, options, "sort",
        {"order", "missing", "unmapped_type", "format", "mode", "numeric_type", "ignore_unmapped"}));
    TAFFRAIL_ASSIGN_OR_RETURN(order, TextMember(context, options, "order"));
    TAFFRAIL_ASSIGN_OR_RETURN(by.format, TextMember(context, options, "format"));
    TAFFRAIL_ASSIGN_OR_RETURN(const std::string missing, TextMember(context, options, "missing", "_last"));
    if (missing != "_last" && by.field.kind != Field::Kind::kTime) {
      return context.Error(*options.Find("missing"), "[missing] of a sort can only be [_last] here");
    }
  } else if (!options.IsScalar()) {
    return context.Error(options, "a sort's options are an order or an object");
  }
  if (order == "desc" || order == "DESC") {
    by.descending = true;
  } else if (order == "asc" || order == "ASC") {
    by.descending = false;
  } else if (!order.empty()) {
    return context.Error(options,
                         fmt::format("No enum constant for the sort order [{}]", order.substr(0, 40)),
                         "illegal_argument_exception");
  }
  const Field::Kind kind = by.field.kind;
  if (name == "_script" || name == "_geo_distance" || kind == Field::Kind::kAny ||
      kind == Field::Kind::kNone) {
    return context.Error(options, fmt::format("sorting by [{}] is not supported here", name));
  }
  // An id begins with the time.
  if (kind == Field::Kind::kId || kind == Field::Kind::kIndex) by.field.ref = {Source::kTimestamp, ""};
  return by;
}

// A time as hits give it in their sort: milliseconds, nanoseconds where they have some, or formatted.
absl::StatusOr<int64_t> SortTime(const Json& value, const std::string& format) {
  constexpr size_t kNanosDigits = 17;  // milliseconds with as many lie beyond every calendar
  const std::string text = value.ToText();
  const bool is_nanos =
      text.size() >= kNanosDigits && text.find_first_not_of("0123456789") == std::string::npos;
  if (is_nanos)
    return ParseDate(text.substr(0, text.size() - 6) + "." + text.substr(text.size() - 6),
                     {.format = "epoch_millis"});
  const std::string fallback = "strict_date_optional_time||epoch_millis";
  return ParseDate(text, {.format = format.empty() ? fallback : format + "||" + fallback});
}

// Beyond the values that the last hit had: beyond the first key, or equal in it and beyond the second, …
absl::StatusOr<ExprPtr> AfterFilter(const Search& search) {
  std::vector<ExprPtr> any;
  std::vector<ExprPtr> equal;
  size_t i = 0;
  for (const SortBy& by : search.sort) {
    const Json& value = (*search.after)[i++];
    if (by.is_score) continue;
    const Expr::Op beyond = by.descending ? Expr::Op::kLess : Expr::Op::kGreater;
    ExprPtr is_beyond;
    ExprPtr is_equal;
    if (value.IsNull()) {  // missing is last: nothing is beyond it
      is_beyond = expr::False();
      is_equal = expr::Not(Exists(by.field));
    } else if (by.field.kind == Field::Kind::kTime) {
      TAFFRAIL_ASSIGN_OR_RETURN(const int64_t time_ns, SortTime(value, by.format));
      is_beyond = TimeLeaf(beyond, time_ns);
      is_equal = TimeLeaf(Expr::Op::kEqual, time_ns);
    } else if (by.field.ref.source == Source::kSequence) {
      is_beyond = Leaf(beyond, by.field.ref, value.ToText());
      is_equal = Leaf(Expr::Op::kEqual, by.field.ref, value.ToText());
    } else {
      Expr leaf;
      leaf.op = beyond;
      leaf.field = by.field.ref;
      leaf.is_number = value.IsNumber();
      leaf.number = value.number;
      if (!leaf.is_number) leaf.text = value.ToText();
      is_equal = Leaf(Expr::Op::kEqual, by.field.ref, value.ToText());
      // Of one kind: a field that is a number here and a text there is paged through as what it is here.
      std::vector<ExprPtr> after = {expr::Make(leaf), expr::Not(Exists(by.field))};
      is_beyond = expr::Or(std::move(after));
    }
    std::vector<ExprPtr> both = equal;
    both.push_back(std::move(is_beyond));
    any.push_back(expr::And(std::move(both)));
    equal.push_back(std::move(is_equal));
  }
  return expr::Or(std::move(any));
}

absl::Status ReadRest(Context& context, const std::string& name, const Json& value, Search& search) {
  // Taken, without an effect on what is answered.
  constexpr std::string_view kTaken[] = {"track_scores",
                                         "explain",
                                         "profile",
                                         "stats",
                                         "indices_boost",
                                         "min_score",
                                         "terminate_after",
                                         "stored_fields",
                                         "search_type",
                                         "preference",
                                         "rest_total_hits_as_int",
                                         "allow_partial_search_results",
                                         "batched_reduce_size",
                                         "ext"};
  if (std::find(std::begin(kTaken), std::end(kTaken), name) != std::end(kTaken)) return absl::OkStatus();
  constexpr std::string_view kEmptyOnly[] = {
      "script_fields", "runtime_mappings", "rescore", "suggest", "collapse", "knn", "slice", "rank"};
  if (std::find(std::begin(kEmptyOnly), std::end(kEmptyOnly), name) != std::end(kEmptyOnly)) {
    if (value.members.empty() && !value.IsScalar()) return absl::OkStatus();
    return context.Error(value, fmt::format("[{}] is not supported here", name));
  }
  static_cast<void>(search);
  return context.Error(value, fmt::format("unknown key for a {} in [{}].",
                                          value.IsObject()  ? "START_OBJECT"
                                          : value.IsArray() ? "START_ARRAY"
                                                            : "VALUE",
                                          name.substr(0, 100)));
}

absl::Status ReadMember(Context& context, const Json& body, const std::string& name, const Json& value,
                        Search& search) {
  if (name == "query" || name == "post_filter") {
    TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr filter, ParseQueryDsl(context, value));
    (name == "query" ? search.filter : search.post_filter) = std::move(filter);
  } else if (name == "from" || name == "size") {
    uint64_t& place = name == "from" ? search.from : search.size;
    TAFFRAIL_ASSIGN_OR_RETURN(place, Size(context, body, name, place));
  } else if (name == "sort") {
    TAFFRAIL_ASSIGN_OR_RETURN(search.sort, ParseSort(context, value));
  } else if (name == "search_after") {
    search.after.emplace();
    if (!value.IsArray()) return context.Error(value, "[search_after] must be an array");
    for (const auto& [unused, one] : value.members) {
      if (!one.IsScalar()) return context.Error(one, "[search_after] holds values only");
      search.after->push_back(one);
    }
  } else if (name == "track_total_hits") {
    return ReadTotal(context, value, search);
  } else if (name == "timeout") {
    const auto timeout_ns = ParseTimeValue(value.ToText());
    if (!timeout_ns)
      return context.Error(value,
                           fmt::format("failed to parse setting [timeout] with value [{}]", value.ToText()));
    search.timeout_ns = *timeout_ns;
  } else if (name == "_source") {
    return ReadSource(context, value, search);
  } else if (name == "fields" || name == "docvalue_fields") {
    return ReadFields(context, value, name, search);
  } else if (name == "highlight") {
    return ReadHighlight(context, value, search);
  } else if (name == "version") {
    TAFFRAIL_ASSIGN_OR_RETURN(search.has_version, ToBool(context, value, name));
  } else if (name == "seq_no_primary_term") {
    TAFFRAIL_ASSIGN_OR_RETURN(search.has_sequence, ToBool(context, value, name));
  } else if (name == "pit") {
    return ReadPit(context, value, search);
  } else if (name == "aggs" || name == "aggregations") {
    TAFFRAIL_ASSIGN_OR_RETURN(search.aggregations, ParseAggregations(context, value));
  } else {
    return ReadRest(context, name, value, search);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<SortBy>> ParseSort(const Context& context, const Json& sort) {
  std::vector<SortBy> keys;
  const auto add = [&](const Json& one) -> absl::Status {
    if (keys.size() == kMaxSortKeys)
      return context.Error(one, fmt::format("more than {} sort keys", kMaxSortKeys));
    if (one.IsString()) {
      Json order;
      order.kind = Json::Kind::kString;
      order.offset = one.offset;
      TAFFRAIL_ASSIGN_OR_RETURN(SortBy by, SortByOf(context, one.text, order));
      keys.push_back(std::move(by));
      return absl::OkStatus();
    }
    if (!one.IsObject())
      return context.Error(one, "malformed sort format, an element must be a text or an object");
    for (const auto& [name, options] : one.members) {
      TAFFRAIL_ASSIGN_OR_RETURN(SortBy by, SortByOf(context, name, options));
      keys.push_back(std::move(by));
    }
    return absl::OkStatus();
  };
  if (!sort.IsArray()) {
    TAFFRAIL_RETURN_IF_ERROR(add(sort));
  } else {
    for (const auto& [unused, one] : sort.members) TAFFRAIL_RETURN_IF_ERROR(add(one));
  }
  return keys;
}

std::vector<SortBy> ParseSortText(std::string_view text) {
  std::vector<SortBy> keys;
  while (!text.empty() && keys.size() < kMaxSortKeys) {
    const size_t comma = text.find(',');
    std::string_view piece = text.substr(0, comma);
    text = comma == std::string_view::npos ? "" : text.substr(comma + 1);
    SortBy& by = keys.emplace_back();
    by.descending = piece.ends_with(":desc") || piece == "_score";
    if (piece.ends_with(":desc")) piece.remove_suffix(5);
    if (piece.ends_with(":asc")) piece.remove_suffix(4);
    by.field = FieldOf(piece);
    by.is_score = piece == "_score";
    const bool is_value = by.field.kind == Field::Kind::kValue || by.field.kind == Field::Kind::kTime;
    if (!is_value) by.field.ref = {Source::kTimestamp, ""};
  }
  return keys;
}

absl::StatusOr<Search> ReadSearch(Context& context, const Json& body) {
  Search search;
  if (!body.IsObject()) return context.Error(body, "Expected [START_OBJECT] but found something else");
  for (const auto& [name, value] : body.members) {
    TAFFRAIL_RETURN_IF_ERROR(ReadMember(context, body, name, value, search));
  }
  if (!search.highlight.empty()) CollectWords(*search.filter, search.highlight_words);
  return search;
}

absl::StatusOr<Search> ParseSearch(std::string_view body, int64_t now_ns) {
  Context context{.text = body, .now_ns = now_ns};
  const bool is_empty = body.find_first_not_of(" \t\r\n") == std::string_view::npos;
  if (is_empty) return Search();
  const auto json = ParseJson(body);
  if (!json.ok()) {
    const absl::string_view message = json.status().message();
    return TypedError("parsing_exception", {message.data(), message.size()});
  }
  return ReadSearch(context, *json);
}

absl::Status Check(const Search& search) {
  if (search.size > kMaxWindow || search.from > kMaxWindow || search.from + search.size > kMaxWindow) {
    const uint64_t window = search.from > UINT64_MAX - search.size ? UINT64_MAX : search.from + search.size;
    return TypedError("illegal_argument_exception",
                      fmt::format("Result window is too large, from + size must be less than or equal to: "
                                  "[{}] but was [{}]. See the "
                                  "scroll api for a more efficient way to request large data sets. This "
                                  "limit can be set by changing "
                                  "the [index.max_result_window] index level setting.",
                                  kMaxWindow, window));
  }
  if (!search.after) return absl::OkStatus();
  if (search.from > 0) {
    return TypedError("action_request_validation_exception",
                      "Validation Failed: 1: [from] parameter must be set to 0 when [search_after] is used;");
  }
  if (search.sort.empty()) {
    return TypedError("illegal_argument_exception", "Sort must contain at least one field.");
  }
  if (search.after->size() != search.sort.size()) {
    return TypedError("illegal_argument_exception",
                      fmt::format("search_after has {} value(s) but sort has {}.", search.after->size(),
                                  search.sort.size()));
  }
  return absl::OkStatus();
}

absl::StatusOr<plan::Plan> PlanOf(const Search& search, uint64_t limit) {
  plan::Plan result;
  std::vector<ExprPtr> all = {search.filter, search.post_filter};
  if (search.after) {
    TAFFRAIL_ASSIGN_OR_RETURN(ExprPtr after, AfterFilter(search));
    all.push_back(std::move(after));
  }
  result.source.filter = expr::And(std::move(all));
  result.source.order = plan::Order::kAscending;
  std::vector<plan::SortKey> keys;
  for (const SortBy& by : search.sort) {
    if (!by.is_score) keys.push_back({by.field.ref, by.descending});
  }
  // Equal times are in the order of arrival by themselves.
  const bool by_time =
      !keys.empty() && keys[0].field.source == Source::kTimestamp &&
      std::all_of(keys.begin() + 1, keys.end(), [&](const plan::SortKey& key) {
        return key.field.source == Source::kTimestamp ||
               (key.field.source == Source::kSequence && key.descending == keys[0].descending);
      });
  if (by_time) {
    result.source.order = keys[0].descending ? plan::Order::kDescending : plan::Order::kAscending;
  } else if (!keys.empty()) {
    result.stages.emplace_back(plan::Sort{std::move(keys)});
  }
  result.stages.emplace_back(plan::Limit{.count = limit, .offset = search.from});
  return result;
}

absl::StatusOr<plan::Plan> Parse(std::string_view body, int64_t now_ns) {
  TAFFRAIL_ASSIGN_OR_RETURN(const Search search, ParseSearch(body, now_ns));
  TAFFRAIL_RETURN_IF_ERROR(Check(search));
  if (!search.aggregations.empty()) {
    return absl::InvalidArgumentError(
        "aggregations are answered by the server's _search only: leave out \"aggs\"");
  }
  // Without a size, as many as the caller wants.
  const auto json = ParseJson(body);
  const bool has_size = json.ok() && json->Find("size") != nullptr;
  TAFFRAIL_ASSIGN_OR_RETURN(plan::Plan result,
                            PlanOf(search, has_size ? search.size : UINT64_MAX - kMaxWindow));
  if (!has_size && search.from == 0) result.stages.pop_back();
  if (result.source.order == plan::Order::kDescending) {  // the order of a source is the caller's to set
    result.source.order = plan::Order::kAscending;
    result.stages.insert(result.stages.begin(),
                         plan::Sort{{{.field = {Source::kTimestamp, ""}, .descending = true}}});
  }
  return result;
}

}  // namespace taffrail::query::lang::elastic
