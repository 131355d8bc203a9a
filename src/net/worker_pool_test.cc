#include "net/worker_pool.h"

#include <atomic>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace taffrail::net {
namespace {

// A task that says when it runs, and runs until it is let go.
class Held {
 public:
  std::function<void()> Task() {
    return [this] {
      runs_.Notify();
      let_go_.WaitForNotification();
    };
  }
  void WaitUntilRuns() { runs_.WaitForNotification(); }
  bool runs() const { return runs_.HasBeenNotified(); }
  void LetGo() { let_go_.Notify(); }

 private:
  absl::Notification runs_;
  absl::Notification let_go_;
};

TEST(WorkerPool, RunsWhatIsQueuedBeforeItStops) {
  std::atomic<int> ran = 0;
  WorkerPool pool(2, 100, 1);
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(pool.TryRun([&] { ++ran; }));
    EXPECT_TRUE(pool.TryRun([&] { ++ran; }, {.name = "slow", .width = 1, .max_waiting = 100}));
  }
  pool.Stop();
  EXPECT_EQ(ran, 40);
  EXPECT_FALSE(pool.TryRun([] {}));
  EXPECT_FALSE(pool.TryRun([] {}, {.name = "slow"}));
}

// REQ Q-07
TEST(WorkerPool, ALaneIsNoWiderThanItSays) {
  const Lane lane = {.name = "a", .width = 2, .max_waiting = 1};
  Held tasks[3];
  WorkerPool pool(4, 10, 3);
  for (Held& task : tasks) ASSERT_TRUE(pool.TryRun(task.Task(), lane));
  tasks[0].WaitUntilRuns();
  tasks[1].WaitUntilRuns();
  // Two run and one waits: no room for a fourth.
  EXPECT_FALSE(pool.TryRun([] {}, lane));
  EXPECT_EQ(pool.refused_in_lanes(), 1u);
  const std::vector<LaneState> states = pool.Lanes();
  ASSERT_EQ(states.size(), 1u);
  EXPECT_EQ(states[0].name, "a");
  EXPECT_EQ(states[0].running, 2);
  EXPECT_EQ(states[0].waiting, 1u);
  EXPECT_FALSE(tasks[2].runs());
  tasks[0].LetGo();
  tasks[2].WaitUntilRuns();
  tasks[1].LetGo();
  tasks[2].LetGo();
  pool.Stop();
  EXPECT_TRUE(pool.Lanes().empty());
}

// REQ Q-07
TEST(WorkerPool, LanesLeaveWorkersForTheOthers) {
  Held slow[4];
  WorkerPool pool(3, 10, 2);
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(pool.TryRun(slow[i].Task(), {.name = std::string(1, 'a' + i), .width = 1, .max_waiting = 1}));
  }
  slow[0].WaitUntilRuns();
  slow[1].WaitUntilRuns();
  Held quick;
  ASSERT_TRUE(pool.TryRun(quick.Task()));
  quick.WaitUntilRuns();
  EXPECT_FALSE(slow[2].runs());
  quick.LetGo();
  for (Held& task : slow) task.LetGo();
  pool.Stop();
  EXPECT_TRUE(slow[3].runs());
}

// REQ Q-07
TEST(WorkerPool, LanesHaveTurnsHoweverManyTasksOneHas) {
  std::vector<std::string> order;  // one worker: no lock
  Held first;
  WorkerPool pool(1, 10, 1);
  const auto lane = [](const std::string& name) {
    return Lane{.name = name, .width = 1, .max_waiting = 100};
  };
  ASSERT_TRUE(pool.TryRun(first.Task(), lane("busy")));
  first.WaitUntilRuns();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(pool.TryRun([&] { order.emplace_back("busy"); }, lane("busy")));
  ASSERT_TRUE(pool.TryRun([&] { order.emplace_back("calm"); }, lane("calm")));
  ASSERT_TRUE(pool.TryRun([&] { order.emplace_back("adagio"); }, lane("adagio")));
  first.LetGo();
  pool.Stop();
  EXPECT_EQ(order, (std::vector<std::string>{"calm", "adagio", "busy", "busy", "busy"}));
}

}  // namespace
}  // namespace taffrail::net
