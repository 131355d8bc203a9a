#include "ingest/redaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/time_text.h"
#include "ingest/suspect_rows.h"
#include "record/batch_builder.h"
#include "record/json_writer.h"
#include "record/row_cursor.h"
#include "record/well_known.h"
#include "redact/policy.h"

namespace taffrail::ingest {
namespace {

constexpr std::array<std::string_view, 4> kModes = {"off", "watch", "warn", "mask"};

// Labels that name the service of a stream, best first.
constexpr std::array<std::string_view, 4> kServiceLabels = {"service_name", "service", "app", "job"};
constexpr size_t kServiceBytesMax = 100;  // of a name that becomes a label of /metrics

std::string ServiceOfStream(const record::RecordBatch& batch, size_t row) {
  if (batch.streams.empty()) return {};
  const record::Labels& labels = batch.streams[batch.stream_of(row)].labels;
  for (const std::string_view name : kServiceLabels) {
    const auto label = std::ranges::find(labels, name, &std::pair<std::string, std::string>::first);
    if (label != labels.end()) return label->second;
  }
  return {};
}

// Who sent a row: its own field, else a label of its stream.
std::string ServiceOf(const record::RecordBatch& batch, const std::vector<int>& holes,
                      const record::RowCursor& cursor) {
  std::string service;
  const int hole = holes[batch.shape[cursor.row()]];
  if (hole >= 0) {
    const uint32_t column = cursor.shape().holes[static_cast<size_t>(hole)].column;
    record::AppendTextValue(batch.columns[column], cursor.ValueIndex(column), service);
  } else {
    service = ServiceOfStream(batch, cursor.row());
  }
  if (service.size() > kServiceBytesMax) service.resize(kServiceBytesMax);
  return service.empty() ? "unknown" : service;
}

// What the policy finds in rows of a batch: in each line, and in its attributes as in another line.
class HitFinder {
 public:
  HitFinder(const record::RecordBatch& batch, const redact::Policy& policy)
      : batch_(batch), policy_(policy) {}

  std::vector<Hit> In(const std::vector<bool>& rows) {
    hits_.clear();
    scratch_.key_lines = {};
    record::RowCursor cursor(batch_);
    for (size_t row = 0; row < batch_.rows(); ++row) {
      if (!rows[row]) continue;
      cursor.MoveTo(row);
      cursor.AppendLine(text_);
      Close(row);
      if (cursor.shape().line_size == cursor.shape().skeleton.size()) continue;
      cursor.AppendAttributes(text_);
      Close(row);
    }
    Look();
    return std::move(hits_);
  }
  // Whether a private key may have begun in what was looked at.
  bool saw_key() const { return saw_key_; }

 private:
  // Looked at at once: what was written is still in the processor's cache.
  static constexpr size_t kTextBytes = size_t{32} << 10;
  struct Line {
    size_t end;
    size_t row;
  };

  void Close(size_t row) {
    text_ += '\n';
    lines_.push_back({text_.size(), row});
    if (text_.size() >= kTextBytes) Look();
  }

  void Look() {
    policy_.FindInLines(text_, scratch_);
    saw_key_ = saw_key_ || text_.find("PRIVATE KEY") != std::string::npos;
    for (const redact::Finding& finding : scratch_.findings) {
      const auto line = std::ranges::upper_bound(lines_, finding.begin, {}, &Line::end);
      hits_.push_back({line->row, finding.rule});
    }
    text_.clear();
    lines_.clear();
  }

