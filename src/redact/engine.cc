#include "redact/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "redact/address.h"
#include "redact/assignment.h"
#include "redact/chars.h"
#include "redact/number.h"
#include "redact/resolve.h"
#include "redact/value.h"

namespace taffrail::redact {
namespace {

constexpr std::array<std::string_view, kDetectors> kDetectorIds = {
    "secret-field", "authorization", "cookies",      "url-credentials",
    "command-user", "email",         "payment-card", "social-security",
    "iban",         "jwt",           "private-key",  "facebook-app-token",
    "field-path"};

// Tokens that code looks at.
using Special = void (*)(const Subject&, size_t, Findings&);
struct SpecialAnchor {
  std::string_view text;  // four bytes, or three and anything
  Special find;
};
constexpr std::array<SpecialAnchor, 27> kSpecials = {{{"eyJ", FindJwt},
                                                      {"ZXlK", FindJwt},
                                                      {"BEGI", FindPrivateKey},
                                                      {"curl", FindCommandUser},
                                                      {"sshp", FindCommandUser},
                                                      {"dock", FindCommandUser},
                                                      {"redi", FindCommandUser},
                                                      {"smbc", FindCommandUser},
                                                      {"p: ", FindNotedPassword},
                                                      {"P: ", FindNotedPassword},
                                                      {"gmai", FindSpelledAddress},
                                                      {"Gmai", FindSpelledAddress},
                                                      {"GMAI", FindSpelledAddress},
                                                      {"goog", FindSpelledAddress},
                                                      {"yaho", FindSpelledAddress},
                                                      {"Yaho", FindSpelledAddress},
                                                      {"hotm", FindSpelledAddress},
                                                      {"Hotm", FindSpelledAddress},
                                                      {"outl", FindSpelledAddress},
                                                      {"Outl", FindSpelledAddress},
                                                      {"iclo", FindSpelledAddress},
                                                      {"prot", FindSpelledAddress},
                                                      {"aol.", FindSpelledAddress},
                                                      {"gmx.", FindSpelledAddress},
                                                      {"yand", FindSpelledAddress},
                                                      {"web.", FindSpelledAddress},
                                                      {"live", FindSpelledAddress}}};
constexpr uint16_t kSpecialIndex = 0x8000;  // and up: kSpecials, not tokens_
constexpr std::string_view kEntraId = "azure-ad-secret";

// The bytes of a short text, padded with NULs, as bits: letters and digits, digits, and what may be between
// words. What is none of these may be the sign or the blank that a secret needs.
constexpr size_t kShortBytes = 32;
struct ShortBits {
  uint32_t word = 0;
  uint32_t digit = 0;
  uint32_t between = 0;
};

#if defined(__SSE2__)
ShortBits BitsOf(const char* bytes) {
  const auto within = [](__m128i value, char first, char last) {
    const __m128i offset = _mm_sub_epi8(value, _mm_set1_epi8(first));
    return _mm_cmpeq_epi8(_mm_min_epu8(offset, _mm_set1_epi8(static_cast<char>(last - first))), offset);
  };
  ShortBits bits;
  for (int shift = 0; shift < 32; shift += 16) {
    const __m128i value = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + shift));
    const __m128i digit = within(value, '0', '9');
    const __m128i letter = within(_mm_or_si128(value, _mm_set1_epi8(0x20)), 'a', 'z');
    const __m128i between = _mm_or_si128(within(value, '-', '/'), _mm_cmpeq_epi8(value, _mm_set1_epi8('_')));
    bits.digit |= static_cast<uint32_t>(_mm_movemask_epi8(digit)) << shift;
    bits.word |= static_cast<uint32_t>(_mm_movemask_epi8(_mm_or_si128(digit, letter))) << shift;
    bits.between |= static_cast<uint32_t>(_mm_movemask_epi8(between)) << shift;
  }
  return bits;
}
#else
ShortBits BitsOf(const char* bytes) {
  ShortBits bits;
  for (size_t i = 0; i < kShortBytes; ++i) {
    const char c = bytes[i];
    bits.digit |= uint32_t{IsDigit(c)} << i;
    bits.word |= uint32_t{IsAlnum(c)} << i;
    bits.between |= uint32_t{(c >= '-' && c <= '/') || c == '_'} << i;
  }
  return bits;
}
#endif

// Bits of a block and of the one before it: shifting goes over the border.
struct Wide {
  uint64_t now;
  uint64_t last;

