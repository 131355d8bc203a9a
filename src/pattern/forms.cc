#include "pattern/forms.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "pattern/form.h"
#include "pattern/steps.h"

namespace taffrail::pattern {

Forms::Form& Forms::Insert(std::string_view text) {
  bytes_ += text.size();
  return forms_.emplace(std::string(text), Form()).first->second;
}

Forms::Form* Forms::Of(std::string_view line) {
  scratch_.clear();
  AppendForm(line, scratch_);
  if (scratch_.empty()) return nullptr;
  const auto found = forms_.find(std::string_view(scratch_));
  return found != forms_.end() ? &found->second : &Insert(scratch_);
}

void Forms::TakeSample(Form& form, int64_t time_ns, std::string_view line) {
  const std::string_view sample = Beginning(line, kMaxSampleBytes);
  if (time_ns == form.tally.first_ns && form.tally.sample <= sample && form.tally.count + form.open_lines > 0)
    return;
  form.tally.first_ns = time_ns;
  form.tally.sample = sample;
}

void Forms::CloseStep(Form& form) const {
  if (form.open_lines > 0) {
    form.tally.counts[StepStart(form.open_begin_ns, step_ns_)] += form.open_lines;
    form.tally.count += form.open_lines;
  }
  form.open_lines = 0;
  form.open_length_ns = 0;
}

void Forms::OpenStep(Form& form, int64_t time_ns) {
  CoverTime(time_ns, time_ns);
  CloseStep(form);
  form.open_begin_ns = StepStart(time_ns, step_ns_);
  form.open_length_ns = static_cast<uint64_t>(step_ns_);
}

void Forms::CoverTime(int64_t first_ns, int64_t last_ns) {
  first_ns_ = std::min(first_ns_, first_ns);
  last_ns_ = std::max(last_ns_, last_ns);
  const int64_t step_ns = StepThatCovers(step_ns_, first_ns_, last_ns_, options_.max_steps);
  if (step_ns == step_ns_) return;
  for (auto& [text, form] : forms_) {
    CloseStep(form);
    form.tally.Coarsen(step_ns);
  }
  step_ns_ = step_ns;
}

void Forms::Merge(Forms& other) {
  if (other.forms_.empty()) {
    unmatched_ += other.unmatched_;
    return;
  }
  CoverTime(other.first_ns_, other.last_ns_);
  other.CoverTime(first_ns_, last_ns_);
  for (auto& [text, theirs] : other.forms_) {
    other.CloseStep(theirs);
    const auto found = forms_.find(text);
    Form& ours = found != forms_.end() ? found->second : Insert(text);
    CloseStep(ours);
    ours.tally.Merge(std::move(theirs.tally));
  }
  other.forms_.clear();
  unmatched_ += other.unmatched_;
  FoldIfFull();
}

Mined Forms::Mine() {
  std::vector<std::pair<const std::string*, Form*>> all;
  all.reserve(forms_.size());
  for (auto& [text, form] : forms_) {
    CloseStep(form);
    if (form.tally.count == 0) continue;
    CoverTime(form.tally.first_ns, form.tally.last_ns);
    all.emplace_back(&text, &form);
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::tie(a.second->tally.first_ns, *a.first) < std::tie(b.second->tally.first_ns, *b.first);
  });
  Mined mined;
  Miner miner;
  for (const auto& [text, form] : all) {
    mined.lines += form->tally.count;
    miner.Add(*text, std::move(form->tally));
  }
  mined.lines += unmatched_;
  mined.unmatched = unmatched_ + miner.unmatched();
  mined.templates = std::move(miner).TakeTemplates();
  mined.step_ns = step_ns_;
  mined.first_ns = first_ns_;
  mined.last_ns = last_ns_;
  std::sort(mined.templates.begin(), mined.templates.end(), [](const Template& a, const Template& b) {
    return a.lines.count != b.lines.count ? a.lines.count > b.lines.count : a.words < b.words;
  });
  forms_.clear();
  bytes_ = 0;
  return mined;
}

void Forms::Fold() {
  Mined mined = Mine();
  unmatched_ = mined.unmatched;
  for (Template& each : mined.templates) {
    const std::string text = each.Form();
    const auto found = forms_.find(text);
    Form& form = found != forms_.end() ? found->second : Insert(text);
    form.tally.Merge(std::move(each.lines));
  }
}

}  // namespace taffrail::pattern