  const record::RecordBatch& batch_;
  const redact::Policy& policy_;
  redact::Scratch scratch_;
  std::string text_;
  std::vector<Line> lines_;
  std::vector<Hit> hits_;
  bool saw_key_ = false;
};

std::vector<Hit> HitsIn(const record::RecordBatch& batch, const redact::Policy& policy) {
  HitFinder finder(batch, policy);
  std::vector<Hit> hits = finder.In(SuspectRows(batch, policy));
  // The lines of a key that follow on its first one may be any.
  if (finder.saw_key()) hits = finder.In(std::vector<bool>(batch.rows(), true));
  return hits;
}

// Labels of a stream as a line would have them.
std::string LabelsLine(const record::Labels& labels) {
  std::string line = "{";
  for (const auto& [name, value] : labels) {
    if (line.size() > 1) line += ',';
    record::AppendJsonString(name, line);
    line += ':';
    record::AppendJsonString(value, line);
  }
  return line += '}';
}

// The same records without what the policy finds.
class Masker {
 public:
  explicit Masker(const redact::Policy& policy) : policy_(policy) {}

  std::vector<record::RecordBatch> Mask(const record::RecordBatch& batch, const std::vector<bool>& dirty,
                                        const std::vector<bool>& dirty_streams) {
    std::vector<record::Labels> streams;
    for (size_t i = 0; i < batch.streams.size(); ++i)
      streams.push_back(dirty_streams[i] ? Masked(batch.streams[i].labels) : batch.streams[i].labels);
    record::RowCursor cursor(batch);
    for (size_t row = 0; row < batch.rows(); ++row) {
      cursor.MoveTo(row);
      line_.clear();
      attributes_.clear();
      cursor.AppendLine(line_);
      cursor.AppendAttributes(attributes_);
      if (dirty[row]) {
        const bool line = Redact(line_);
        // Nothing in it by itself: it is of a key whose begin is in another record.
        if (!Redact(attributes_) && !line) line_ = redact::kStars;
      }
      if (builder_.Full()) done_.push_back(builder_.Finish());
      if (!streams.empty()) builder_.SetStream(streams[batch.stream_of(row)]);
      builder_.Append(line_, batch.timestamp_ns[row], attributes_);
    }
    done_.push_back(builder_.Finish());
    return std::move(done_);
  }

 private:
  bool Redact(std::string& text) {
    masked_.clear();
    if (!policy_.Redact(text, scratch_, masked_)) return false;
    text.swap(masked_);
    return true;
  }

  record::Labels Masked(const record::Labels& labels) {
    record::Labels masked;
    for (const auto& [name, value] : labels) {
      const redact::PathVerdict verdict = policy_.Judge(name);
      if (verdict.action == redact::Action::kRemove) continue;
      std::string left;
      if (verdict.action == redact::Action::kKeep ||
          (!policy_.Replace(verdict, value, left) && !policy_.engine().Redact(value, scratch_, left)))
        left = value;
      masked.emplace_back(name, left);
    }
    return masked;
  }

