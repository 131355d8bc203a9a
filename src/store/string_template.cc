// template := varint templates, each: string, with a byte 0x01 for every hole |
//             chunk of integers: for every value its template, or their number: it is none of them |
//             for every template, for every hole of it: hole                            template_hole.h
//             when there are such values: they, as in plain
//
// Most strings that differ from line to line are a sentence that does not, with numbers and ids in it. Apart,
// the sentences are a dictionary, an id takes the bytes that its randomness needs, and a number that counts
// up or repeats is found doing so.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/hash.h"
#include "store/int_encoding.h"
#include "store/string_encoding.h"
#include "store/template_hole.h"
#include "store/template_scan.h"

namespace taffrail::store {
namespace {

constexpr size_t kMaxTemplates = 1024;
// Templates of fewer values than these are not worth their words: the values are written as they are.
constexpr size_t kMinValues = 4;
constexpr size_t kValuesPerMinValue = 4096;
// When this much of a column has been looked at, and every second value was a new template: it is prose.
constexpr size_t kFirstLook = 1024;
constexpr size_t kProse = 2;

constexpr uint32_t kNone = UINT32_MAX;

class Templates {
 public:
  // False when the values have too little in common.
  bool Find(const record::StringData& values) {
    std::string scratch;
    codes_.reserve(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      scratch.clear();
      const size_t before = spans_.size();
      codes_.push_back(ScanTemplate(values[i], scratch, spans_) ? CodeOf(scratch, spans_.size() - before)
                                                                : kNone);
      if (codes_.back() == kNone) ++misses_;
      if (i + 1 == kFirstLook && (found_.size() + misses_) * kProse > i) return false;
    }
    return KeepFrequent();
  }

  void Write(const record::StringData& values, const StringContext& context, ChunkOut& out) {
    ShapeHoles(values);
    base::PutVarint(out.bytes, kept_.size());
    for (const Template* kept : kept_) base::PutString(out.bytes, kept->text);
    std::vector<int64_t> numbers;
    numbers.reserve(codes_.size());
    for (const uint32_t code : codes_) numbers.push_back(NumberOf(code));
    EncodeInts(numbers, context.rows, Effort::kSmall, out);
    WriteHoles(values, context, out);
    record::StringData others;
    for (size_t i = 0; i < codes_.size(); ++i) {
      if (static_cast<size_t>(numbers[i]) == kept_.size()) others.Append(values[i]);
    }
    if (others.size() > 0) kStringPlain.encode(others, nullptr, {}, out);
  }

 private:
  struct Template {
    std::string text;
    size_t holes = 0;
    size_t values = 0;
    int64_t number = -1;  // among those kept
    std::vector<HoleShape> shapes;
  };

  // Of a template that was just scanned; takes its holes away again when there are too many templates.
  uint32_t CodeOf(const std::string& text, size_t holes) {
    const auto found = ids_.find(text);
    if (found != ids_.end()) {
      ++found_[found->second].values;
      return found->second;
    }
    if (found_.size() == kMaxTemplates) {
      spans_.resize(spans_.size() - holes);
      return kNone;
    }
    const auto id = static_cast<uint32_t>(found_.size());
    ids_.emplace(text, id);
    found_.push_back({.text = text, .holes = holes, .values = 1});
    return id;
  }

  bool KeepFrequent() {
    const size_t enough = kMinValues + codes_.size() / kValuesPerMinValue;
    size_t held = 0;
    for (Template& candidate : found_) {
      if (candidate.values < enough) continue;
      candidate.number = static_cast<int64_t>(kept_.size());
      kept_.push_back(&candidate);
      held += candidate.values;
    }
    return held * 2 >= codes_.size();
  }

  int64_t NumberOf(uint32_t code) const {
    const int64_t number = code == kNone ? -1 : found_[code].number;
    return number < 0 ? static_cast<int64_t>(kept_.size()) : number;
  }

  // Calls visit(template, value, spans of its holes) for every value that is in a kept template.
  template <typename Visit>
  void ForEach(const record::StringData& values, Visit visit) {
    size_t span = 0;
    for (size_t i = 0; i < codes_.size(); ++i) {
      if (codes_[i] == kNone) continue;
      Template& of = found_[codes_[i]];
      if (of.number >= 0) visit(of, values[i], spans_.data() + span);
      span += of.holes;
    }
  }

