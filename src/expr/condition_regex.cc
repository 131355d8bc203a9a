// kRegex: RE2, whose time is linear in the text whatever the pattern.
#include <re2/re2.h>

#include "expr/condition.h"
#include "expr/required_texts.h"
#include "expr/substring.h"
#include "expr/value_memo.h"
#include "fmt/format.h"

namespace taffrail::expr {
namespace {

constexpr int64_t kMaxRegexBytes = int64_t{8} << 20;  // see Matcher::Compile

class RegexCondition final : public Condition {
 public:
  RegexCondition(std::unique_ptr<re2::RE2> regex, bool anchored, RequiredTexts required)
      : regex_(std::move(regex)),
        anchor_(anchored ? re2::RE2::ANCHOR_BOTH : re2::RE2::UNANCHORED),
        required_(std::move(required)) {}

  bool Text(std::string_view text) const override {
    const re2::StringPiece piece(text.data(), text.size());
    return regex_->Match(piece, 0, piece.size(), anchor_, nullptr, 0);
  }
  void Strings(const record::StringData& values, Bits& hits) const override {
    if (required_.empty()) {
      return TestDistinct(
          values, [this](std::string_view text) { return Text(text); }, hits);
    }
    Candidates(values).ForEach([&](size_t i) {
      if (Text(values[i])) hits.Set(i);
    });
  }

 private:
  // The values that have what a match needs.
  Bits Candidates(const record::StringData& values) const {
    Bits candidates(values.size());
    for (const std::vector<std::string>& texts : required_) {
      Bits all(values.size(), true);
      for (const std::string& text : texts) {
        Bits with(values.size());
        FindInValues(values, text, /*ignore_case=*/true, with);
        all.And(with);
      }
      candidates.Or(all);
    }
    return candidates;
  }

  std::unique_ptr<re2::RE2> regex_;
  re2::RE2::Anchor anchor_;
  RequiredTexts required_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Condition>> MakeRegexCondition(const Expr& expr) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxRegexBytes);
  options.set_case_sensitive(!expr.ignore_case);
  options.set_dot_nl(false);
  auto regex = std::make_unique<re2::RE2>(re2::StringPiece(expr.text.data(), expr.text.size()), options);
  if (!regex->ok()) {
    return absl::InvalidArgumentError(
        fmt::format("bad regular expression \"{}\": {}", expr.text, regex->error()));
  }
  return std::make_unique<RegexCondition>(std::move(regex), expr.anchored,
                                          RequiredTextsOf(expr.text, expr.ignore_case));
}

}  // namespace taffrail::expr
