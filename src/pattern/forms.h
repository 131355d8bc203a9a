// Counts lines by their forms, over time, in bounded memory, and at the end makes templates of them.
//
//   Forms forms({.max_steps = 60});
//   Forms::Form* form = forms.Of("job 17 done");        of a text that many lines have: once
//   forms.Count(*form, time_ns, [&] { return text; });  for each of them
//   forms.Merge(those_of_another_thread);
//   Mined mined = forms.Mine();
//
// Every line is counted exactly, and what comes out depends neither on the order of lines nor on which thread
// counted which, unless there are more forms than fit (kMaxForms): then those so far become templates at once
// (Fold), which go on as forms.
//
// Steps of time begin short and become longer as the times that come would need more than max_steps.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "base/hash.h"
#include "pattern/miner.h"
#include "pattern/tally.h"

namespace taffrail::pattern {

// What lines are made of. Templates: the most frequent first.
struct Mined {
  std::vector<Template> templates;
  uint64_t lines = 0;      // with a word in them
  uint64_t unmatched = 0;  // of them, of no template
  int64_t step_ns = 0;
  int64_t first_ns = INT64_MAX;
  int64_t last_ns = INT64_MIN;
};

class Forms {
 public:
  struct Options {
    int64_t step_ns = 1'000'000'000;
    uint64_t max_steps = 60;  // between the first time and the last, at least 2
  };

  // With templates of a hundred bytes some megabytes; prose has more forms, of which nobody reads as many.
  static constexpr size_t kMaxForms = 16'384;
  static constexpr size_t kMaxBytes = size_t{16} << 20;  // of forms, for when they are long

  struct Form {
    Tally tally;  // without the open step
    // The step that the last line was in, as the next one mostly is.
    int64_t open_begin_ns = 0;
    uint64_t open_length_ns = 0;  // 0: none is open
    uint64_t open_lines = 0;
  };

  explicit Forms(Options options) : options_(options), step_ns_(options.step_ns) {}
  Forms(const Forms&) = delete;
  Forms& operator=(const Forms&) = delete;

  // The form of a line, null of one without words; valid until Fold or Merge.
  Form* Of(std::string_view line);
  // One more line of a form; `line` gives its text, when asked.
  template <typename Line>
  void Count(Form& form, int64_t time_ns, Line&& line) {
    if (time_ns <= form.tally.first_ns) TakeSample(form, time_ns, line());
    if (time_ns > form.tally.last_ns) form.tally.last_ns = time_ns;
    const uint64_t into_ns = static_cast<uint64_t>(time_ns) - static_cast<uint64_t>(form.open_begin_ns);
    if (into_ns >= form.open_length_ns) OpenStep(form, time_ns);
    ++form.open_lines;
  }

  // Makes room, if need be. To be called now and then: between two calls some ten thousand forms may come.
  void FoldIfFull() {
    if (forms_.size() > kMaxForms || bytes_ > kMaxBytes) Fold();
  }
  void Merge(Forms& other);
  // Nothing is left of the forms.
  Mined Mine();

 private:
  void TakeSample(Form& form, int64_t time_ns, std::string_view line);
  void OpenStep(Form& form, int64_t time_ns);
  void CloseStep(Form& form) const;
  void CoverTime(int64_t first_ns, int64_t last_ns);
  Form& Insert(std::string_view text);
  void Fold();

  const Options options_;
  int64_t step_ns_;
  int64_t first_ns_ = INT64_MAX;  // as far as steps were opened
  int64_t last_ns_ = INT64_MIN;
  // Nodes, since callers keep pointers.
  absl::node_hash_map<std::string, Form, base::StringHash, std::equal_to<>> forms_;
  size_t bytes_ = 0;
  uint64_t unmatched_ = 0;
  std::string scratch_;
};

}  // namespace taffrail::pattern
