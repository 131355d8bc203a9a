// kPhrase: the longest word is searched over all values of a column at once; only values with a hit are read
// as words.
#include <charconv>

#include "expr/condition.h"
#include "expr/substring.h"
#include "expr/words.h"

namespace taffrail::expr {
namespace {

class PhraseCondition final : public Condition {
 public:
  explicit PhraseCondition(std::string_view phrase) : phrase_(phrase) {
    in_number_ = phrase_.words().find_first_not_of("0123456789e ") == std::string::npos;
    // An integer's text has one word, its digits: the phrase is in it when it is that number, either sign.
    const std::string& digits = phrase_.words();
    const char* end = digits.data() + digits.size();
    const auto result = std::from_chars(digits.data(), end, magnitude_);
    is_magnitude_ = result.ec == std::errc() && result.ptr == end && (digits == "0" || digits[0] != '0');
  }

  bool Text(std::string_view text) const override { return phrase_.Matches(text); }

  bool MayPass(record::Kind kind) const override {
    switch (kind) {
      case record::Kind::kInteger:
        return is_magnitude_;
      case record::Kind::kDecimal:
        return in_number_;
      case record::Kind::kBool:
        return phrase_.words() == "true" || phrase_.words() == "false";
      default:
        return true;
    }
  }
  void Strings(const record::StringData& values, Bits& hits) const override {
    if (phrase_.empty()) return;
    Bits candidates(values.size());
    FindInValues(values, phrase_.longest_word(), /*ignore_case=*/true, candidates);
    // Neighbours often say the same.
    std::string_view last;
    bool last_matches = false;
    candidates.ForEach([&](size_t i) {
      const std::string_view text = values[i];
      if (text != last || last.empty()) {
        last = text;
        last_matches = phrase_.Matches(text);
      }
      if (last_matches) hits.Set(i);
    });
  }
  void Integers(const record::Column& column, Bits& hits) const override {
    if (!is_magnitude_) return;
    for (size_t i = 0; i < column.integers.size(); ++i) {
      const auto value = static_cast<uint64_t>(column.integers[i]);
      hits.SetTo(i, (column.integers[i] < 0 ? 0 - value : value) == magnitude_);
    }
  }
  void Decimals(const record::Column& column, Bits& hits) const override {
    if (in_number_) Condition::Decimals(column, hits);
  }

 private:
  PhraseMatcher phrase_;
  bool in_number_;
  bool is_magnitude_ = false;
  uint64_t magnitude_ = 0;
};

}  // namespace

std::unique_ptr<Condition> MakePhraseCondition(const Expr& expr) {
  return std::make_unique<PhraseCondition>(expr.text);
}

}  // namespace taffrail::expr