  friend Wide operator&(Wide a, Wide b) { return {a.now & b.now, a.last & b.last}; }
  friend Wide operator~(Wide a) { return {~a.now, ~a.last}; }
  friend Wide operator<<(Wide a, int by) { return {a.now << by | a.last >> (64 - by), a.last << by}; }
};

// Of a URL that is a secret as a whole, its scheme is no loss and its host would tell where to look.
size_t UrlBegin(std::string_view text, size_t at) {
  for (const std::string_view scheme : {"https://", "http://", "https:\\/\\/"}) {
    if (at >= scheme.size() && text.substr(at - scheme.size(), scheme.size()) == scheme)
      return at - scheme.size();
  }
  return at;
}

// "session closed for", "the key was": a stem's word between two others in small letters, and none of the
// forms in which a value follows a blank (assignment.cc). Most stems in logs are that, so it is worth a look
// at the bits.
bool IsProseAround(const char* data, const Block& block, size_t bit) {
  const auto end = bit + static_cast<size_t>(std::countr_one(block.word >> bit));
  if (end + 2 >= kBlockBytes || data[end] != ' ' || !IsLower(data[end + 1])) return false;
  if (std::string_view("iwstab").find(data[end + 1]) != std::string_view::npos) return false;
  const auto before =
      static_cast<size_t>(std::countl_one(block.word << (63 - bit)));  // its letters, this one too
  if (before > bit) return false;
  const size_t begin = bit + 1 - before;
  if (begin < 3 || data[begin - 1] != ' ' || !IsAlnum(data[begin - 2])) return false;
  const char first = Lower(data[begin]);
  return first != 'b' && first != 'p';
}

// A JSON line must stay one: a finding neither crosses a bare quote nor cuts an escape in two.
void KeepJson(std::string_view text, Finding& finding) {
  size_t slashes = 0;
  while (slashes < finding.begin && text[finding.begin - 1 - slashes] == '\\') ++slashes;
  if (slashes % 2 == 1) --finding.begin;
  for (size_t i = finding.begin; i < finding.end; ++i) {
    if (text[i] == '\\') {
      const size_t size = At(text, i + 1) == 'u' ? 6 : 2;
      if (i + size > finding.end) finding.end = std::min(i + size, text.size());
      i += size - 1;
    } else if (text[i] == '"') {
      finding.end = i;
    }
  }
}

}  // namespace

class Engine::Scan {
 public:
  Scan(const Engine& engine, std::string_view text, bool by_line, Scratch& scratch)
      : engine_(engine), text_(text), by_line_(by_line), names_(scratch.names), findings_(scratch.findings) {}

  void Run(KeyLines* key_lines);

 private:
  void ReadBlock(const char* data, size_t base);
  void ReadWords(const char* data, size_t base, uint64_t starts);
  void ReadNumbers(size_t base);
  void ReadIbans(Wide two, size_t base);
  bool MayBegin(const char* gram, const std::vector<uint16_t>& tokens) const;
  void TryTokens(size_t at, const std::vector<uint16_t>& tokens);
  template <typename Detect>
  void LookAt(size_t at, Detect&& detect);
  void SeeLine(size_t at);
  void FollowKey(size_t at);

  const Engine& engine_;
  std::string_view text_;
  bool by_line_;
  NameCache& names_;
  Findings& findings_;
  KeyLines* key_lines_ = nullptr;
  Block block_;
  Block last_;             // the block before
  size_t name_end_ = 0;    // stems before it are of a name that was read
  Subject subject_;        // the line, or all
  size_t line_begin_ = 0;  //
  size_t line_end_ = 0;    // 0: none yet
};

void Engine::Scan::SeeLine(size_t at) {
  if (line_end_ != 0 && at >= line_begin_ && at < line_end_) return;
  line_begin_ = 0;
  line_end_ = text_.size();
  if (by_line_) {
    const void* const before = at > 0 ? memrchr(text_.data(), '\n', at) : nullptr;
    const void* const after = std::memchr(text_.data() + at, '\n', text_.size() - at);
    if (before != nullptr)
      line_begin_ = static_cast<size_t>(static_cast<const char*>(before) - text_.data()) + 1;
    if (after != nullptr) line_end_ = static_cast<size_t>(static_cast<const char*>(after) - text_.data());
  }
  subject_.text = text_.substr(line_begin_, line_end_ - line_begin_);
  const size_t first = SkipSpaces(subject_.text, 0);
  const char opens = At(subject_.text, first);
  subject_.json = opens == '{' || opens == '[';
}

