#include "base/own_thread.h"

#include <gtest/gtest.h>

namespace taffrail::base {
namespace {

bool IsBlocked(int signal) {
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return sigismember(&mask, signal) == 1;
}

TEST(OwnThread, TakesNoSignalOfTheProgram) {
  bool term = false, hangup = false, fault = true;
  StartOwnThread([&] {
    term = IsBlocked(SIGTERM);
    hangup = IsBlocked(SIGHUP);
    fault = IsBlocked(SIGSEGV);
  }).join();
  EXPECT_TRUE(term);
  EXPECT_TRUE(hangup);
  EXPECT_FALSE(fault);
  EXPECT_FALSE(IsBlocked(SIGTERM));
}

}  // namespace
}  // namespace taffrail::base
