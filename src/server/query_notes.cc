#include "server/query_notes.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "base/env.h"
#include "base/nearest.h"
#include "expr/matcher.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "query/plan/field_names.h"
#include "record/json_writer.h"
#include "server/field_catalog.h"

namespace taffrail::server {
namespace {

namespace exec = query::exec;
namespace plan = query::plan;

constexpr int64_t kLookNs = 250'000'000;  // nobody waits longer for a hint
constexpr size_t kMostHints = 5;          // more is a query of another system, not a slip

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string Flat(std::string name) {
  for (char& c : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

std::string Folded(std::string_view name) {
  std::string folded = Flat(std::string(name));
  absl::AsciiStrToLower(&folded);
  return folded;
}

bool IsOf(const plan::NamedField& wanted, const std::string& name) {
  if (name == wanted.name) return true;
  if (wanted.among == plan::NamedField::Among::kFlat) return Flat(name) == wanted.name;
  // An object that has fields is there too.
  return name.size() > wanted.name.size() && name[wanted.name.size()] == '.' &&
         name.compare(0, wanted.name.size(), wanted.name) == 0;
}

// Names that LogQL gives without any line having them.
bool IsMade(const plan::NamedField& field) {
  return field.name == "detected_level" || EndsWith(field.name, "_extracted");
}

// Looks through the lines of a range until each name has been seen, or the time is over.
class FieldSearch {
 public:
  FieldSearch(std::vector<plan::NamedField> unknown, const exec::ExecOptions& options)
      : unknown_(std::move(unknown)),
        options_(options),
        env_(options.env != nullptr ? *options.env : base::Env::Posix()),
        deadline_ns_(env_.MonotonicNs() + kLookNs) {}

  absl::Status Run(exec::Engine& engine, const plan::TimeRange& range) {
    exec::ScanSpec spec;
    spec.range = range;
    TAFFRAIL_ASSIGN_OR_RETURN(spec.filter, expr::Matcher::Compile(expr::True()));
    spec.shapes_only = true;
    spec.cancelled = [this] {
      late_ = late_ || env_.MonotonicNs() > deadline_ns_;
      return late_ || (options_.cancelled && options_.cancelled());
    };
    const bool in_range = engine.CanPush(spec).range;
    exec::ScanStats stats;
    return engine.Scan(
        spec,
        [&](const record::RecordBatch& batch, const expr::Selection& rows) {
          expr::Selection kept;
          for (const uint32_t row : rows) {
            if (in_range || plan::Contains(range, batch.timestamp_ns[row])) kept.push_back(row);
          }
          const size_t before = catalog_.size();
          if (!kept.empty()) catalog_.Add(batch, kept);
          if (rows.empty()) catalog_.AddShapes(batch);
          if (catalog_.size() == before) return true;
          names_ = catalog_.Names();
          labels_ = catalog_.LabelNames();
          const auto seen = [this](const plan::NamedField& field) {
            const std::vector<std::string>& names = NamesFor(field);
            return std::any_of(names.begin(), names.end(),
                               [&](const std::string& name) { return IsOf(field, name); });
          };
          unknown_.erase(std::remove_if(unknown_.begin(), unknown_.end(), seen), unknown_.end());
          return !unknown_.empty();
        },
        stats);
  }

  void AddNotes(std::vector<QueryNote>& notes) const {
    if (catalog_.size() == 0 || catalog_.truncated()) return;  // then nothing can be said
    for (size_t i = 0; i < std::min(unknown_.size(), kMostHints); ++i) {
      QueryNote note;
      note.field = unknown_[i].name;
      std::vector<std::string> names = NamesFor(unknown_[i]);
      const bool label = unknown_[i].among == plan::NamedField::Among::kLabels;
      if (unknown_[i].among == plan::NamedField::Among::kFlat)
        std::transform(names.begin(), names.end(), names.begin(), Flat);
      note.did_you_mean = NearestFields(note.field, names);
      note.message = late_ ? "no line that was looked at has" : "no line in the range has";
      note.message += fmt::format(" a {} \"{}\"", label ? "label" : "field", note.field);
      if (!note.did_you_mean.empty()) {
        note.message += fmt::format("; did you mean \"{}\"?", fmt::join(note.did_you_mean, "\" or \""));
      }
      notes.push_back(std::move(note));
    }
  }

 private:
  const std::vector<std::string>& NamesFor(const plan::NamedField& field) const {
    return field.among == plan::NamedField::Among::kLabels ? labels_ : names_;
  }

  std::vector<plan::NamedField> unknown_;
  const exec::ExecOptions& options_;
  base::Env& env_;
  const int64_t deadline_ns_;
  FieldCatalog catalog_;
  std::vector<std::string> names_;
  std::vector<std::string> labels_;
  bool late_ = false;
};

}  // namespace

std::vector<std::string> NearestFields(std::string_view name, const std::vector<std::string>& names) {
  constexpr size_t kNameBytesMax = 128;  // the distance takes quadratic time
  constexpr size_t kMost = 3;
  if (name.size() > kNameBytesMax) return {};
  const std::string wanted = Folded(name);
  const size_t slips_max = wanted.size() < 4 ? 1 : 2;  // a short word is another one sooner
  std::vector<std::pair<size_t, std::string_view>> near;
  for (const std::string& each : names) {
    if (each.size() > kNameBytesMax || each == name) continue;
    const std::string folded = Folded(each);
    const std::string end = Folded(std::string_view(each).substr(each.rfind('.') + 1));
    size_t rank = SIZE_MAX;  // slips twice, and one more for the path that was left out
    const size_t slips = base::EditDistance(wanted, folded);
    if (slips <= slips_max && slips < wanted.size()) rank = slips * 2;
    const size_t end_slips = EndsWith(folded, "_" + wanted) ? 0 : base::EditDistance(wanted, end);
    if (end_slips <= slips_max && end_slips < wanted.size()) rank = std::min(rank, end_slips * 2 + 1);
    if (rank != SIZE_MAX) near.emplace_back(rank, each);
  }
  // Twice where lines have a field of the name of a built-in one.
  std::sort(near.begin(), near.end());
  near.erase(std::unique(near.begin(), near.end()), near.end());
  std::vector<std::string> nearest;
  for (const auto& [rank, each] : near) {
    if (nearest.size() == kMost) break;
    nearest.emplace_back(each);
  }
  return nearest;
}

std::vector<QueryNote> NotesOn(const plan::Plan& plan, exec::Engine& engine, const exec::ExecStats& stats,
                               const exec::ExecOptions& options) {
  std::vector<QueryNote> notes;
  for (std::string& message : exec::NotesOf(stats)) notes.push_back({std::move(message), {}, {}});
  const bool records = plan::ColumnsOf(plan).empty();
  if (records && stats.rows_out > 0) return notes;
  std::vector<plan::NamedField> fields = plan::FieldNamesOf(plan);
  fields.erase(std::remove_if(fields.begin(), fields.end(), IsMade), fields.end());
  if (fields.empty()) return notes;
  FieldSearch search(std::move(fields), options);
  // A hint that cannot be had is no error of the query, which went well.
  if (search.Run(engine, plan.source.range).ok()) search.AddNotes(notes);
  return notes;
}

std::string NotesJson(const std::vector<QueryNote>& notes) {
  std::string out = "[";
  for (const QueryNote& note : notes) {
    if (out.back() != '[') out += ',';
    out += "{\"message\":";
    record::AppendJsonString(note.message, out);
    if (!note.field.empty()) {
      out += ",\"field\":";
      record::AppendJsonString(note.field, out);
      out += ",\"did_you_mean\":[";
      for (const std::string& name : note.did_you_mean) {
        if (out.back() != '[') out += ',';
        record::AppendJsonString(name, out);
      }
      out += ']';
    }
    out += '}';
  }
  return out + "]";
}

}  // namespace taffrail::server