// Calls detect with the line and the place within it, and moves what it finds to where it stands in the
// whole.
template <typename Detect>
void Engine::Scan::LookAt(size_t at, Detect&& detect) {
  SeeLine(at);
  const size_t before = findings_.size();
  detect(subject_, at - line_begin_);
  for (size_t i = findings_.size(); i-- > before;) {
    Finding& finding = findings_[i];
    if (subject_.json) KeepJson(subject_.text, finding);
    finding.begin += line_begin_;
    finding.end += line_begin_;
    if (finding.end <= finding.begin || !engine_.enabled_[finding.rule])
      findings_.erase(findings_.begin() + static_cast<ptrdiff_t>(i));
  }
}

void Engine::Scan::Run(KeyLines* key_lines) {
  key_lines_ = key_lines;
  char tail[kBlockBytes + kBlockReads];
  for (size_t base = 0; base < text_.size(); base += kBlockBytes) {
    const size_t left = text_.size() - base;
    const char* data = text_.data() + base;
    if (left < kBlockReads) {
      std::memset(tail, 0, sizeof(tail));
      std::memcpy(tail, data, left);
      data = tail;
    }
    engine_.fill_(data, block_);
    if (left < kBlockBytes) block_.stem &= (uint64_t{1} << left) - 1;
    ReadBlock(data, base);
    last_ = block_;
  }
}

void Engine::Scan::ReadBlock(const char* data, size_t base) {
  const Block& b = block_;
  // Where a word begins: after no letter or digit, after `\n` of JSON, \u0022, %22.
  const auto shifted = [](uint64_t bits, uint64_t last, int by) { return bits << by | last >> (64 - by); };
  uint64_t starts = b.word & ~shifted(b.word, last_.word, 1);
  if ((b.escape | b.percent | last_.escape | last_.percent) != 0) {
    starts |= b.word & (shifted(b.escape, last_.escape, 2) | shifted(b.escape, last_.escape, 6) |
                        shifted(b.percent, last_.percent, 3));
  }
  ReadWords(data, base, starts);
  for (uint64_t bits = b.stem; bits != 0; bits &= bits - 1) {
    const size_t at = base + static_cast<size_t>(std::countr_zero(bits));
    if (at < name_end_ || IsProseAround(data, b, static_cast<size_t>(at - base))) continue;
    LookAt(at, [&](const Subject& subject, size_t place) {
      const size_t before = findings_.size();
      size_t end = FindAssignment(subject, place, names_, findings_);
      // What goes as a value need not be looked through for names: password=password=password=…
      for (size_t i = before; i < findings_.size(); ++i) {
        if (engine_.enabled_[findings_[i].rule]) end = std::max(end, findings_[i].end);
      }
      name_end_ = end + line_begin_;
    });
  }
  for (uint64_t bits = b.at; bits != 0; bits &= bits - 1) {
    const size_t at = base + static_cast<size_t>(std::countr_zero(bits));
    LookAt(at, [&](const Subject& subject, size_t place) {
      if (subject.text[place] == '@') return FindAddress(subject, place, findings_);
      FindEntraSecret(subject, place, engine_.entra_rule_, findings_);
    });
  }
  for (uint64_t bits = b.percent; bits != 0; bits &= bits - 1) {
    const auto bit = static_cast<size_t>(std::countr_zero(bits));
    if (data[bit + 1] != '4' || data[bit + 2] != '0') continue;
    LookAt(base + bit, [&](const Subject& subject, size_t place) { FindAddress(subject, place, findings_); });
  }
  ReadNumbers(base);
}

void Engine::Scan::ReadWords(const char* data, size_t base, uint64_t starts) {
  for (uint64_t may = engine_.grams_.Among(data, starts); may != 0; may &= may - 1) {
    const auto bit = static_cast<size_t>(std::countr_zero(may));
    const auto known = engine_.by_gram_.find(GramSet::Load(data + bit));
    if (known != engine_.by_gram_.end() && MayBegin(data + bit, known->second))
      TryTokens(base + bit, known->second);
  }
}

// Whether one of the tokens may stand here by the four bytes after its gram.
bool Engine::Scan::MayBegin(const char* gram, const std::vector<uint16_t>& tokens) const {
  return std::ranges::any_of(tokens, [&](uint16_t index) {
    if (index >= kSpecialIndex) return true;
    const std::array<CharSet, 4>& after = engine_.tokens_[index].pattern.after_gram();
    return after[0].Has(gram[4]) && after[1].Has(gram[5]) && after[2].Has(gram[6]) && after[3].Has(gram[7]);
  });
}

