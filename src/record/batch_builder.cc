#include "record/batch_builder.h"

#include <simdjson.h>

#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "record/json_walk.h"
#include "record/line_matcher.h"
#include "record/text_coders.h"

namespace taffrail::record {
namespace {

constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

bool IsAscii(std::string_view text) {
  constexpr size_t kWord = sizeof(uint64_t);
  const char* at = text.data();
  size_t left = text.size();
  const auto word = [&](size_t i) {
    uint64_t bytes = 0;
    std::memcpy(&bytes, at + i * kWord, kWord);
    return bytes;
  };
  uint64_t any = 0;
  for (; left >= 4 * kWord; at += 4 * kWord, left -= 4 * kWord) any |= word(0) | word(1) | word(2) | word(3);
  for (; left >= kWord; at += kWord, left -= kWord) any |= word(0);
  for (; left > 0; ++at, --left) any |= static_cast<uint8_t>(*at);
  return (any & 0x8080808080808080) == 0;
}

// Most lines are ASCII, and to see that takes a fraction of what the full check does.
bool IsUtf8(std::string_view text) {
  return IsAscii(text) || simdjson::validate_utf8(text.data(), text.size());
}

// Punches the values out of one object: gathers the skeleton and the values.
struct Puncher {
  std::string& skeleton;
  std::vector<ScannedValue>& values;
  const char* literal;  // where the text not yet in the skeleton begins

  bool OnHole(std::string_view, const char* begin, const char* end, const ScannedValue& value) {
    if (values.size() == kMaxLineHoles) return false;
    skeleton.append(literal, begin);
    skeleton.push_back(static_cast<char>(value.kind));
    values.push_back(value);
    literal = end;
    return true;
  }
  void OnConstant(std::string_view, std::string_view) {}
};

// The skeletons met so far of one origin (line or attributes). They outlive a batch; their places in the
// batch being built do not.
class PartTable {
 public:
  struct Part {
    std::string skeleton;
    std::vector<Hole> holes;
    std::vector<ColumnKey> keys;
    std::vector<Constant> constants;
    bool is_text = false;
    std::vector<uint32_t> columns;  // in the batch being built, by hole; empty: not used in it yet
    uint32_t shape_alone = kNone;   // in the batch being built: this part without another
  };

  explicit PartTable(Origin origin) : origin_(origin) {}

  // The id of the text's part, its values in `values`; -1 when it is not one JSON object.
  int Resolve(std::string_view text, std::vector<ScannedValue>& values) {
    const int known = matcher_.Match(text, values);
    return known >= 0 ? known : Learn(text, values);
  }

  int TextPart() {
    const std::string_view skeleton("\x08", 1);
    const auto found = ids_.find(skeleton);
    return found != ids_.end() ? found->second : Insert(skeleton);
  }

  Part& operator[](int id) { return parts_[static_cast<size_t>(id)]; }
  size_t bytes() const { return bytes_; }

  void StartBatch() {
    for (Part& part : parts_) {
      part.columns.clear();
      part.shape_alone = kNone;
    }
  }

 private:
  int Learn(std::string_view text, std::vector<ScannedValue>& values) {
    values.clear();
    skeleton_.clear();
    Puncher puncher{skeleton_, values, text.data()};
    JsonWalk<Puncher> walk(puncher, /*skeleton=*/false);
    if (!walk.Run(text)) return -1;
    skeleton_.append(puncher.literal, text.data() + text.size());
    const auto found = ids_.find(skeleton_);
    if (found != ids_.end()) return found->second;
    const int id = Insert(skeleton_);
    if (id >= 0) matcher_.Add(parts_.back().skeleton, parts_.back().holes, id);
    return id;
  }

  int Insert(std::string_view skeleton) {
    Part part;
    Shape shape;
    if (!ParseSkeleton(skeleton, shape, part.keys)) return -1;  // a skeleton beyond kMaxShapeBytes
    for (ColumnKey& key : part.keys) key.origin = origin_;
    for (Constant& constant : shape.constants) constant.origin = origin_;
    part.skeleton = std::move(shape.skeleton);
    part.holes = std::move(shape.holes);
    part.constants = std::move(shape.constants);
    part.is_text = shape.is_text;
    bytes_ += part.skeleton.size() * 2 + part.keys.size() * sizeof(ColumnKey) +
              part.constants.size() * sizeof(Constant) + sizeof(Part);
    const int id = static_cast<int>(parts_.size());
    ids_.emplace(part.skeleton, id);
    parts_.push_back(std::move(part));
    return id;
  }

  Origin origin_;
  LineMatcher matcher_;
  std::vector<Part> parts_;
  absl::flat_hash_map<std::string, int, base::StringHash, std::equal_to<>> ids_;
  std::string skeleton_;
  size_t bytes_ = 0;
};

struct ColumnKeyHash {
  size_t operator()(const ColumnKey& key) const {
    return base::Hash64(key.path, static_cast<uint64_t>(key.kind) * 2 + static_cast<uint64_t>(key.origin));
  }
};

}  // namespace

class BatchBuilder::Impl {
 public:
  void SetStream(const Labels& labels) {
    const auto [entry, added] = stream_ids_.try_emplace(labels, static_cast<uint32_t>(batch_.streams.size()));
    if (added) batch_.streams.push_back({labels});
    stream_ = entry->second;
  }

