// Groups that work by themselves: the failure of one is told to the others before they are done.
#include "round/across_groups.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <thread>

#include "cohort/core/stopwatch.hpp"
#include "support/tiny_run.hpp"

namespace cohort::round {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// Every rank is a group of its own and listens to one mark in a folder of the root's.
class AcrossGroups : public testing::Test {
 protected:
  AcrossGroups() : folder_("across-groups") {
    mark_ = world_.broadcast((folder_.path() / ".stop").string());
    stop_.share(mark_, "this start");
    stop_.listen(true);
  }
  /// The last rank fails at once; all others work for a minute, or until somebody wishes to stop.
  void work(int failing) {
    if (world_.rank() == failing) throw DataError("a damaged file");
    const Stopwatch watch;
    while (!stop_.is_there() && watch.elapsed_s() < 60) std::this_thread::sleep_for(10ms);
    worked_s_ = watch.elapsed_s();
  }

  comm::Communicator world_ = comm::Communicator::world(), group_ = world_.split(world_.rank());
  const tests::TemporaryFolder folder_;
  std::filesystem::path mark_;
  StopWish stop_{0};
  double worked_s_ = 0;
};

TEST_F(AcrossGroups, StopForTheFailureOfAnother) {
  const int last = world_.ranks() - 1;
  try {
    across_groups(world_, group_, stop_, "work", [&] { work(last); });
    ADD_FAILURE() << "nobody failed";
  } catch (const comm::AgreedError& e) {
    EXPECT_EQ(e.code(), ExitCode::data_refused);
    EXPECT_THAT(e.what(), HasSubstr("a damaged file"));
  }
  EXPECT_LT(worked_s_, 30);
  world_.sum(0);  // the folder is the root's
}

TEST_F(AcrossGroups, LeaveNoMarkWithoutAFailure) {
  across_groups(world_, group_, stop_, "work", [] {});
  EXPECT_FALSE(stop_.is_there());
  EXPECT_FALSE(std::filesystem::exists(mark_));
  world_.sum(0);
}

}  // namespace
}  // namespace cohort::round
