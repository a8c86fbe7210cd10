#include "cohort/core/thread_team.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "cohort/core/error.hpp"

namespace cohort {
namespace {

TEST(ThreadTeam, CallsEachIndexOnce) {
  for (const int threads : {1, 2, 5}) {
    ThreadTeam team(threads);
    EXPECT_EQ(team.threads(), threads);
    for (const std::int64_t count : {0, 1, 3, 200}) {
      std::vector<std::atomic<int>> calls(static_cast<std::size_t>(count));
      team.run(count, [&](int thread, std::int64_t index) {
        ASSERT_GE(thread, 0);
        ASSERT_LT(thread, threads);
        ++calls[static_cast<std::size_t>(index)];
      });
      for (const auto& call : calls) EXPECT_EQ(call.load(), 1);
    }
  }
}

TEST(ThreadTeam, GivesEachThreadItsOwnNumber) {
  ThreadTeam team(3);
  std::mutex mutex;
  std::set<std::pair<int, std::thread::id>> seen;
  for (int round = 0; round < 20; ++round)
    team.run(12, [&](int thread, std::int64_t) {
      std::this_thread::sleep_for(std::chrono::microseconds(100));
      const std::lock_guard lock(mutex);
      seen.emplace(thread, std::this_thread::get_id());
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

TEST(ThreadTeam, RethrowsAfterAllHaveStopped) {
  ThreadTeam team(3);
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
      team.run(1000, task);
      FAIL() << "no exception";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "task 4");
    }
    EXPECT_EQ(running.load(), 0);
    EXPECT_LT(started.load(), 1000);
  }
  std::atomic<int> calls{0};
  team.run(10, [&](int, std::int64_t) { ++calls; });
  EXPECT_EQ(calls.load(), 10) << "the team must survive a failed task";
}

TEST(ThreadTeam, PreparesEachThreadOnce) {
  std::mutex mutex;
  std::multiset<std::thread::id> prepared;
  {
    ThreadTeam team(3, [&] {
      const std::lock_guard lock(mutex);
      prepared.insert(std::this_thread::get_id());
    });
    for (int round = 0; round < 2; ++round) team.run(9, [](int, std::int64_t) {});
  }
  EXPECT_EQ(prepared.size(), 3U);
  EXPECT_EQ(prepared.count(std::this_thread::get_id()), 1U);
}

TEST(ThreadTeam, RefusesNoThreads) {
  EXPECT_THROW(ThreadTeam(0), UsageError);
}

}  // namespace
}  // namespace cohort