void Engine::Scan::TryTokens(size_t at, const std::vector<uint16_t>& tokens) {
  LookAt(at, [&](const Subject& subject, size_t place) {
    const size_t before = findings_.size();
    for (const uint16_t index : tokens) {
      if (index >= kSpecialIndex) {
        const Special find = kSpecials[index - kSpecialIndex].find;
        find(subject, place, findings_);
        if (find == FindPrivateKey && by_line_) FollowKey(at);
        continue;
      }
      const Token& token = engine_.tokens_[index];
      const auto match = token.pattern.Match(subject.text, place);
      if (!match.has_value()) continue;
      const std::string_view value = subject.text.substr(match->begin, match->size());
      const size_t prefix = token.pattern.PrefixSize(value);
      const size_t begin = token.whole ? UrlBegin(subject.text, match->begin) : match->begin;
      if (token.digit && !HasDigit(value.substr(prefix))) continue;
      if (!token.whole &&
          (IsPlaceholder(value) || (value.size() - prefix >= 16 && Entropy(value.substr(prefix)) < 2.0)))
        continue;
      const Finding found{.begin = begin,
                          .end = match->end,
                          .rule = token.rule,
                          .mask = token.whole ? Mask::kStars : Mask::kPartial,
                          .head = static_cast<uint8_t>(std::min<size_t>(prefix, 255))};
      // Of several rules the one that takes most: a prefix of another's is not the token.
      if (findings_.size() == before) {
        findings_.push_back(found);
      } else if (found.end - found.begin > findings_.back().end - findings_.back().begin) {
        findings_.back() = found;
      }
    }
  });
}

// The lines after a key's first one.
void Engine::Scan::FollowKey(size_t at) {
  SeeLine(at);
  if (key_lines_ == nullptr) return;
  key_lines_->Hides(subject_.text);
  for (size_t begin = line_end_ + 1; begin < text_.size();) {
    const size_t end = std::min(text_.find('\n', begin), text_.size());
    if (!key_lines_->Hides(text_.substr(begin, end - begin))) break;
    // Relative to the line, as all that LookAt() moves.
    findings_.push_back({.begin = begin - line_begin_, .end = end - line_begin_, .rule = kPrivateKey});
    begin = end + 1;
  }
}

// In order of what is rarest: most blocks have digits, few have four behind a gap or eight in a row.
void Engine::Scan::ReadNumbers(size_t base) {
  const Wide digit{block_.digit, last_.digit};
  const Wide two = digit & digit << 1;
  if (two.now == 0) return;
  if ((block_.upper | last_.upper >> 60) != 0) ReadIbans(two, base);
  const Wide four = two & two << 2;
  if (four.now == 0) return;
  uint64_t cards = 0;
  const Wide eight = four & four << 4;
  if (eight.now != 0) {
    const Wide thirteen = eight & four << 8 & digit << 12;
    cards |= (thirteen & ~(thirteen << 1)).now;
  }
  if ((block_.percent | last_.percent) != 0) {
    const Wide percent{block_.percent, last_.percent};
    cards |= (four & percent << 6 & four << 7).now;  // `%20` is a gap too
  }
  const Wide gap{block_.gap, last_.gap};
  const Wide group = four & gap << 4;
  if (group.now != 0) {
    cards |= (group & four << 5).now;  // of a card: four digits, a gap, four digits
    uint64_t ssn = (group & two << 5 & gap << 7 & two << 8 & digit << 10).now;
    for (; ssn != 0; ssn &= ssn - 1) {
      LookAt(base + static_cast<size_t>(std::countr_zero(ssn)),
             [&](const Subject& subject, size_t place) { FindSocialSecurity(subject, place, findings_); });
    }
  }
  for (; cards != 0; cards &= cards - 1) {
    LookAt(base + static_cast<size_t>(std::countr_zero(cards)),
           [&](const Subject& subject, size_t place) { FindCard(subject, place, findings_); });
  }
}

void Engine::Scan::ReadIbans(Wide two, size_t base) {
  const Wide upper{block_.upper, last_.upper};
  const Wide word{block_.word, last_.word};
  uint64_t ibans = (two & upper << 2 & upper << 3 & ~(word << 4)).now;
  for (; ibans != 0; ibans &= ibans - 1) {
    LookAt(base + static_cast<size_t>(std::countr_zero(ibans)),
           [&](const Subject& subject, size_t place) { FindIban(subject, place, findings_); });
  }
}

