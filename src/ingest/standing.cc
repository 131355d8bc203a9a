#include "ingest/standing.h"

#include <algorithm>
#include <utility>

namespace taffrail::ingest {

struct StandingQueries::Subscription::State {
  std::shared_ptr<const expr::Matcher> matcher;
  Callback callback;
  std::atomic<bool> ended = false;
  std::atomic<uint64_t> matched = 0;
  std::atomic<uint64_t> dropped = 0;
};

StandingQueries::Subscription::Subscription(StandingQueries& owner, std::shared_ptr<State> state)
    : owner_(owner), state_(std::move(state)) {}

StandingQueries::Subscription::~Subscription() { owner_.Unsubscribe(state_.get()); }

uint64_t StandingQueries::Subscription::matched() const { return state_->matched; }
uint64_t StandingQueries::Subscription::dropped() const { return state_->dropped; }

std::unique_ptr<StandingQueries::Subscription> StandingQueries::Subscribe(
    std::shared_ptr<const expr::Matcher> matcher, Callback callback) {
  auto state = std::make_shared<Subscription::State>();
  state->matcher = std::move(matcher);
  state->callback = std::move(callback);
  const absl::MutexLock lock(&mutex_);
  auto states = std::make_shared<States>(*states_);
  states->push_back(state);
  states_ = std::move(states);
  return std::unique_ptr<Subscription>(new Subscription(*this, std::move(state)));
}

void StandingQueries::Unsubscribe(const Subscription::State* state) {
  std::shared_ptr<const States> before;  // freed after the lock: the callbacks' captures may be large
  const absl::MutexLock lock(&mutex_);
  auto states = std::make_shared<States>(*states_);
  const auto found =
      std::find_if(states->begin(), states->end(), [&](const auto& each) { return each.get() == state; });
  (*found)->ended = true;
  states->erase(found);
  before = std::exchange(states_, std::move(states));
}

void StandingQueries::Publish(const record::RecordBatch& batch) {
  std::shared_ptr<const States> states;
  {
    const absl::MutexLock lock(&mutex_);
    states = states_;
  }
  expr::Selection rows;
  for (const auto& state : *states) {
    if (state->ended) continue;
    state->matcher->Evaluate(batch, rows);
    if (rows.empty()) continue;
    const size_t taken = state->callback(batch, rows);
    state->matched += rows.size();
    state->dropped += rows.size() - taken;
    matched_ += rows.size();
    dropped_ += rows.size() - taken;
  }
}

StandingQueries::Totals StandingQueries::totals() const {
  const absl::MutexLock lock(&mutex_);
  return {.subscribers = states_->size(), .matched = matched_, .dropped = dropped_};
}

}  // namespace taffrail::ingest