  LineFormat Append(std::string_view line, int64_t timestamp_ns, std::string_view attributes) {
    if (batch_.streams.empty()) SetStream({});
    LineFormat format = LineFormat::kJson;
    int line_part = -1;
    if (!IsUtf8(line)) {
      format = LineFormat::kInvalidUtf8;
    } else {
      line_part = lines_.Resolve(line, line_values_);
      if (line_part < 0) format = LineFormat::kText;
    }
    if (line_part < 0) {
      line_part = lines_.TextPart();
      line_values_.assign(1, ScannedValue{.kind = Kind::kText, .text = line});
    }
    int attribute_part = -1;
    if (!attributes.empty() && IsUtf8(attributes)) {
      attribute_part = attributes_.Resolve(attributes, attribute_values_);
    }

    const uint32_t shape = ShapeOf(line_part, attribute_part);
    AppendValues(line_values_, lines_[line_part].columns);
    if (attribute_part >= 0) AppendValues(attribute_values_, attributes_[attribute_part].columns);
    batch_.shape.push_back(shape);
    batch_.timestamp_ns.push_back(timestamp_ns);
    AppendStream();
    bytes_ += line.size() + attributes.size();
    batch_.line_bytes += line.size() + 1;
    return format;
  }

  size_t rows() const { return batch_.rows(); }
  size_t bytes() const { return bytes_; }
  size_t learned_bytes() const { return lines_.bytes() + attributes_.bytes(); }
  bool Full() const {
    return batch_.rows() >= kMaxBatchRows || bytes_ >= kMaxBatchBytes ||
           batch_.columns.size() >= kMaxBatchColumns || shape_bytes_ >= kMaxShapeBytes;
  }

  RecordBatch Finish() {
    RecordBatch done = std::move(batch_);
    for (Column& column : done.columns) {
      if (column.coded() && HardlyRepeats(column)) MakePlain(column);
    }
    coders_.StartBatch();
    NoteSizes(done);
    batch_ = RecordBatch();
    batch_.shape.reserve(done.shape.size());
    batch_.timestamp_ns.reserve(done.timestamp_ns.size());
    stream_ = 0;
    bytes_ = 0;
    shape_bytes_ = 0;
    column_ids_.clear();
    stream_ids_.clear();
    pairs_.clear();
    if (learned_bytes() > 2 * kMaxShapeBytes) {
      lines_ = PartTable(Origin::kLine);
      attributes_ = PartTable(Origin::kAttribute);
    } else {
      lines_.StartBatch();
      attributes_.StartBatch();
    }
    return done;
  }

 private:
  // The batch's shape made of these parts; made on first use.
  uint32_t ShapeOf(int line_part, int attribute_part) {
    PartTable::Part& line = lines_[line_part];
    if (attribute_part < 0) {
      if (line.shape_alone == kNone) line.shape_alone = MakeShape(line, nullptr);
      return line.shape_alone;
    }
    const auto [entry, added] = pairs_.try_emplace(std::pair(line_part, attribute_part), kNone);
    if (added) entry->second = MakeShape(line, &attributes_[attribute_part]);
    return entry->second;
  }

  uint32_t MakeShape(PartTable::Part& line, PartTable::Part* attributes) {
    Shape shape;
    AddPart(line, 0, shape);
    shape.line_holes = static_cast<uint32_t>(shape.holes.size());
    shape.line_size = static_cast<uint32_t>(shape.skeleton.size());
    shape.is_text = line.is_text;
    if (attributes != nullptr) {
      shape.skeleton.push_back(kAttributeSeparator);
      AddPart(*attributes, static_cast<uint32_t>(shape.skeleton.size()), shape);
    }
    shape_bytes_ += shape.skeleton.size();
    batch_.shapes.push_back(std::move(shape));
    return static_cast<uint32_t>(batch_.shapes.size() - 1);
  }

  void AddPart(PartTable::Part& part, uint32_t offset, Shape& shape) {
    if (part.columns.size() != part.keys.size()) {
      part.columns.clear();
      for (const ColumnKey& key : part.keys) part.columns.push_back(ColumnOf(key));
    }
    shape.skeleton += part.skeleton;
    for (size_t i = 0; i < part.holes.size(); ++i) {
      shape.holes.push_back({.literal_end = part.holes[i].literal_end + offset, .column = part.columns[i]});
    }
    shape.constants.insert(shape.constants.end(), part.constants.begin(), part.constants.end());
  }

  uint32_t ColumnOf(const ColumnKey& key) {
    const auto [entry, added] = column_ids_.try_emplace(key, static_cast<uint32_t>(batch_.columns.size()));
    if (added) {
      Column& column = batch_.columns.emplace_back();
      column.key = key;
      if (const auto size = sizes_.find(key); size != sizes_.end()) Reserve(size->second, column);
    }
    return entry->second;
  }

