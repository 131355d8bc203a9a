#include "elastic/hits.h"

#include <algorithm>
#include <map>

#include "absl/time/time.h"
#include "expr/words.h"
#include "fmt/format.h"
#include "query/lang/elastic/dates.h"
#include "record/json_writer.h"

namespace taffrail::elastic {
namespace {

namespace lang = query::lang::elastic;
namespace plan = query::plan;
using lang::Json;
using Source = expr::FieldRef::Source;

constexpr int64_t kMillisNs = 1'000'000;

std::string TimeText(int64_t time_ns, std::string_view format) {
  const bool fine = time_ns % kMillisNs != 0 && (format.empty() || format.ends_with("date_optional_time"));
  return lang::FormatDate(time_ns, fine ? "strict_date_optional_time_nanos" : format, absl::UTCTimeZone());
}

// What a field of a document is under the name that was asked for.
const Json* ValueOf(const Document& document, const lang::Field& field) {
  const bool is_message = field.ref.source == Source::kMessage;
  return document.Find(is_message ? "message" : field.ref.name);
}

// Marks the words in a text; empty when there are none.
std::string Marked(const std::string& text, const lang::Search& search) {
  std::string folded;
  expr::AppendFolded(text, folded);
  std::vector<std::pair<size_t, size_t>> marks;
  for (const std::string& words : search.highlight_words) {
    std::string wanted;
    expr::AppendFolded(words, wanted);
    const auto is_word = [&folded](size_t at) {
      return at < folded.size() && expr::IsWordByte(static_cast<unsigned char>(folded[at]));
    };
    for (size_t at = folded.find(wanted); at != std::string::npos; at = folded.find(wanted, at + 1)) {
      const bool whole = (at == 0 || !is_word(at - 1)) && !is_word(at + wanted.size());
      if (whole) marks.emplace_back(at, at + wanted.size());
    }
  }
  if (marks.empty()) return {};
  std::sort(marks.begin(), marks.end());
  std::string out;
  size_t done = 0;
  for (const auto& [begin, end] : marks) {
    if (begin < done) continue;
    out +=
        text.substr(done, begin - done) + search.pre_tag + text.substr(begin, end - begin) + search.post_tag;
    done = end;
  }
  return out + text.substr(done);
}

class CountSink final : public query::exec::ResultSink {
 public:
  bool OnColumns(const std::vector<std::string>&) override { return true; }
  bool OnRecord(const query::exec::LogRow&) override { return false; }
  bool OnRow(const std::vector<expr::Value>& row) override {
    const auto* count = std::get_if<int64_t>(row.data());
    if (count != nullptr) count_ = static_cast<uint64_t>(*count);
    return true;
  }
  uint64_t count() const { return count_; }