namespace {

// So that it cannot be met by chance, and is a pattern of itself.
absl::Status CheckCanary(std::string_view canary) {
  const auto plain = [](char c) { return IsAlnum(c) || c == '-' || c == '_'; };
  if (canary.size() >= 8 && canary.size() <= 128 && IsAlnum(canary.front()) && IsAlnum(canary.back()) &&
      std::ranges::all_of(canary, plain))
    return absl::OkStatus();
  return absl::InvalidArgumentError(
      "the canary must be 8 to 128 letters, digits, - and _, and begin and end with a letter or digit");
}

}  // namespace

void Engine::AddGram(uint32_t gram, uint16_t token) {
  grams_.Add(gram);
  by_gram_[gram].push_back(token);
}

absl::Status Engine::AddToken(const Rule& rule, uint16_t number) {
  auto pattern = Pattern::Compile(rule.pattern, rule.context);
  if (!pattern.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("rule {}: {}", rule.id, std::string(pattern.status().message())));
  }
  const auto index = static_cast<uint16_t>(tokens_.size());
  for (const uint32_t gram : pattern->grams()) AddGram(gram, index);
  tokens_.push_back({std::move(*pattern), number, rule.digit, rule.whole});
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<const Engine>> Engine::Make(const EngineOptions& options) {
  auto engine = std::unique_ptr<Engine>(new Engine);
  engine->fill_ = ChooseFillBlock();
  engine->masks_ = options.masks;
  if (options.rules.size() > kUserRulesMax)
    return absl::InvalidArgumentError(fmt::format("more than {} rules", kUserRulesMax));
  for (const std::string_view id : kDetectorIds) engine->ids_.emplace_back(id);
  for (size_t i = 0; i < kSpecials.size(); ++i) {
    const std::string_view anchor = kSpecials[i].text;
    const uint32_t head = GramSet::Load((std::string(anchor) + std::string(4, '\0')).data());
    const auto index = static_cast<uint16_t>(kSpecialIndex + i);
    if (anchor.size() == 4) engine->AddGram(head, index);
    for (uint32_t c = 0; anchor.size() == 3 && c < 256; ++c) engine->AddGram(head | c << 24, index);
  }
  const auto add = [&](const Rule& rule) -> absl::Status {
    if (std::ranges::find(engine->ids_, rule.id) != engine->ids_.end())
      return absl::InvalidArgumentError(fmt::format("there are two rules called {}", rule.id));
    const auto number = static_cast<uint16_t>(engine->ids_.size());
    engine->ids_.emplace_back(rule.id);
    if (std::ranges::find(options.disabled, rule.id) != options.disabled.end()) return absl::OkStatus();
    if (rule.id == kEntraId) {
      engine->entra_rule_ = number;
      return absl::OkStatus();
    }
    return engine->AddToken(rule, number);
  };
  for (const Rule& rule : BuiltinRules()) TAFFRAIL_RETURN_IF_ERROR(add(rule));
  for (const UserRule& rule : options.rules)
    TAFFRAIL_RETURN_IF_ERROR(
        add({.id = rule.id, .pattern = rule.pattern, .context = rule.context, .whole = rule.whole}));
  if (!options.canary.empty()) {
    TAFFRAIL_RETURN_IF_ERROR(CheckCanary(options.canary));
    TAFFRAIL_RETURN_IF_ERROR(add({.id = kCanaryId, .pattern = options.canary, .whole = true}));
    engine->canary_ = options.canary;
  }
  engine->enabled_.assign(engine->ids_.size(), true);
  for (const std::string& id : options.disabled) {
    TAFFRAIL_ASSIGN_OR_RETURN(const size_t rule, engine->RuleNumber(id));
    engine->enabled_[rule] = false;
  }
  engine->masks_of_.resize(engine->ids_.size());
  for (const auto& [id, mask] : options.masks_of) {
    TAFFRAIL_ASSIGN_OR_RETURN(const size_t rule, engine->RuleNumber(id));
    engine->masks_of_[rule] = mask;
  }
  return engine;
}

absl::StatusOr<size_t> Engine::RuleNumber(std::string_view id) const {
  const auto known = std::ranges::find(ids_, id);
  if (known != ids_.end()) return static_cast<size_t>(known - ids_.begin());
  return absl::InvalidArgumentError(
      fmt::format("there is no rule \"{}\"; `taffrail redact explain` lists them", id.substr(0, 100)));
}

