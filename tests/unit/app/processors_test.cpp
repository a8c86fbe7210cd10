#include "processors.hpp"

#include <gtest/gtest.h>

namespace cohort::app {
namespace {

std::vector<RankPlace> on_host(std::initializer_list<std::vector<int>> processors, int host_processors) {
  std::vector<RankPlace> places;
  for (const auto& each : processors) places.push_back({"a", each, host_processors});
  return places;
}

std::string only_warning(const std::vector<RankPlace>& places, int threads) {
  const std::vector<std::string> warnings = placement_warnings(places, threads);
  EXPECT_EQ(warnings.size(), 1U);
  return warnings.empty() ? "" : warnings.front();
}

TEST(Processors, ListsRangesShortly) {
  EXPECT_EQ(processor_list({0, 1, 2, 3, 8}), "0-3,8");
  EXPECT_EQ(processor_list({5}), "5");
  EXPECT_EQ(processor_list({1, 3, 5, 6}), "1,3,5-6");
}

TEST(Processors, TravelAsText) {
  const RankPlace place = unpack_place(pack_place("node-7"));
  EXPECT_EQ(place.host, "node-7");
  EXPECT_EQ(place.processors, allowed_processors());
  EXPECT_GE(place.host_processors, 1);
}

TEST(Processors, AreSharedFairlyByRanksOfAHost) {
  EXPECT_EQ(fitting_threads(on_host({{0, 1, 2, 3}, {0, 1, 2, 3}}, 4)), 2);
  EXPECT_EQ(fitting_threads(on_host({{0}, {1}}, 8)), 1);
  EXPECT_EQ(fitting_threads(on_host({{0, 1, 2}, {0, 1, 2}, {0, 1, 2}, {0, 1, 2}}, 3)), 1);  // never none
  std::vector<RankPlace> two_hosts = on_host({{0, 1}}, 2);
  two_hosts.push_back({"b", {0, 1}, 2});
  EXPECT_EQ(fitting_threads(two_hosts), 2);
}

/// A group never gets more workers than a step has micro-batches: that would be refused.
TEST(AutomaticThreads, AreAsManyAsAGroupKeepsBusy) {
  struct Case {
    int units, jobs, ranks, threads;
  };
  const Case cases[] = {{2, 1, 1, 2},  {2, 1, 2, 1},  {2, 1, 4, 1},   {2, 1, 20, 1}, {2, 10, 1, 2},
                        {2, 10, 2, 2}, {2, 10, 4, 2}, {2, 10, 20, 1}, {2, 4, 1, 2},  {2, 4, 2, 2},
                        {2, 4, 4, 2},  {2, 4, 20, 1}, {4, 1, 1, 4},   {4, 1, 2, 2},  {4, 1, 4, 1},
                        {4, 1, 20, 1}, {4, 10, 1, 4}, {4, 10, 2, 4},  {4, 10, 4, 4}, {4, 10, 20, 2},
                        {4, 4, 1, 4},  {4, 4, 2, 4},  {4, 4, 4, 4},   {4, 4, 20, 1}, {4, 3, 4, 2}};
  for (const Case& c : cases)
    EXPECT_EQ(automatic_threads(64, c.units, c.jobs, c.ranks), c.threads)
        << c.units << " units, " << c.jobs << " jobs, " << c.ranks << " ranks";
}

TEST(AutomaticThreads, AreNoMoreThanFit) {
  for (const int jobs : {1, 4, 10}) EXPECT_EQ(automatic_threads(2, 64, jobs, 4), 2);
  EXPECT_EQ(automatic_threads(1, 2, 10, 1), 1);
  EXPECT_EQ(automatic_threads(16, 0, 1, 1), 1);
}

TEST(Processors, AreFineWhenEachThreadHasOne) {
  EXPECT_TRUE(placement_warnings(on_host({{0}, {1}}, 2), 1).empty());
  EXPECT_TRUE(placement_warnings(on_host({{0, 1, 2, 3}, {0, 1, 2, 3}}, 4), 2).empty());
}

TEST(Processors, WarnOfRanksOnOneCore) {
  const std::string warning = only_warning(on_host({{0}, {0}}, 4), 1);
  EXPECT_NE(warning.find("ranks 0-1 on a: 2 threads share core 0"), std::string::npos) << warning;
  EXPECT_NE(warning.find("--bind-to none"), std::string::npos) << warning;
}

TEST(Processors, WarnOfThreadsOnOneCore) {
  const std::string one = only_warning(on_host({{1}}, 8), 4);
  EXPECT_NE(one.find("rank 0 on a: 4 threads share core 1, about 4.0 times"), std::string::npos) << one;
  EXPECT_NE(one.find("--map-by slot:PE=4"), std::string::npos) << one;
  const std::string two = only_warning(on_host({{0}, {1}}, 8), 4);
  EXPECT_NE(two.find("ranks 0-1 on a: 4 threads share core"), std::string::npos) << two;
}

TEST(Processors, NameAFewHostsAndCountTheRest) {
  std::vector<RankPlace> places;
  for (const char* host : {"a", "b", "c", "d", "e"}) places.push_back({host, {0}, 4});
  const std::vector<std::string> warnings = placement_warnings(places, 2);
  ASSERT_EQ(warnings.size(), 4U);
  EXPECT_NE(warnings[3].find("2 more hosts"), std::string::npos) << warnings[3];
}

TEST(Processors, WarnOfMoreThreadsThanTheHostHas) {
  const std::string warning = only_warning(on_host({{0, 1}, {0, 1}, {0, 1}}, 2), 1);
  EXPECT_NE(warning.find("the host has only 2 cores: use fewer ranks"), std::string::npos) << warning;
}

}  // namespace
}  // namespace cohort::app