 private:
  uint64_t count_ = 0;
};

}  // namespace

bool HitWriter::OnRecord(const query::exec::LogRow& row) {
  const Document document(row);
  if (count_++ > 0) json_ += ',';
  json_ += "{\"_index\":";
  record::AppendJsonString(document.index(), json_);
  json_ += ",\"_id\":\"" + document.id() + '"';
  if (search_.has_version) json_ += ",\"_version\":1";
  if (search_.has_sequence) json_ += fmt::format(",\"_seq_no\":{},\"_primary_term\":1", document.sequence());
  json_ += is_sorted() ? ",\"_score\":null" : ",\"_score\":1.0";
  if (search_.has_source) {
    json_ += ",\"_source\":";
    document.AppendSource(search_.includes, search_.excludes, json_);
  }
  AppendFields(document);
  AppendHighlight(document);
  if (is_sorted()) json_ += ",\"sort\":" + SortOf(document, search_.sort.size() - search_.hidden_keys);
  if (!search_.sort.empty()) last_sort_ = SortOf(document, search_.sort.size());
  json_ += '}';
  is_too_large_ = json_.size() > kMaxBytes;
  return !is_too_large_;
}

void HitWriter::AppendFields(const Document& document) {
  if (search_.fields.empty()) return;
  std::map<std::string, std::string> values;  // by path
  for (const lang::WantedField& wanted : search_.fields) {
    const lang::Field field = lang::FieldOf(wanted.pattern);
    if (field.kind == lang::Field::Kind::kTime) {
      const std::string text = TimeText(document.timestamp_ns(), wanted.format);
      std::string& value = values[field.name];
      value = '[';
      record::AppendJsonString(text, value);
      value += ']';
      continue;
    }
    if (field.is_keyword) {
      if (const Json* const value = ValueOf(document, field)) {
        std::string& out = values[field.name];
        out = value->IsArray() ? "" : "[";
        lang::AppendJson(*value, out);
        if (!value->IsArray()) out += ']';
      }
      continue;
    }
    for (const auto& [path, value] : document.leaves()) {
      const bool matches = MatchesPattern(wanted.pattern, path) || path.starts_with(wanted.pattern + ".");
      if (!matches || value->IsNull() || values.contains(path)) continue;
      std::string& out = values[path];
      out = value->IsArray() ? "" : "[";
      lang::AppendJson(*value, out);
      if (!value->IsArray()) out += ']';
    }
  }
  if (values.empty()) return;
  json_ += ",\"fields\":{";
  const char* comma = "";
  for (const auto& [path, value] : values) {
    json_ += comma;
    comma = ",";
    record::AppendJsonString(path, json_);
    json_ += ':' + value;
  }
  json_ += '}';
}

void HitWriter::AppendHighlight(const Document& document) {
  if (search_.highlight.empty()) return;
  std::string out;
  for (const auto& [path, value] : document.leaves()) {
    if (!value->IsString()) continue;
    const bool wanted = std::any_of(search_.highlight.begin(), search_.highlight.end(),
                                    [&path = path](const std::string& pattern) {
                                      return MatchesPattern(pattern, path) || pattern == path + ".keyword";
                                    });
    const std::string marked = wanted ? Marked(value->text, search_) : "";
    if (marked.empty()) continue;
    if (!out.empty()) out += ',';
    record::AppendJsonString(path, out);
    out += ":[";
    record::AppendJsonString(marked, out);
    out += ']';
  }
  if (!out.empty()) json_ += ",\"highlight\":{" + out + "}";
}

std::string HitWriter::SortOf(const Document& document, size_t keys) const {
  std::string out = "[";
  for (size_t i = 0; i < keys; ++i) {
    const lang::SortBy& by = search_.sort[i];
    if (i > 0) out += ',';
    const int64_t time_ns = document.timestamp_ns();
    if (by.is_score) {
      out += "1.0";
    } else if (by.field.ref.source == Source::kTimestamp) {
      if (!by.format.empty() && by.format != "epoch_millis") {
        record::AppendJsonString(TimeText(time_ns, by.format), out);
      } else {  // as fine as the time is: a search that goes on after it must miss nothing
        out += fmt::format("{}", time_ns % kMillisNs == 0 ? time_ns / kMillisNs : time_ns);
      }
    } else if (by.field.ref.source == Source::kSequence) {
      out += fmt::format("{}", document.sequence());
    } else if (const Json* const value = ValueOf(document, by.field)) {
      lang::AppendJson(*value, out);
    } else {
      out += "null";
    }
  }
  return out + "]";
}

absl::StatusOr<uint64_t> CountOf(const expr::ExprPtr& filter, std::optional<uint64_t> up_to,
                                 const RunPlan& run) {
  plan::Plan count;
  count.source.filter = filter;
  count.source.order = plan::Order::kNone;
  if (up_to) count.stages.emplace_back(plan::Limit{.count = *up_to});
  count.stages.emplace_back(plan::Aggregate{.keys = {}, .calls = {{.name = "n"}}});
  CountSink sink;
  TAFFRAIL_RETURN_IF_ERROR(run(count, sink));
  return sink.count();
}

absl::StatusOr<Hits> HitsOf(const lang::Search& search, const expr::ExprPtr& filter, const uint64_t* total,
                            bool total_as_integer, const RunPlan& run) {
  lang::Search own = search;
  own.filter = expr::And({filter, search.filter});
  HitWriter hits(own);
  if (search.size > 0) {
    TAFFRAIL_ASSIGN_OR_RETURN(const plan::Plan found, lang::PlanOf(own, search.size));
    TAFFRAIL_RETURN_IF_ERROR(run(found, hits));
    if (hits.is_too_large()) {
      return absl::ResourceExhaustedError(
          "the hits are larger than 256 MiB: ask for fewer, or with _source for less of each");
    }
  }
  std::string out = "{";
  uint64_t count = 0;
  if (search.count_up_to != uint64_t{0}) {
    std::string relation = "eq";
    const bool is_whole = search.from == 0 && !search.after && hits.count() < search.size;
    if (total != nullptr) {
      count = *total;
    } else if (is_whole) {
      count = hits.count();
    } else {
      const auto up_to = search.count_up_to;
      const expr::ExprPtr all = expr::And({own.filter, search.post_filter});
      TAFFRAIL_ASSIGN_OR_RETURN(
          count, CountOf(all, up_to ? std::optional(*up_to + (*up_to < UINT64_MAX ? 1 : 0)) : up_to, run));
    }
    if (search.count_up_to && count > *search.count_up_to) {
      count = *search.count_up_to;
      relation = "gte";
    }
    out += total_as_integer ? fmt::format("\"total\":{},", count)
                            : fmt::format("\"total\":{{\"value\":{},\"relation\":\"{}\"}},", count, relation);
  }
  const bool has_score = hits.count() > 0 && !hits.is_sorted();
  out += fmt::format("\"max_score\":{},\"hits\":[", has_score ? "1.0" : "null") + hits.json() + "]}";
  return Hits{.json = std::move(out), .last_sort = hits.last_sort(), .count = hits.count(), .total = count};
}

}  // namespace taffrail::elastic