// A short text in which nothing can begin: an id, a path, a word, as most values of fields are. (The library
// looks at such values alone, and setting out to read blocks would cost more than what there is to see.)
bool Engine::IsHarmless(std::string_view text) const {
  if (text.empty() || text.size() > kShortBytes) return text.empty();
  constexpr int kDigitsOfSecrets = 9;  // of a social security number; cards and accounts have more
  char buffer[kShortBytes + sizeof(uint32_t)] = {};
  std::memcpy(buffer, text.data(), text.size());
  const ShortBits bits = BitsOf(buffer);
  const auto known = static_cast<size_t>(std::popcount(bits.word | bits.between));
  if (known != text.size() || std::popcount(bits.digit) >= kDigitsOfSecrets) return false;
  for (uint32_t starts = bits.word & ~(bits.word << 1); starts != 0; starts &= starts - 1) {
    if (grams_.MayHave(GramSet::Load(buffer + std::countr_zero(starts)))) return false;
  }
  return true;
}

void Engine::FindAll(std::string_view text, Scratch& scratch) const {
  scratch.findings.clear();
  Scan(*this, text, false, scratch).Run(nullptr);
}

void Engine::Find(std::string_view text, Scratch& scratch) const {
  FindAll(text, scratch);
  if (!scratch.findings.empty()) Resolve(scratch.findings);
}

void Engine::FindInLines(std::string_view lines, Scratch& scratch) const {
  scratch.findings.clear();
  // A key that began in the lines before these.
  for (size_t begin = 0; begin < lines.size();) {
    const size_t end = std::min(lines.find('\n', begin), lines.size());
    if (!scratch.key_lines.Goes() || !scratch.key_lines.Hides(lines.substr(begin, end - begin))) break;
    scratch.findings.push_back({.begin = begin, .end = end, .rule = kPrivateKey});
    begin = end + 1;
  }
  Scan(*this, lines, true, scratch).Run(&scratch.key_lines);
  if (!scratch.findings.empty()) Resolve(scratch.findings);
}

bool Engine::Redact(std::string_view text, Scratch& scratch, std::string& out) const {
  if (IsHarmless(text)) return false;
  Find(text, scratch);
  return Write(text, scratch, out);
}

bool Engine::RedactLines(std::string_view lines, Scratch& scratch, std::string& out) const {
  FindInLines(lines, scratch);
  return Write(lines, scratch, out);
}

bool Engine::Write(std::string_view text, Scratch& scratch, std::string& out) const {
  if (scratch.findings.empty()) return false;
  if (scratch.counts.size() < ids_.size()) scratch.counts.resize(ids_.size());
  size_t done = 0;
  for (Finding& finding : scratch.findings) {
    if (masks_of_[finding.rule].has_value()) finding.mask = *masks_of_[finding.rule];
    out.append(text.substr(done, finding.begin - done));
    AppendMask(text.substr(finding.begin, finding.end - finding.begin), finding, masks_, out);
    done = finding.end;
    ++scratch.counts[finding.rule];
  }
  out.append(text.substr(done));
  return true;
}

std::vector<std::string> Engine::Canary() const {
  std::vector<std::string> failed;
  Scratch scratch;
  std::string out;
  const auto check = [&](size_t rule, std::string_view secret, std::string_view line) {
    if (!enabled_[rule]) return;
    out.clear();
    if (!Redact(line, scratch, out) || out.find(secret) != std::string_view::npos)
      failed.push_back(ids_[rule]);
  };
  for (size_t i = 0; i < BuiltinRules().size(); ++i) {
    // What the context is may come out; the rest of the case may not.
    const std::string line = ExpandCase(BuiltinRules()[i].catches);
    check(kDetectors + i, BuiltinRules()[i].context.empty() ? line : line.substr(line.size() - 12),
          "canary " + line + " must not come out");
  }
  constexpr std::string_view kFields[] = {"password=canary-9f3b71", R"({"api_key":"canary-9f3b71"})"};
  for (const std::string_view line : kFields) check(kSecretField, "canary-9f3b71", line);
  if (!canary_.empty()) check(ids_.size() - 1, canary_, "a canary=" + canary_ + " of ours");
  check(kUrlCredentials, "canary-9f3b71", "postgres://app:canary-9f3b71@db.internal/app");
  check(kEmail, "canary@", "mail to canary@example.com");
  check(kPaymentCard, "4111111111111111", "card 4111111111111111 declined");
  return failed;
}

}  // namespace taffrail::redact
