#include "run_holder.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "cohort/core/host.hpp"
#include "cohort/store/atomic_file.hpp"
#include "support/tiny_run.hpp"

namespace cohort::app {
namespace {
namespace fs = std::filesystem;

class RunHolder : public ::testing::Test {
 protected:
  void lock_said(const std::string& words) const {
    std::ofstream(folder_.path() / ".lock", std::ios::trunc) << words << "\n";
  }
  const tests::TemporaryFolder folder_{"holder"};
};

TEST_F(RunHolder, IsAtWorkWhileTheLockIsHeld) {
  const store::FolderLock lock(folder_.path());
  EXPECT_EQ(holder_of(folder_.path()), Holder::at_work);
}

TEST_F(RunHolder, IsGoneWhenNobodyHoldsTheLock) {
  EXPECT_EQ(holder_of(folder_.path()), Holder::gone);  // never locked: a copy
  { const store::FolderLock lock(folder_.path()); }
  EXPECT_EQ(holder_of(folder_.path()), Holder::gone);  // this process lives, but let it go
  lock_said("process 1999999999 on " + host_name());
  EXPECT_EQ(holder_of(folder_.path()), Holder::gone);
}

TEST_F(RunHolder, BelievesOtherHostsUntilTheyAreSilent) {
  lock_said("process 1 on elsewhere");
  std::ofstream(folder_.path() / "log.txt") << "a line\n";
  EXPECT_EQ(holder_of(folder_.path()), Holder::unknown);
  fs::last_write_time(folder_.path() / "log.txt", fs::file_time_type::clock::now() - std::chrono::minutes(6));
  EXPECT_EQ(holder_of(folder_.path()), Holder::gone);
}

}  // namespace
}  // namespace cohort::app
