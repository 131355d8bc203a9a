#include "redact/engine_scan.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "redact/address.h"
#include "redact/assignment.h"
#include "redact/chars.h"
#include "redact/number.h"
#include "redact/structured.h"
#include "redact/value.h"

namespace taffrail::redact {
namespace {

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
constexpr size_t kGramReads = 8;  // a gram, and the four bytes after it

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

std::span<const SpecialAnchor> Specials() { return kSpecials; }

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

void Engine::Scan::RunOnPieces(std::vector<Suspect>& suspects) {
  suspects_ = &suspects;
  Run(nullptr);
  // What needs nothing beyond its piece was looked for there.
  for (const Finding& finding : findings_) suspects.push_back({finding.begin, false});
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
    ReadStem(at);
  }
  for (uint64_t bits = b.at; bits != 0; bits &= bits - 1) {
    const size_t at = base + static_cast<size_t>(std::countr_zero(bits));
    if (suspects_ != nullptr && text_[at] == '@' && MayBeQuotedAddress(text_, at)) {
      suspects_->push_back({at, false});
      continue;
    }
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

void Engine::Scan::ReadStem(size_t at) {
  if (suspects_ != nullptr) {
    SeeLine(at);
    const NameFate fate = FateOfName(subject_, at, names_, name_end_);
    if (fate != NameFate::kNothing) suspects_->push_back({at, fate == NameFate::kPaired});
    return;
  }
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

void Engine::Scan::ReadWords(const char* data, size_t base, uint64_t starts) {
  for (uint64_t may = engine_.grams_.Among(data, starts); may != 0; may &= may - 1) {
    const auto bit = static_cast<size_t>(std::countr_zero(may));
    const auto known = engine_.by_gram_.find(GramSet::Load(data + bit));
    if (known == engine_.by_gram_.end()) continue;
    if (suspects_ != nullptr) {
      TryTokensApart(base + bit, data + bit, known->second);
    } else if (MayBegin(data + bit, known->second)) {
      TryTokens(base + bit, known->second);
    }
  }
}

// Whether one of the tokens may stand here by the four bytes after its gram.
bool Engine::Scan::MayBegin(const char* gram, const std::vector<uint16_t>& tokens) const {
  return std::ranges::any_of(tokens, [&](uint16_t index) {
    return index >= kSpecialIndex || engine_.tokens_[index].MayBegin(gram, kGramReads);
  });
}

std::optional<Finding> Engine::Scan::FindToken(const Token& token, const Subject& subject,
                                               size_t place) const {
  const auto match = token.pattern.Match(subject.text, place);
  if (!match.has_value()) return std::nullopt;
  const std::string_view value = subject.text.substr(match->begin, match->size());
  const size_t prefix = token.pattern.PrefixSize(value);
  const std::string_view rest = value.substr(prefix);
  if (token.digit && !HasDigit(rest)) return std::nullopt;
  if (!token.whole && (IsPlaceholder(value) || (rest.size() >= 16 && Entropy(rest) < 2.0)))
    return std::nullopt;
  return Finding{.begin = token.whole ? UrlBegin(subject.text, match->begin) : match->begin,
                 .end = match->end,
                 .rule = token.rule,
                 .mask = token.whole ? Mask::kStars : Mask::kPartial,
                 .head = static_cast<uint8_t>(std::min<size_t>(prefix, 255))};
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
      const auto found = FindToken(engine_.tokens_[index], subject, place);
      if (!found.has_value()) continue;
      // Of several rules the one that takes most: a prefix of another's is not the token.
      if (findings_.size() == before) {
        findings_.push_back(*found);
      } else if (found->end - found->begin > findings_.back().end - findings_.back().begin) {
        findings_.back() = *found;
      }
    }
  });
}

// Of pieces. What cannot go beyond one is looked for; the rest may be there.
void Engine::Scan::TryTokensApart(size_t at, const char* gram, const std::vector<uint16_t>& tokens) {
  // Of what comes, the line has as much as there is up to the quote or newline that ends the piece.
  const size_t end = std::string_view(gram, kGramReads).find_first_of("\"\n");
  const size_t known = end == std::string_view::npos ? kGramReads : end + 1;
  for (const uint16_t index : tokens) {
    if (index >= kSpecialIndex) {
      const Special find = kSpecials[index - kSpecialIndex].find;
      if (find == FindPrivateKey || (find == FindCommandUser && IsCommand(text_, at))) {
        suspects_->push_back({at, false});
      } else if (find != FindCommandUser) {
        LookAt(at, [&](const Subject& subject, size_t place) { find(subject, place, findings_); });
      }
      continue;
    }
    const Token& token = engine_.tokens_[index];
    if (!token.MayBegin(gram, known)) continue;
    SeeLine(at);
    if (token.pattern.crosses_quotes() || FindToken(token, subject_, at).has_value())
      suspects_->push_back({at, false});
  }
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
      const size_t at = base + static_cast<size_t>(std::countr_zero(ssn));
      if (suspects_ != nullptr) {
        suspects_->push_back({at, false});  // its word may stand in the value before
      } else {
        LookAt(at,
               [&](const Subject& subject, size_t place) { FindSocialSecurity(subject, place, findings_); });
      }
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

}  // namespace taffrail::redact
