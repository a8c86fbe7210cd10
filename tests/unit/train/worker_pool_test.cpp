#include "cohort/train/worker_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cfenv>
#include <chrono>
#include <thread>

#include "cohort/kernels/select.hpp"

namespace cohort::train {
namespace {

TEST(WorkerPool, ThreadsHaveTheExactFloatEnvironment) {
  std::fesetround(FE_UPWARD);  // threads inherit their maker's setting
  WorkerPool pool(3);
  std::fesetround(FE_TONEAREST);
  std::atomic<int> inexact{0};
  pool.run(60, [&](int, std::int64_t) {
    std::this_thread::sleep_for(std::chrono::microseconds(50));
    if (!kernels::float_environment_is_exact()) ++inexact;
  });
  EXPECT_EQ(inexact.load(), 0);
}

}  // namespace
}  // namespace cohort::train
