#include "store/string_encoding.h"

#include <algorithm>
#include <cassert>

#include "store/frame.h"
#include "store/int_encoding.h"

namespace taffrail::store {
namespace {

constexpr const StringEncoding* kTable[] = {&kStringConstant,   &kStringDictionary1, &kStringPlain,
                                            &kStringDictionary, &kStringTemplate,    &kStringTimestamp,
                                            &kStringRecent};

// Trials compress this much of a column: enough to tell encodings apart, little beside the column itself.
constexpr size_t kTrialValues = 768;
constexpr size_t kTrialBytes = size_t{24} << 10;
constexpr int kTrialZstdLevel = 1;

// A run from the middle, since the start of a block is often the start of a program; and its first half.
struct Sample {
  size_t begin = 0;
  record::StringData half;
  record::StringData whole;
};

Sample SampleOf(const record::StringData& values) {
  Sample sample;
  sample.begin = values.size() <= kTrialValues ? 0 : (values.size() - kTrialValues) / 2;
  for (size_t i = sample.begin; i < values.size() && sample.whole.size() < kTrialValues; ++i) {
    if (sample.whole.bytes() + values[i].size() > kTrialBytes && sample.whole.size() > 0) break;
    sample.whole.Append(values[i]);
  }
  for (size_t i = 0; i < sample.whole.size() / 2; ++i) sample.half.Append(sample.whole[i]);
  return sample;
}

// `context` is that of the values from which `part` was taken, at `begin`.
size_t CompressedBytes(const StringEncoding& encoding, const record::StringData& part, size_t begin,
                       const StringContext& context) {
  StringContext of_part{.in_dictionary = context.in_dictionary, .in_template = context.in_template};
  if (context.rows.shapes) {
    of_part.rows.shapes = [&] { return context.rows.shapes().subspan(begin, part.size()); };
  }
  ChunkOut out;
  if (!encoding.encode(part, nullptr, of_part, out)) return SIZE_MAX;
  std::string frame;
  AppendFrame(out.bytes, out.cuts, kTrialZstdLevel, frame);
  return frame.size();
}

// Bytes that `encoding` needs for all `count` values, judged by a sample of them; SIZE_MAX: does not suit.
// What the second half of the sample adds to the first is what more values will add: templates and tables are
// written once.
size_t TrialBytes(const StringEncoding& encoding, const Sample& sample, size_t count,
                  const StringContext& context) {
  const size_t whole = CompressedBytes(encoding, sample.whole, sample.begin, context);
  if (whole == SIZE_MAX || sample.whole.size() == count) return whole;
  const size_t half = CompressedBytes(encoding, sample.half, sample.begin, context);
  if (half == SIZE_MAX) return whole * count / sample.whole.size();
  const size_t added = whole > half ? whole - half : 0;
  return whole + added * (count - sample.whole.size()) / (sample.whole.size() - sample.half.size());
}

bool TryEncode(const StringEncoding& encoding, const record::StringData& values, const Dictionary* dictionary,
               const StringContext& context, ChunkOut& out) {
  const size_t start = out.bytes.size();
  out.bytes.push_back(static_cast<char>(encoding.id));
  if (encoding.encode(values, dictionary, context, out)) return true;
  out.Truncate(start);
  return false;
}

size_t BestTrialBytes(const record::StringData& values, const StringContext& context, bool& template_wins) {
  const Sample sample = SampleOf(values);
  const size_t plain = TrialBytes(kStringPlain, sample, values.size(), context);
  const size_t in_template =
      context.in_template ? SIZE_MAX : TrialBytes(kStringTemplate, sample, values.size(), context);
  template_wins = in_template < plain;
  return std::min(plain, in_template);
}

size_t DictionaryBytes(const Dictionary& dictionary, const StringContext& context) {
  const std::vector<int64_t> codes(dictionary.codes.begin(), dictionary.codes.end());
  bool ignored = false;
  return IntCostBits(codes, context.rows) / 8 +
         BestTrialBytes(dictionary.texts, {.in_dictionary = true, .in_template = context.in_template},
                        ignored);
}

// Which of the three general ones.
const StringEncoding& Choose(const record::StringData& values, const Dictionary* dictionary,
                             const StringContext& context) {
  // So few texts that their codes are nothing beside what repeating them would take.
  constexpr size_t kFewTexts = 64;
  if (dictionary != nullptr && dictionary->texts.size() <= kFewTexts) return kStringDictionary;
  bool template_wins = false;
  const size_t direct = BestTrialBytes(values, context, template_wins);
  if (dictionary != nullptr && DictionaryBytes(*dictionary, context) <= direct) return kStringDictionary;
  return template_wins ? kStringTemplate : kStringPlain;
}

}  // namespace

std::span<const StringEncoding* const> StringEncodings() { return kTable; }

const StringEncoding* FindStringEncoding(uint8_t id) {
  const auto* const found = std::find_if(std::begin(kTable), std::end(kTable),
                                         [id](const StringEncoding* encoding) { return encoding->id == id; });
  return found == std::end(kTable) ? nullptr : *found;
}

const StringEncoding* EncodeStrings(const record::StringData& values, const Dictionary* dictionary,
                                    const StringContext& context, Effort effort, ChunkOut& out) {
  constexpr size_t kMinValues = 8;  // fewer are cheapest as they are
  out.Cut();
  if (TryEncode(kStringConstant, values, dictionary, context, out)) return &kStringConstant;
  if (effort == Effort::kFast) {
    if (values.size() >= kMinValues && TryEncode(kStringRecent, values, nullptr, context, out)) {
      return &kStringRecent;
    }
  } else if (values.size() >= kMinValues) {
    if (TryEncode(kStringTimestamp, values, dictionary, context, out)) return &kStringTimestamp;
    const StringEncoding& chosen = Choose(values, dictionary, context);
    if (TryEncode(chosen, values, dictionary, context, out)) return &chosen;
  }
  const bool written = TryEncode(kStringPlain, values, dictionary, context, out);
  assert(written);  // it suits anything
  (void)written;
  return &kStringPlain;
}

bool EncodeStringsAs(const StringEncoding& encoding, const record::StringData& values,
                     const Dictionary* dictionary, const StringContext& context, ChunkOut& out) {
  out.Cut();
  return TryEncode(encoding, values, dictionary, context, out);
}

bool DecodeStrings(base::ByteReader& reader, size_t count, const StringContext& context,
                   record::StringData& values) {
  const auto id = reader.Fixed<uint8_t>();
  const StringEncoding* const encoding = reader.ok() ? FindStringEncoding(id) : nullptr;
  return encoding != nullptr && encoding->decode(reader, count, context, values);
}

bool PickStrings(base::ByteReader& reader, size_t count, const StringContext& context, const Picks& picks,
                 record::StringData& values) {
  Need(picks.frame, reader);
  const auto id = reader.Fixed<uint8_t>();
  const StringEncoding* const encoding = reader.ok() ? FindStringEncoding(id) : nullptr;
  if (encoding == nullptr) return false;
  if (encoding->pick == nullptr) Need(picks.frame, reader, reader.remaining());
  if (encoding->pick != nullptr) return encoding->pick(reader, count, context, picks, values);
  record::StringData all;
  if (!encoding->decode(reader, count, context, all)) return false;
  for (const uint32_t i : picks.index) values.Append(all[i]);
  return true;
}

}  // namespace taffrail::store
