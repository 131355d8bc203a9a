#include "redact/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "redact/chars.h"
#include "redact/engine_scan.h"
#include "redact/resolve.h"

namespace taffrail::redact {
namespace {

constexpr std::array<std::string_view, kDetectors> kDetectorIds = {
    "secret-field", "authorization", "cookies",      "url-credentials",
    "command-user", "email",         "payment-card", "social-security",
    "iban",         "jwt",           "private-key",  "facebook-app-token",
    "field-path"};

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
  // A piece ends with its quote, which the last byte of a gram may be.
  for (int shift = 0; shift < 24; shift += 8) {
    const auto byte = static_cast<char>(gram >> shift);
    if (byte == '"' || byte == '\n') can_suspect_ = false;
  }
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
  for (size_t i = 0; i < Specials().size(); ++i) {
    const std::string_view anchor = Specials()[i].text;
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

void Engine::FindSuspects(std::string_view pieces, Scratch& scratch) const {
  scratch.findings.clear();
  scratch.suspects.clear();
  Scan(*this, pieces, false, scratch).RunOnPieces(scratch.suspects);
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
