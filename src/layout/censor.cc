#include "layout/censor.h"

namespace taffrail::layout {
namespace {

constexpr std::string_view kStars = "***";

Verdict Judge(Redactor& redactor, std::string_view path) {
  try {
    switch (redactor.judge_key(path)) {
      case Redactor::KeyVerdict::kScan:
        return Verdict::kScan;
      case Redactor::KeyVerdict::kReplace:
        return Verdict::kReplace;
      case Redactor::KeyVerdict::kRemove:
        return Verdict::kRemove;
      case Redactor::KeyVerdict::kLeave:
        return Verdict::kLeave;
    }
  } catch (...) {  // told by the stars in the line
  }
  return Verdict::kStars;
}

}  // namespace

Verdict Censor::JudgeKey(std::string_view path) {
  if (redactor_ == nullptr) return Verdict::kLeave;
  const auto known = verdicts_.find(path);
  if (known != verdicts_.end()) return known->second;
  if (verdicts_.size() >= kKeysMax) verdicts_.clear();
  const Verdict verdict = Judge(*redactor_, path);
  verdicts_.emplace(path, verdict);
  return verdict;
}

std::string_view Censor::Replacement(Verdict verdict, std::string_view path, std::string_view value) {
  if (verdict == Verdict::kStars) return kStars;
  text_.clear();
  try {
    redactor_->replace(path, value, text_);
    return text_;
  } catch (...) {
    return kStars;
  }
}

std::string_view Censor::Scan(std::string_view text) {
  if (redactor_ == nullptr) return text;
  text_.clear();
  try {
    return redactor_->scan(text, text_) ? std::string_view(text_) : text;
  } catch (...) {
    return kStars;
  }
}

}  // namespace taffrail::layout
