#include "base/memory_limit.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace taffrail::base {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

class GroupMemoryTest : public testing::Test {
 protected:
  ~GroupMemoryTest() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path whole = root_ + path;
    std::filesystem::create_directories(whole.parent_path());
    std::ofstream(whole) << text;
  }
  uint64_t Limit() const { return GroupMemoryLimitBytes(root_); }

  const std::string root_ = testing::TempDir() + "memory_limit_" + std::to_string(getpid());
};

TEST_F(GroupMemoryTest, WithoutGroupsThereIsNoLimit) { EXPECT_EQ(Limit(), UINT64_MAX); }

TEST_F(GroupMemoryTest, TheGroupItselfIsLimited) {
  Write("/proc/self/cgroup", "0::/system.slice/taffrail.service\n");
  Write("/sys/fs/cgroup/system.slice/taffrail.service/memory.max", "536870912\n");
  EXPECT_EQ(Limit(), 512 * kMiB);
}

TEST_F(GroupMemoryTest, AGroupAboveIsTighter) {
  Write("/proc/self/cgroup", "0::/a/b\n");
  Write("/sys/fs/cgroup/a/memory.max", "1048576\n");
  Write("/sys/fs/cgroup/a/b/memory.max", "max\n");
  EXPECT_EQ(Limit(), kMiB);
}

TEST_F(GroupMemoryTest, AContainerSeesOnlyItsOwnRoot) {
  Write("/proc/self/cgroup", "0::/../../docker/1f2e\n");
  Write("/sys/fs/cgroup/memory.max", "268435456\n");
  EXPECT_EQ(Limit(), 256 * kMiB);
}

TEST_F(GroupMemoryTest, VersionOneNamesItsControllers) {
  Write("/proc/self/cgroup", "9:cpu,cpuacct:/x\n7:hugetlb,memory:/docker/1f2e\n0::/\n");
  Write("/sys/fs/cgroup/memory/docker/1f2e/memory.limit_in_bytes", "134217728\n");
  Write("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  Write("/sys/fs/cgroup/memory/x/memory.limit_in_bytes", "1\n");
  EXPECT_EQ(Limit(), 128 * kMiB);
}

TEST_F(GroupMemoryTest, WhatIsNoNumberIsNoLimit) {
  Write("/proc/self/cgroup", "nonsense\n0::/a\n::\n1:memory");
  Write("/sys/fs/cgroup/memory.max", "");
  Write("/sys/fs/cgroup/a/memory.max", "0x10");
  EXPECT_EQ(Limit(), UINT64_MAX);
}

TEST(UsableMemoryTest, IsNoMoreThanTheMachineHas) {
  const uint64_t usable = UsableMemoryBytes();
  EXPECT_GT(usable, 0u);
  EXPECT_LE(usable, static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE));
}

}  // namespace
}  // namespace taffrail::base
