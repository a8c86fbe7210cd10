#include "cohort/train/worker_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cfenv>
#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "cohort/core/error.hpp"
#include "cohort/kernels/select.hpp"

namespace cohort::train {
namespace {

TEST(WorkerPool, CallsEachIndexOnce) {
  for (const int workers : {1, 2, 5}) {
    WorkerPool pool(workers);
    EXPECT_EQ(pool.workers(), workers);
    for (const std::int64_t count : {0, 1, 3, 200}) {
      std::vector<std::atomic<int>> calls(static_cast<std::size_t>(count));
      pool.run(count, [&](int worker, std::int64_t index) {
        ASSERT_GE(worker, 0);
        ASSERT_LT(worker, workers);
        ++calls[static_cast<std::size_t>(index)];
      });
      for (const auto& call : calls) EXPECT_EQ(call.load(), 1);
    }
  }
}

TEST(WorkerPool, GivesEachThreadItsOwnNumber) {
  WorkerPool pool(3);
  std::mutex mutex;
  std::set<std::pair<int, std::thread::id>> seen;
  for (int round = 0; round < 20; ++round)
    pool.run(12, [&](int worker, std::int64_t) {
      std::this_thread::sleep_for(std::chrono::microseconds(100));
      const std::lock_guard lock(mutex);
      seen.emplace(worker, std::this_thread::get_id());
    });
  std::set<int> numbers;
  std::set<std::thread::id> threads;
  for (const auto& [number, thread] : seen) {
    numbers.insert(number);
    threads.insert(thread);
  }
  EXPECT_EQ(numbers.size(), seen.size());
  EXPECT_EQ(threads.size(), seen.size());
}

TEST(WorkerPool, RethrowsAfterAllHaveStopped) {
  WorkerPool pool(3);
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> running{0}, started{0};
    const auto task = [&](int, std::int64_t index) {
      ++running;
      ++started;
      if (index == 4) {
        --running;
        throw std::runtime_error("task 4");
      }
      std::this_thread::sleep_for(std::chrono::microseconds(50));
      --running;
    };
    try {
      pool.run(1000, task);
      FAIL() << "no exception";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "task 4");
    }
    EXPECT_EQ(running.load(), 0);
    EXPECT_LT(started.load(), 1000);
  }
  std::atomic<int> calls{0};
  pool.run(10, [&](int, std::int64_t) { ++calls; });
  EXPECT_EQ(calls.load(), 10) << "the pool must survive a failed task";
}

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

TEST(WorkerPool, RefusesNoWorkers) {
  EXPECT_THROW(WorkerPool(0), UsageError);
}

}  // namespace
}  // namespace cohort::train
