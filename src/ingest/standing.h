// Standing queries: questions that are asked before the lines come. One mechanism with three users: live
// tail, alerts and metrics drawn from logs.
//
//   committed batch ─ Publish ─┬─ matcher A ─ rows ─ callback A      on the committing thread,
//                              └─ matcher B ─ rows ─ callback B      in no more time than the matching takes
//
// Ingest never waits for a reader. A callback hands what matched to a bounded buffer of its own and says how
// much it could take; the rest is dropped, and counted here.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "expr/matcher.h"
#include "record/batch.h"

namespace taffrail::ingest {

class StandingQueries {
 public:
  // Returns how many of the rows it took, from the first on. Must not block; may be called from several
  // threads at once. The batch is valid during the call.
  using Callback = std::function<size_t(const record::RecordBatch& batch, const expr::Selection& rows)>;

  // Ends the subscription when destroyed. A call under way on another thread may still finish afterwards:
  // what the callback uses must be held by it.
  class Subscription {
   public:
    ~Subscription();
    uint64_t matched() const;
    uint64_t dropped() const;

   private:
    friend class StandingQueries;
    struct State;
    Subscription(StandingQueries& owner, std::shared_ptr<State> state);
    StandingQueries& owner_;
    std::shared_ptr<State> state_;
  };

  struct Totals {
    uint64_t subscribers = 0;
    uint64_t matched = 0;  // rows, of all subscribers ever
    uint64_t dropped = 0;
  };

  // REQUIRES: this object outlives the subscription.
  [[nodiscard]] std::unique_ptr<Subscription> Subscribe(std::shared_ptr<const expr::Matcher> matcher,
                                                        Callback callback);
  void Publish(const record::RecordBatch& batch);
  Totals totals() const;

 private:
  using States = std::vector<std::shared_ptr<Subscription::State>>;

  void Unsubscribe(const Subscription::State* state);

  mutable absl::Mutex mutex_;
  // Replaced, never changed: Publish works on the list it found, without the lock.
  std::shared_ptr<const States> states_ ABSL_GUARDED_BY(mutex_) = std::make_shared<const States>();
  std::atomic<uint64_t> matched_ = 0;
  std::atomic<uint64_t> dropped_ = 0;
};

}  // namespace taffrail::ingest