  const redact::Policy& policy_;
  redact::Scratch scratch_;
  record::BatchBuilder builder_;
  std::vector<record::RecordBatch> done_;
  std::string line_;
  std::string attributes_;
  std::string masked_;
};

}  // namespace

std::optional<RedactionMode> RedactionModeOf(std::string_view name) {
  const auto known = std::ranges::find(kModes, name);
  if (known == kModes.end()) return std::nullopt;
  return static_cast<RedactionMode>(known - kModes.begin());
}

std::string_view NameOf(RedactionMode mode) { return kModes[static_cast<size_t>(mode)]; }

Redaction::Redaction(RedactionMode mode, std::shared_ptr<const redact::Policy> policy)
    : mode_(policy == nullptr ? RedactionMode::kOff : mode), policy_(std::move(policy)) {}

std::vector<record::RecordBatch> Redaction::Look(record::RecordBatch batch) {
  std::vector<record::RecordBatch> out;
  if (mode_ == RedactionMode::kOff) {
    out.push_back(std::move(batch));
    return out;
  }
  std::vector<Hit> hits = HitsIn(batch, *policy_);
  redact::Scratch scratch;
  std::vector<bool> dirty_streams(batch.streams.size());
  std::vector<std::vector<uint16_t>> rules_of_stream(batch.streams.size());
  bool any_stream = false;
  for (size_t i = 0; i < batch.streams.size(); ++i) {
    policy_->Find(LabelsLine(batch.streams[i].labels), scratch);
    for (const redact::Finding& finding : scratch.findings) rules_of_stream[i].push_back(finding.rule);
    dirty_streams[i] = !scratch.findings.empty();
    any_stream = any_stream || dirty_streams[i];
  }
  std::vector<bool> dirty(batch.rows());
  for (const Hit& hit : hits) dirty[hit.row] = true;
  const auto masked = static_cast<uint64_t>(std::ranges::count(dirty, true));
  if (any_stream) {  // counted once for each stream of a batch, with its first record
    std::vector<bool> counted(batch.streams.size());
    for (size_t row = 0; row < batch.rows(); ++row) {
      const uint32_t stream = batch.stream_of(row);
      if (counted[stream]) continue;
      counted[stream] = true;
      for (const uint16_t rule : rules_of_stream[stream]) hits.push_back({row, rule});
    }
    std::ranges::stable_sort(hits, {}, &Hit::row);
  }
  Count(batch, hits);
  if (hits.empty() || mode_ != RedactionMode::kMask) {
    out.push_back(std::move(batch));
    return out;
  }
  {
    const absl::MutexLock lock(&mutex_);
    masked_ += masked;
  }
  return Masker(*policy_).Mask(batch, dirty, dirty_streams);
}

void Redaction::Count(const record::RecordBatch& batch, const std::vector<Hit>& hits) {
  std::map<std::pair<std::string, std::string>, uint64_t> found;
  if (!hits.empty()) {
    const std::vector<int> holes = record::HolesOf(batch, record::Role::kService);
    record::RowCursor cursor(batch);
    for (const Hit& hit : hits) {
      cursor.MoveTo(hit.row);
      ++found[{std::string(policy_->engine().RuleId(hit.rule)), ServiceOf(batch, holes, cursor)}];
    }
  }
  const absl::MutexLock lock(&mutex_);
  records_ += batch.rows();
  for (const auto& [key, count] : found) {
    const bool is_full = leaks_.size() >= kLeaksMax && !leaks_.contains(key);
    Leak& leak = is_full ? leaks_[{key.first, "other"}] : leaks_[key];
    leak.found += count;
    leak.unsaid += count;
  }
}

std::optional<record::RecordBatch> Redaction::Warnings(int64_t now_ns) {
  if (mode_ != RedactionMode::kWarn && mode_ != RedactionMode::kMask) return std::nullopt;
  record::BatchBuilder builder;
  builder.SetStream({{"service", "taffrail"}});
  const absl::MutexLock lock(&mutex_);
  for (auto& [key, leak] : leaks_) {
    if (leak.unsaid == 0 || (leak.said_ns != 0 && now_ns - leak.said_ns < kSayEveryNs)) continue;
    const auto& [rule, service] = key;
    std::string line = fmt::format(
        R"({{"timestamp":"{}","level":"WARNING","logger":"taffrail.redaction","service":"taffrail",)"
        R"("message":"A secret was found in what a service sent","leak":{{"service":)",
        base::FormatRfc3339(now_ns));
    record::AppendJsonString(service, line);
    line += R"(,"rule":)";
    record::AppendJsonString(rule, line);
    line += fmt::format(R"(,"found":{},"stored":"{}"}}}})", leak.unsaid,
                        mode_ == RedactionMode::kMask ? "masked" : "as sent");
    builder.Append(line, now_ns);
    leak.unsaid = 0;
    leak.said_ns = now_ns;
  }
  if (builder.rows() == 0) return std::nullopt;
  return builder.Finish();
}

RedactionCounts Redaction::Read() const {
  const absl::MutexLock lock(&mutex_);
  RedactionCounts counts{.records = records_, .masked = masked_, .found = {}};
  for (const auto& [key, leak] : leaks_) counts.found[key] += leak.found;
  return counts;
}

}  // namespace taffrail::ingest