  void ShapeHoles(const record::StringData& values) {
    for (Template* kept : kept_) kept->shapes.resize(kept->holes);
    ForEach(values, [](Template& of, std::string_view value, const HoleSpan* spans) {
      for (size_t h = 0; h < of.holes; ++h) {
        of.shapes[h].Add(value.substr(spans[h].begin, spans[h].size), spans[h].classes);
      }
    });
  }

  void WriteHoles(const record::StringData& values, const StringContext& context, ChunkOut& out) {
    std::vector<std::vector<HoleWriter>> writers(kept_.size());
    for (size_t t = 0; t < kept_.size(); ++t) {
      for (const HoleShape& shape : kept_[t]->shapes) writers[t].emplace_back(shape.kind(), shape.width());
    }
    ForEach(values, [&](const Template& of, std::string_view value, const HoleSpan* spans) {
      std::vector<HoleWriter>& to = writers[static_cast<size_t>(of.number)];
      for (size_t h = 0; h < of.holes; ++h) {
        to[h].Add(value.substr(spans[h].begin, spans[h].size));
      }
    });
    for (const std::vector<HoleWriter>& holes : writers) {
      for (const HoleWriter& hole : holes) hole.Finish(context, out);
    }
  }

  std::vector<Template> found_;
  absl::flat_hash_map<std::string, uint32_t, base::StringHash, std::equal_to<>> ids_;
  std::vector<uint32_t> codes_;  // by value: index into found_, or kNone
  std::vector<HoleSpan> spans_;  // of all values with a code, one after the other
  std::vector<Template*> kept_;
  size_t misses_ = 0;
};

bool Encode(const record::StringData& values, const Dictionary*, const StringContext& context,
            ChunkOut& out) {
  if (context.in_template) return false;
  Templates templates;
  if (!templates.Find(values)) return false;
  templates.Write(values, context, out);
  return true;
}

// One template as it is read back.
struct Sentence {
  std::vector<std::string_view> literals;  // one more than holes
  std::vector<HoleReader> holes;
  size_t values = 0;

  bool Parse(std::string_view text) {
    size_t begin = 0;
    while (true) {
      const size_t mark = text.find(kHoleMark, begin);
      literals.push_back(text.substr(begin, mark - begin));
      if (mark == std::string_view::npos) break;
      begin = mark + 1;
    }
    holes.resize(literals.size() - 1);
    return holes.size() <= kMaxHoles;
  }

