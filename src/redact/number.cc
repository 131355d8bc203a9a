#include "redact/number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "redact/chars.h"

namespace taffrail::redact {
namespace {

// Issuers' ranges by their first digits, and how long their numbers are (bit n: n digits). ISO/IEC 7812; the
// networks' own publications.
struct Issuer {
  uint32_t first;
  uint32_t last;
  uint8_t digits;  // of first and last
  uint32_t lengths;
};
constexpr uint32_t Lengths(uint32_t from, uint32_t to) {
  uint32_t bits = 0;
  for (uint32_t n = from; n <= to; ++n) bits |= uint32_t{1} << n;
  return bits;
}
constexpr uint32_t k16 = Lengths(16, 16);
constexpr uint32_t k16To19 = Lengths(16, 19);
constexpr std::array<Issuer, 38> kIssuers = {{
    {4, 4, 1, Lengths(13, 13) | k16 | Lengths(19, 19)},  // Visa
    {51, 55, 2, k16},                                    // Mastercard
    {2221, 2720, 4, k16},                                // Mastercard
    {34, 34, 2, Lengths(15, 15)},                        // American Express
    {37, 37, 2, Lengths(15, 15)},                        //
    {300, 305, 3, Lengths(14, 14) | k16To19},            // Diners Club
    {3095, 3095, 4, Lengths(14, 14) | k16To19},          //
    {36, 36, 2, Lengths(14, 14) | k16To19},              //
    {38, 39, 2, Lengths(14, 14) | k16To19},              //
    {6011, 6011, 4, k16To19},                            // Discover
    {644, 649, 3, k16To19},                              //
    {65, 65, 2, k16To19},                                // Discover, RuPay
    {622126, 622925, 6, k16To19},                        // Discover, UnionPay
    {62, 62, 2, k16To19},                                // UnionPay
    {81, 81, 2, k16To19},                                //
    {3528, 3589, 4, k16To19},                            // JCB
    {2131, 2131, 4, Lengths(15, 15)},                    //
    {1800, 1800, 4, Lengths(15, 15)},                    //
    {5018, 5018, 4, k16To19},                            // Maestro
    {5020, 5020, 4, k16To19},                            //
    {5038, 5038, 4, k16To19},                            //
    {5893, 5893, 4, k16To19},                            //
    {6304, 6304, 4, k16To19},                            //
    {6759, 6759, 4, k16To19},                            //
    {6761, 6763, 4, k16To19},                            //
    {6765, 6768, 4, k16To19},                            //
    {5019, 5019, 4, k16},                                // Dankort
    {2200, 2205, 4, k16To19},                            // Mir, Borica
    {60, 60, 2, k16},                                    // RuPay, Hipercard
    {82, 82, 2, k16},                                    // RuPay
    {508, 508, 3, k16},                                  //
    {9792, 9792, 4, k16},                                // Troy
    {506099, 506198, 6, k16 | Lengths(18, 19)},          // Verve
    {5067, 5067, 4, k16},                                // Elo
    {636, 639, 3, k16To19},                              // InterPayment, InstaPayment, Elo
    {6331, 6334, 4, k16 | Lengths(18, 19)},              // Solo
    {5610, 5610, 4, k16},                                // Bankcard
    {8600, 8600, 4, k16},                                // Uzcard
}};

bool PassesLuhn(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (size_t i = digits.size(); i-- > 0; twice = !twice) {
    const int digit = (digits[i] - '0') * (twice ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 == 0;
}

bool IsGap(char c) { return c == ' ' || c == '-' || c == '+' || c == '.'; }

// A gap at i: its size, or 0. `%20` is a blank in a URL.
size_t GapSize(std::string_view text, size_t i) {
  if (text.substr(i).starts_with("%20")) return 3;
  return i < text.size() && IsGap(text[i]) && text[i] != '.' ? 1 : 0;
}

// How card numbers are printed, by the sizes of their groups.
constexpr std::array<std::string_view, 7> kGroups = {"4444", "465", "4443", "464", "4442", "88", "44443"};

// Groups of digits from `begin` on, all with the same gap between them.
struct Grouped {
  char digits[20];
  size_t count = 0;
  char shape[8];
  size_t groups = 0;
  size_t end = 0;
};

std::optional<Grouped> ReadGroups(std::string_view text, size_t begin, size_t groups_max) {
  Grouped read;
  const size_t first_gap = [&] {
    size_t i = begin;
    while (i < text.size() && IsDigit(text[i])) ++i;
    return i;
  }();
  const std::string_view gap = text.substr(first_gap, GapSize(text, first_gap));
  size_t i = begin;
  while (read.groups < groups_max) {
    const size_t group = i;
    while (i < text.size() && IsDigit(text[i]) && read.count < sizeof(read.digits))
      read.digits[read.count++] = text[i++];
    if (i == group || i - group > 9 || IsDigit(At(text, i))) return std::nullopt;
    read.shape[read.groups++] = static_cast<char>('0' + (i - group));
    read.end = i;
    if (gap.empty() || !text.substr(i).starts_with(gap) || !IsDigit(At(text, i + gap.size()))) break;
    if (read.groups < groups_max) i += gap.size();
  }
  return read;
}

bool IsFreeLeft(std::string_view text, size_t begin) {
  if (begin == 0) return true;
  const char before = text[begin - 1];
  if (IsAlnum(before) || before == '_' || before == '#') {
    // `\n4111…` in JSON, `%3D4111…` in a URL
    if (begin >= 2 && text[begin - 2] == '\\' && (before == 'n' || before == 't' || before == 'r'))
      return true;
    return begin >= 3 && text[begin - 3] == '%' && IsHex(text[begin - 2]) && IsHex(before);
  }
  if (begin < 2) return true;
  const char second = text[begin - 2];
  if (before == '.') return !IsDigit(second);
  if (before != '-') return true;
  if (IsDigit(second) || second == '_') return false;
  // a part of a longer id: 7f3a-4111…
  size_t i = begin - 1;
  while (i > 0 && IsAlnum(text[i - 1])) --i;
  return std::ranges::none_of(text.substr(i, begin - 1 - i), IsDigit);
}

bool IsFreeRight(std::string_view text, size_t end) {
  const char next = At(text, end);
  if (IsAlnum(next) || next == '_') return false;
  const char second = At(text, end + 1);
  return !((next == '-' || next == '.') && IsAlnum(second) && (next == '-' || IsDigit(second)));
}

void AddCard(size_t begin, size_t end, Findings& findings) {
  findings.push_back({.begin = begin, .end = end, .rule = kPaymentCard, .mask = Mask::kLast4});
}

// A number that is a JSON value by itself: stars in its place need quotes, with as many backslashes as its
// key has. Where a string may look the same, in arrays, a number must stay one.
void MaskBareNumber(std::string_view text, Finding& finding) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  constexpr size_t kBlanksMax = 64;  // more than any printer of JSON puts there
  size_t end = finding.end;
  while (end < text.size() && end - finding.end < kBlanksMax && is_blank(text[end])) ++end;
  if (end < text.size() && text[end] != ',' && text[end] != '}' && text[end] != ']') return;
  size_t i = finding.begin;
  const auto skip_blanks = [&] {
    while (i > 0 && finding.begin - i < kBlanksMax && is_blank(text[i - 1])) --i;
  };
  skip_blanks();
  if (i == 0) return;
  const char before = text[--i];
  if (before == ',' || before == '[') {
    finding.mask = Mask::kZero;
    return;
  }
  if (before != ':') return;
  skip_blanks();
  if (i == 0 || text[i - 1] != '"') return;
  constexpr uint8_t kBackslashesMax = 63;  // of JSON in JSON in JSON …
  uint8_t backslashes = 0;
  for (--i; i > 0 && text[i - 1] == '\\' && backslashes < kBackslashesMax; --i) ++backslashes;
  finding.quotes = static_cast<uint8_t>(1 + backslashes);
}

void FindGroupedCard(std::string_view text, size_t at, Findings& findings) {
  // Back to the first digit of the groups; of blanks, earlier numbers may stand before the card's first
  // group.
  size_t first = at;
  size_t starts[8];
  size_t count = 0;
  for (size_t i = at; i > 0 && at - i < 40 && count < 8;) {
    if (IsDigit(text[i - 1])) {
      --i;
      first = i;
      continue;
    }
    starts[count++] = first;
    const bool written = i >= 3 && text.substr(i - 3, 3) == "%20";
    if (!written && GapSize(text, i - 1) == 0) break;
    i -= written ? 3 : 1;
    if (i == 0 || !IsDigit(text[i - 1])) break;
    first = i;
  }
  if (count < 8 && (count == 0 || starts[count - 1] != first)) starts[count++] = first;
  for (size_t s = count; s-- > 0;) {
    const size_t begin = starts[s];
    if (!IsFreeLeft(text, begin)) continue;
    for (size_t groups = 5; groups >= 2; --groups) {
      const auto read = ReadGroups(text, begin, groups);
      if (!read.has_value() || read->end <= at) continue;
      const std::string_view shape(read->shape, read->groups);
      if (std::ranges::find(kGroups, shape) == kGroups.end() || !IsFreeRight(text, read->end)) continue;
      if (!IsCardNumber({read->digits, read->count})) continue;
      return AddCard(begin, read->end, findings);
    }
  }
}

// Facebook's app tokens: the app's number, a bar, and its secret.
bool FindAppToken(std::string_view text, size_t begin, size_t end, Findings& findings) {
  const size_t bar = At(text, end) == '|' ? 1 : text.substr(end).starts_with("%7C") ? 3 : 0;
  if (bar == 0) return false;
  size_t last = end + bar;
  while (last < text.size() && (IsAlnum(text[last]) || text[last] == '_' || text[last] == '-')) ++last;
  const size_t size = last - end - bar;
  if (size < 27 || size > 40) return false;
  findings.push_back({.begin = begin, .end = last, .rule = kAppToken});
  return true;
}

// Words that make nine spaced or dotted digits a social security number; with dashes they need none.
bool SpeaksOfIt(std::string_view before) {
  constexpr size_t kNear = 48;
  const std::string_view near = before.substr(before.size() - std::min(before.size(), kNear));
  for (const std::string_view word : {"ssn", "social", "sozial", "tin", "itin"}) {
    for (size_t i = 0; i + word.size() <= near.size(); ++i) {
      if (EqualsIgnoreCase(near.substr(i, word.size()), word) && (i == 0 || !IsLetter(near[i - 1])) &&
          (word.size() > 3 || !IsLetter(At(near, i + word.size()))))
        return true;
    }
  }
  return false;
}

int Number(std::string_view digits) {
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

// Never given: area 000, 666 and 900 up, group 00, serial 0000. Those from 900 up whose group is in its
// ranges are taxpayers' numbers, as good a secret.
bool WasGivenOut(int area, int group, int serial) {
  if (area == 0 || area == 666 || group == 0 || serial == 0) return false;
  if (area < 900) return true;
  return (group >= 50 && group <= 65) || (group >= 70 && group <= 88) || (group >= 90 && group <= 92) ||
         group >= 94;
}

struct IbanCountry {
  char code[3];
  uint8_t length;
};
// The IBAN registry's countries and lengths.
constexpr std::array<IbanCountry, 89> kIbanCountries = {{
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22},
    {"BH", 22}, {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24},
    {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18},
    {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27},
    {"GT", 28}, {"HN", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IR", 26},
    {"IS", 26}, {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21},
    {"LT", 20}, {"LU", 20}, {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19},
    {"MN", 20}, {"MR", 27}, {"MT", 31}, {"MU", 30}, {"MZ", 25}, {"NI", 28}, {"NL", 18}, {"NO", 15},
    {"OM", 23}, {"PK", 24}, {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22},
    {"RU", 33}, {"SA", 24}, {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27},
    {"SO", 23}, {"ST", 25}, {"SV", 28}, {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22},
    {"VG", 24},
}};

size_t IbanLength(std::string_view code) {
  for (const IbanCountry& country : kIbanCountries) {
    if (code == std::string_view(country.code, 2)) return country.length;
  }
  return code == "XK" ? 20 : 0;
}

// ISO 7064: the number with its first four characters behind it and letters as 10 to 35 is 1 modulo 97.
bool PassesMod97(std::string_view iban) {
  int rest = 0;
  for (size_t i = 0; i < iban.size(); ++i) {
    const char c = iban[(i + 4) % iban.size()];
    if (IsDigit(c)) {
      rest = (rest * 10 + (c - '0')) % 97;
    } else {
      rest = (rest * 100 + (c - 'A' + 10)) % 97;
    }
  }
  return rest == 1;
}

}  // namespace

bool IsCardNumber(std::string_view digits) {
  if (digits.size() < 13 || digits.size() > 19) return false;
  const bool issued = std::ranges::any_of(kIssuers, [&](const Issuer& issuer) {
    if ((issuer.lengths >> digits.size() & 1) == 0) return false;
    const auto head = static_cast<uint32_t>(Number(digits.substr(0, issuer.digits)));
    return head >= issuer.first && head <= issuer.last;
  });
  return issued && PassesLuhn(digits);
}

void FindCard(const Subject& subject, size_t at, Findings& findings) {
  const std::string_view text = subject.text;
  size_t begin = at;
  while (begin > 0 && IsDigit(text[begin - 1]) && at - begin < 24) --begin;
  if (at + 1 - begin < 13) return FindGroupedCard(text, at, findings);
  size_t end = at + 1;
  while (end < text.size() && IsDigit(text[end]) && end - begin < 24) ++end;
  if (end - begin >= 15 && end - begin <= 16 && FindAppToken(text, begin, end, findings)) return;
  const bool free = IsFreeLeft(text, begin) && IsFreeRight(text, end);
  if (!free || !IsCardNumber(text.substr(begin, end - begin))) return;
  AddCard(begin, end, findings);
  if (subject.json) MaskBareNumber(text, findings.back());
}

void FindSocialSecurity(const Subject& subject, size_t at, Findings& findings) {
  const std::string_view text = subject.text;
  if (at < 10) return;
  const size_t begin = at - 10;
  const char gap = text[begin + 3];
  if (gap != text[begin + 6] || gap == '+') return;
  if (IsAlnum(At(text, at + 1)) || !IsFreeRight(text, at + 1)) return;
  if (begin > 0 && (IsAlnum(text[begin - 1]) || text[begin - 1] == '_' || text[begin - 1] == gap)) {
    const bool apart = gap == ' ' && text[begin - 1] == ' ' && (begin < 2 || !IsDigit(text[begin - 2]));
    const bool escaped = begin >= 2 && text[begin - 2] == '\\';
    if (!apart && !escaped) return;
  }
  if (gap != '-' && !SpeaksOfIt(text.substr(0, begin))) return;
  const int area = Number(text.substr(begin, 3));
  if (!WasGivenOut(area, Number(text.substr(begin + 4, 2)), Number(text.substr(begin + 7, 4)))) return;
  findings.push_back({.begin = begin, .end = at + 1, .rule = kSocialSecurity});
}

void FindIban(const Subject& subject, size_t at, Findings& findings) {
  const std::string_view text = subject.text;
  if (at < 3) return;
  const size_t begin = at - 3;
  const size_t length = IbanLength(text.substr(begin, 2));
  if (length == 0 || (begin > 0 && (IsAlnum(text[begin - 1]) || text[begin - 1] == '_'))) return;
  char iban[34];
  size_t count = 0;
  size_t end = begin;
  for (; end < text.size() && count < length; ++end) {
    const char c = text[end];
    if (IsDigit(c) || IsUpper(c)) {
      iban[count++] = c;
    } else if ((c != ' ' && c != '-') || !IsAlnum(At(text, end + 1))) {
      return;
    }
  }
  if (count != length || IsAlnum(At(text, end)) || !PassesMod97({iban, count})) return;
  findings.push_back({.begin = begin, .end = end, .rule = kIban, .mask = Mask::kLast4});
}

}  // namespace taffrail::redact
