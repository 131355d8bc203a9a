#include "server/overview.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "base/time_text.h"
#include "expr/field_reader.h"
#include "fmt/format.h"
#include "record/row_cursor.h"

namespace taffrail::server {
namespace {

constexpr std::string_view kLevelNames[] = {"TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "none"};

// Rounded up: the buckets cover the whole range. The range may be all of time, whose length fits no int64.
int64_t BucketWidth(int64_t from_ns, int64_t to_ns, uint64_t buckets) {
  const uint64_t length = static_cast<uint64_t>(to_ns) - static_cast<uint64_t>(from_ns);
  return static_cast<int64_t>(std::max<uint64_t>(1, length / buckets + (length % buckets != 0 ? 1 : 0)));
}

}  // namespace

Overview::Overview(const Options& options)
    : options_(options),
      bucket_ns_(BucketWidth(options.from_ns, options.to_ns, std::max<uint64_t>(options.buckets, 1))),
      buckets_(std::max<uint64_t>(options.buckets, 1)) {
  for (const std::string& name : options.facets) facets_.emplace_back(name);
}

store::Columns Overview::Columns() const {
  store::Columns columns;
  columns.fields.push_back(FieldNamed("level"));
  for (const Facet& facet : facets_) columns.fields.push_back(facet.field());
  return columns;
}

size_t Overview::IndexOfLevel(std::string_view level) {
  const auto* const found = std::find(std::begin(kLevelNames), std::end(kLevelNames) - 1, level);
  return static_cast<size_t>(found - std::begin(kLevelNames));
}

void Overview::Add(const record::RecordBatch& batch, const expr::Selection& rows) {
  record::RowCursor cursor(batch);
  const expr::FieldReader level(batch, FieldNamed("level"));
  std::vector<expr::FieldReader> readers;
  readers.reserve(facets_.size());
  for (const Facet& facet : facets_) readers.emplace_back(batch, facet.field());
  lines_ += rows.size();
  for (const uint32_t row : rows) {
    cursor.MoveTo(row);
    const uint64_t since =
        static_cast<uint64_t>(batch.timestamp_ns[row]) - static_cast<uint64_t>(options_.from_ns);
    const size_t bucket = std::min<uint64_t>(since / static_cast<uint64_t>(bucket_ns_), buckets_.size() - 1);
    ++buckets_[bucket][IndexOfLevel(expr::ToText(level.Read(cursor)))];
    for (size_t i = 0; i < facets_.size(); ++i) facets_[i].Add(readers[i], cursor);
  }
}

void Overview::AppendJson(std::string& out) const {
  fmt::format_to(std::back_inserter(out), R"("from":"{}","to":"{}","lines":{},"bucket_ns":{},"levels":{{)",
                 base::FormatRfc3339(options_.from_ns), base::FormatRfc3339(options_.to_ns), lines_,
                 bucket_ns_);
  for (size_t level = 0; level < kLevels; ++level) {
    const bool seen = std::any_of(buckets_.begin(), buckets_.end(),
                                  [level](const Counts& counts) { return counts[level] > 0; });
    if (!seen) continue;
    if (out.back() != '{') out += ',';
    fmt::format_to(std::back_inserter(out), "\"{}\":[", kLevelNames[level]);
    for (const Counts& counts : buckets_) {
      if (out.back() != '[') out += ',';
      fmt::format_to(std::back_inserter(out), "{}", counts[level]);
    }
    out += ']';
  }
  out += "},\"facets\":[";
  for (const Facet& facet : facets_) {
    if (out.back() != '[') out += ',';
    facet.AppendJson(options_.facet_limit, out);
  }
  out += ']';
}

}  // namespace taffrail::server
