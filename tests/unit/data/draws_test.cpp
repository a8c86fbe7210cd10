#include "cohort/data/draws.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "cohort/core/error.hpp"

namespace cohort::data {
namespace {

using Indices = std::vector<std::int32_t>;

Indices take(DrawSequence& draws, std::int64_t first, std::size_t count) {
  Indices samples(count);
  draws.samples(first, samples);
  return samples;
}

Indices sorted(Indices values) {
  std::ranges::sort(values);
  return values;
}

TEST(Permutation, HoldsEveryNumberOnce) {
  for (const std::int64_t count : {1, 2, 7, 100, 1021}) {
    Indices all(static_cast<std::size_t>(count));
    std::iota(all.begin(), all.end(), 0);
    EXPECT_EQ(sorted(permutation(count, 5, 3)), all);
  }
  EXPECT_TRUE(permutation(0, 5, 3).empty());
}

// Golden values were confirmed by an implementation in another language, from docs/numerics.md.
TEST(Permutation, KeepsItsGoldenOrder) {
  EXPECT_EQ(permutation(10, 0, 0), (Indices{4, 5, 0, 1, 8, 2, 9, 3, 7, 6}));
  EXPECT_EQ(permutation(10, 0, 1), (Indices{3, 0, 4, 7, 2, 5, 9, 8, 1, 6}));
  EXPECT_EQ(permutation(10, 0x123456789ABCDEF, 7), (Indices{6, 7, 3, 0, 9, 5, 2, 8, 4, 1}));
}

TEST(Permutation, PutsEveryNumberEverywhereEquallyOften) {
  constexpr int kCount = 6, kPasses = 6000;
  std::array<std::array<int, kCount>, kCount> seen{};
  for (int pass = 0; pass < kPasses; ++pass) {
    const Indices order = permutation(kCount, 11, pass);
    for (std::size_t i = 0; i < kCount; ++i) ++seen[i][static_cast<std::size_t>(order[i])];
  }
  for (const auto& row : seen) {
    for (const int count : row) EXPECT_NEAR(count, kPasses / kCount, 150);  // five standard deviations
  }
}

TEST(Draws, TakeEverySampleOncePerPass) {
  const Indices labels(50, 0);
  Indices indices{3, 4, 10, 11, 12, 30, 49};
  DrawSequence draws(indices, labels, 9);
  for (std::int64_t pass = 0; pass < 20; ++pass) EXPECT_EQ(sorted(take(draws, pass * 7, 7)), indices);
  EXPECT_NE(take(draws, 0, 7), take(draws, 7, 7));
}

TEST(Draws, AreAFunctionOfTheirNumber) {
  Indices labels(100), indices(100);
  for (std::size_t i = 0; i < 100; ++i) labels[i] = i < 80 ? 0 : i < 95 ? 2 : 5;
  std::iota(indices.begin(), indices.end(), 0);
  for (const Sampling sampling : {Sampling::shuffled, Sampling::balanced}) {
    DrawSequence whole(indices, labels, 1, sampling);
    const Indices expected = take(whole, 0, 1000);
    DrawSequence parts(indices, labels, 1, sampling);
    for (const std::int64_t first : {900, 0, 333, 99, 101, 100, 5}) {  // any order, on a sequence with a past
      const Indices piece = take(parts, first, 64);
      EXPECT_TRUE(std::equal(piece.begin(), piece.end(), expected.begin() + first)) << first;
      DrawSequence fresh(indices, labels, 1, sampling);
      EXPECT_EQ(take(fresh, first, 64), piece);
    }
    DrawSequence other_seed(indices, labels, 2, sampling);
    EXPECT_NE(take(other_seed, 0, 1000), expected);
  }
}

TEST(Draws, BalanceTheClassesExactly) {
  Indices labels, indices;
  for (std::int32_t i = 0; i < 113; ++i) {
    labels.push_back(i < 100 ? 4 : i < 110 ? 1 : 7);
    indices.push_back(i);
  }
  DrawSequence draws(indices, labels, 3, Sampling::balanced);
  const Indices samples = take(draws, 0, 3 * 600);
  std::map<std::int32_t, int> per_sample;
  for (std::size_t block = 0; block < 600; ++block) {
    std::set<std::int32_t> classes;
    for (std::size_t k = 0; k < 3; ++k) {
      const std::int32_t sample = samples[block * 3 + k];
      classes.insert(labels[static_cast<std::size_t>(sample)]);
      ++per_sample[sample];
    }
    ASSERT_EQ(classes.size(), 3U) << "every block names every class";
  }
  // 600 draws of each class, every member equally often: 6, 60 and 200 times.
  for (const auto& [sample, count] : per_sample) {
    EXPECT_EQ(count, sample < 100 ? 6 : sample < 110 ? 60 : 200) << sample;
  }
}

TEST(Draws, ShuffleTheClassesWithinBlocks) {
  const Indices labels{0, 1}, indices{0, 1};
  DrawSequence draws(indices, labels, 3, Sampling::balanced);
  int first_is_zero = 0;
  for (std::int64_t block = 0; block < 1000; ++block) first_is_zero += take(draws, 2 * block, 1)[0] == 0;
  EXPECT_NEAR(first_is_zero, 500, 80);
}

TEST(Draws, KeepTheirGoldenOrder) {
  const Indices labels{0, 0, 0, 0, 1, 1, 2, 0}, indices{0, 1, 2, 4, 5, 6, 7};
  DrawSequence shuffled(indices, labels, 77);
  EXPECT_EQ(take(shuffled, 5, 12), (Indices{2, 5, 5, 1, 6, 4, 2, 7, 0, 1, 0, 2}));
  DrawSequence balanced(indices, labels, 77, Sampling::balanced);
  EXPECT_EQ(take(balanced, 5, 12), (Indices{2, 5, 0, 6, 1, 6, 4, 1, 6, 5, 4, 2}));
}

TEST(Draws, ReachFarWithoutWalkingThere) {
  const Indices labels{0, 1, 0}, indices{0, 1, 2};
  for (const Sampling sampling : {Sampling::shuffled, Sampling::balanced}) {
    DrawSequence draws(indices, labels, 3, sampling);
    EXPECT_EQ(take(draws, 1'000'000'000'000, 3).size(), 3U);
  }
}

TEST(Draws, RefuseAnEmptyPart) {
  EXPECT_THROW(DrawSequence({}, Indices{0, 1}, 0), DataError);
  EXPECT_THROW(DrawSequence({2}, Indices{0, 1}, 0), std::logic_error);
}

}  // namespace
}  // namespace cohort::data