  bool AppendNext(std::string& out) {
    for (size_t h = 0; h < holes.size(); ++h) {
      out.append(literals[h]);
      if (!holes[h].AppendNext(out)) return false;
    }
    out.append(literals.back());
    return true;
  }
};

bool ReadSentences(base::ByteReader& reader, LazyFrame* frame, std::vector<Sentence>& sentences) {
  const uint64_t count = reader.Varint();
  if (!reader.ok() || count > kMaxTemplates) return false;
  sentences.resize(count);
  for (Sentence& sentence : sentences) {
    Need(frame, reader);
    const uint64_t size = reader.Varint();
    Need(frame, reader, size);
    if (!sentence.Parse(reader.Bytes(size))) return false;
  }
  return reader.ok();
}

// Of which template every value is. `others` is how many are of none.
bool ReadNumbers(base::ByteReader& reader, const StringContext& context, std::vector<Sentence>& sentences,
                 std::vector<int64_t>& numbers, size_t& others) {
  if (!DecodeInts(reader, context.rows, numbers)) return false;
  others = 0;
  for (const int64_t number : numbers) {
    if (static_cast<uint64_t>(number) > sentences.size()) return false;
    if (static_cast<size_t>(number) == sentences.size()) {
      ++others;
    } else {
      ++sentences[static_cast<size_t>(number)].values;
    }
  }
  return true;
}

bool Decode(base::ByteReader& reader, size_t count, const StringContext& context,
            record::StringData& values) {
  std::vector<Sentence> sentences;
  std::vector<int64_t> numbers(count);
  size_t others = 0;
  if (context.in_template || !ReadSentences(reader, nullptr, sentences) ||
      !ReadNumbers(reader, context, sentences, numbers, others)) {
    return false;
  }
  size_t bytes = 0;
  for (Sentence& sentence : sentences) {
    for (HoleReader& hole : sentence.holes) {
      if (!hole.Read(reader, sentence.values, context)) return false;
      if ((bytes += hole.bytes()) > kMaxColumnBytes) return false;
    }
  }
  record::StringData rest;
  if (others > 0 && !kStringPlain.decode(reader, others, {}, rest)) return false;
  size_t next = 0;
  for (size_t i = 0; i < count; ++i) {
    const auto number = static_cast<size_t>(numbers[i]);
    if (number == sentences.size()) {
      values.Append(rest[next++]);
      continue;
    }
    if (!sentences[number].AppendNext(values.mutable_bytes())) return false;
    if (values.bytes() > kMaxColumnBytes) return false;
    values.CloseValue();
  }
  return reader.ok();
}

// When all values are of one template, which they often are, nothing needs to be known of each.
bool PickOfOne(base::ByteReader& reader, size_t count, const StringContext& context, const Picks& picks,
               size_t number, std::vector<Sentence>& sentences, record::StringData& values) {
  if (number > sentences.size()) return false;
  if (number == sentences.size()) return count == 0 || kStringPlain.pick(reader, count, {}, picks, values);
  for (Sentence& sentence : sentences) {
    const bool is_it = &sentence == &sentences[number];
    const Picks nothing{.index = {}, .frame = picks.frame, .times = {}, .shape_order = {}};
    for (HoleReader& hole : sentence.holes) {
      if (!hole.Pick(reader, is_it ? count : 0, context, is_it ? picks : nothing)) return false;
    }
  }
  for (size_t i = 0; i < picks.index.size(); ++i) {
    if (!sentences[number].AppendNext(values.mutable_bytes()) || values.bytes() > kMaxColumnBytes)
      return false;
    values.CloseValue();
  }
  return reader.ok();
}

bool Pick(base::ByteReader& reader, size_t count, const StringContext& context, const Picks& picks,
          record::StringData& values) {
  std::vector<Sentence> sentences;
  if (context.in_template || !ReadSentences(reader, picks.frame, sentences)) return false;
  if (int64_t number = 0; ReadConstant(reader, picks.frame, number)) {
    return PickOfOne(reader, count, context, picks, static_cast<size_t>(number), sentences, values);
  }
  std::vector<int64_t> numbers(count);
  size_t others = 0;
  if (!NeedInts(picks.frame, reader, count) || !ReadNumbers(reader, context, sentences, numbers, others)) {
    return false;
  }
  // Of every template, and of the values of none, which of its values are picked.
  std::vector<std::vector<uint32_t>> wanted(sentences.size() + 1);
  std::vector<uint32_t> next(sentences.size() + 1);
  size_t at = 0;
  for (const uint32_t i : picks.index) {
    for (; at < i; ++at) ++next[static_cast<size_t>(numbers[at])];
    const auto number = static_cast<size_t>(numbers[i]);
    wanted[number].push_back(next[number]);
  }
  for (size_t s = 0; s < sentences.size(); ++s) {
    for (HoleReader& hole : sentences[s].holes) {
      if (!hole.Pick(reader, sentences[s].values, context,
                     {.index = wanted[s], .frame = picks.frame, .times = {}, .shape_order = {}}))
        return false;
    }
  }
  record::StringData rest;
  const Picks of_rest{.index = wanted.back(), .frame = picks.frame, .times = {}, .shape_order = {}};
  if (others > 0 && !kStringPlain.pick(reader, others, {}, of_rest, rest)) return false;
  size_t next_other = 0;
  for (const uint32_t i : picks.index) {
    const auto number = static_cast<size_t>(numbers[i]);
    if (number == sentences.size()) {
      values.Append(rest[next_other++]);
      continue;
    }
    if (!sentences[number].AppendNext(values.mutable_bytes()) || values.bytes() > kMaxColumnBytes)
      return false;
    values.CloseValue();
  }
  return reader.ok();
}

}  // namespace

const StringEncoding kStringTemplate = {5, "template", Encode, Decode, Pick};

}  // namespace taffrail::store