  // What a column of the last batch came to: the next one's is alike, and need not grow step by step.
  struct ColumnSize {
    size_t values;
    size_t texts;
    size_t bytes;
  };

  void NoteSizes(RecordBatch& batch) {
    constexpr size_t kMaxNoted = 1024;  // with more columns each has few values, and grows quickly
    sizes_.clear();
    if (batch.columns.size() > kMaxNoted) return;
    for (Column& column : batch.columns) {
      sizes_[column.key] = {
          .values = column.size(), .texts = column.strings.size(), .bytes = column.strings.bytes()};
      GiveBack(column);
    }
  }

  // A batch that stayed much smaller than the one before must not hold what that one needed.
  static void GiveBack(Column& column) {
    constexpr size_t kLittle = 4096;  // not worth a copy
    const auto is_loose = [](size_t capacity, size_t size) { return capacity > 2 * size + kLittle; };
    StringData& strings = column.strings;
    if (is_loose(strings.raw_bytes().capacity(), strings.bytes())) strings.mutable_bytes().shrink_to_fit();
    if (is_loose(strings.raw_ends().capacity(), strings.size())) strings.mutable_ends().shrink_to_fit();
    if (is_loose(column.codes.capacity(), column.codes.size())) column.codes.shrink_to_fit();
    if (is_loose(column.integers.capacity(), column.integers.size())) column.integers.shrink_to_fit();
    if (is_loose(column.scales.capacity(), column.scales.size())) column.scales.shrink_to_fit();
  }

  static void Reserve(const ColumnSize& size, Column& column) {
    constexpr size_t kSpare = 16;  // one more in so many
    const size_t values = size.values + size.values / kSpare;
    if (column.IsString()) {
      column.strings.Reserve(size.texts + size.texts / kSpare, size.bytes + size.bytes / kSpare);
      if (size.texts < size.values) column.codes.reserve(values);
    } else {
      column.integers.reserve(values);
      if (column.key.kind == Kind::kDecimal) column.scales.reserve(values);
    }
  }

  void AppendValues(const std::vector<ScannedValue>& values, const std::vector<uint32_t>& columns) {
    for (size_t i = 0; i < values.size(); ++i) AppendValue(values[i], columns[i]);
  }

  void AppendValue(const ScannedValue& value, size_t index) {
    Column& column = batch_.columns[index];
    switch (value.kind) {
      case Kind::kDecimal:
        column.scales.push_back(value.scale);
        [[fallthrough]];
      case Kind::kInteger:
      case Kind::kBool:
        column.integers.push_back(value.integer);
        return;
      case Kind::kString:
        if (value.has_escapes) {
          unescaped_.clear();
          AppendUnescaped(value.text, unescaped_);
          coders_.Append(unescaped_, index, column);
          return;
        }
        [[fallthrough]];
      default:
        coders_.Append(value.text, index, column);
    }
  }

  // The stream column stays away while every row has the first stream.
  void AppendStream() {
    if (batch_.stream.empty()) {
      if (stream_ == 0) return;
      batch_.stream.assign(batch_.rows() - 1, 0);
    }
    batch_.stream.push_back(stream_);
  }

  RecordBatch batch_;
  PartTable lines_{Origin::kLine};
  PartTable attributes_{Origin::kAttribute};
  absl::flat_hash_map<ColumnKey, uint32_t, ColumnKeyHash> column_ids_;
  absl::flat_hash_map<ColumnKey, ColumnSize, ColumnKeyHash> sizes_;
  absl::flat_hash_map<std::pair<int, int>, uint32_t> pairs_;
  TextCoders coders_;
  std::string unescaped_;
  std::vector<ScannedValue> line_values_;
  std::vector<ScannedValue> attribute_values_;
  absl::flat_hash_map<Labels, uint32_t> stream_ids_;
  uint32_t stream_ = 0;
  size_t bytes_ = 0;
  size_t shape_bytes_ = 0;
};

BatchBuilder::BatchBuilder() : impl_(std::make_unique<Impl>()) {}
BatchBuilder::~BatchBuilder() = default;
BatchBuilder::BatchBuilder(BatchBuilder&&) noexcept = default;
BatchBuilder& BatchBuilder::operator=(BatchBuilder&&) noexcept = default;

void BatchBuilder::SetStream(const Labels& labels) { impl_->SetStream(labels); }
LineFormat BatchBuilder::Append(std::string_view line, int64_t timestamp_ns, std::string_view attributes) {
  return impl_->Append(line, timestamp_ns, attributes);
}
size_t BatchBuilder::rows() const { return impl_->rows(); }
size_t BatchBuilder::bytes() const { return impl_->bytes(); }
bool BatchBuilder::Full() const { return impl_->Full(); }
size_t BatchBuilder::learned_bytes() const { return impl_->learned_bytes(); }
RecordBatch BatchBuilder::Finish() { return impl_->Finish(); }

}  // namespace taffrail::record
