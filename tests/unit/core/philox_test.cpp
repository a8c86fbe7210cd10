#include "cohort/core/philox.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

namespace cohort {
namespace {

using Block = std::array<std::uint32_t, 4>;

// The known answers of the Random123 distribution for philox4x32-10.
TEST(Philox, GivesTheKnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox4x32({ones, ones, ones, ones}, {ones, ones}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomSequence, LaysOutKeyAndCounterAsDocumented) {
  RandomSequence sequence(0x1122334455667788, Stream::augmentation, 0x99aabbccddeeff00);
  for (std::uint32_t block = 0; block < 3; ++block) {
    const Block expected = philox4x32({block, 0xddeeff00, 0x99aabbcc, 3}, {0x55667788, 0x11223344});
    for (const std::uint32_t word : expected) EXPECT_EQ(sequence.next_u32(), word);
  }
}

TEST(RandomSequence, PutsTheLowWordFirst) {
  RandomSequence words(5, Stream::test_inputs, 6);
  RandomSequence pairs(5, Stream::test_inputs, 6);
  const std::uint64_t low = words.next_u32();
  const std::uint64_t high = words.next_u32();
  EXPECT_EQ(pairs.next_u64(), high << 32 | low);
}

TEST(RandomSequence, DependsOnSeedStreamAndDraw) {
  const std::uint64_t first = RandomSequence(1, Stream::data_split, 2).next_u64();
  EXPECT_EQ(RandomSequence(1, Stream::data_split, 2).next_u64(), first);
  EXPECT_NE(RandomSequence(3, Stream::data_split, 2).next_u64(), first);
  EXPECT_NE(RandomSequence(1, Stream::draw_order, 2).next_u64(), first);
  EXPECT_NE(RandomSequence(1, Stream::data_split, 3).next_u64(), first);
}

TEST(RandomSequence, BelowIsTheHighHalfOfTheProduct) {
  RandomSequence raw(5, Stream::test_inputs, 7);
  RandomSequence bounded(5, Stream::test_inputs, 7);
  for (int i = 0; i < 100; ++i) {
    // With a bound of 2^k no value is rejected, and the result is the top k bits.
    EXPECT_EQ(bounded.below(std::uint64_t{1} << 20), raw.next_u64() >> 44);
  }
}

TEST(RandomSequence, BelowIsUniform) {
  RandomSequence sequence(5, Stream::test_inputs, 8);
  std::vector<int> counts(7);
  constexpr int draws = 70000;
  for (int i = 0; i < draws; ++i) ++counts.at(sequence.below(7));
  for (const int count : counts) EXPECT_NEAR(count, draws / 7, 5 * std::sqrt(draws / 7.0));
}

TEST(RandomSequence, BelowRejectsTheSurplusOfAWideBound) {
  RandomSequence raw(5, Stream::test_inputs, 9);
  RandomSequence bounded(5, Stream::test_inputs, 9);
  // 2^64 mod (2^63 + 1) = 2^63 - 1: almost half of all values are drawn again.
  const std::uint64_t bound = (std::uint64_t{1} << 63) + 1;
  int rejected = 0;
  for (int i = 0; i < 200; ++i) {
    const std::uint64_t value = bounded.below(bound);
    EXPECT_LT(value, bound);
    // v * (2^63 + 1) has high half (v + carry) / 2 and low half v + (v odd ? 2^63 : 0), modulo 2^64.
    while (true) {
      const std::uint64_t v = raw.next_u64();
      const std::uint64_t low = v + ((v & 1) << 63);
      if (low >= bound - 2) {
        EXPECT_EQ(value, (v >> 1) + (low < v ? 1 : 0));
        break;
      }
      ++rejected;
    }
  }
  EXPECT_GT(rejected, 50);
}

TEST(RandomSequence, BelowOneIsZeroAndBelowZeroIsRefused) {
  RandomSequence sequence(1, Stream::test_inputs, 0);
  EXPECT_EQ(sequence.below(1), 0u);
  EXPECT_THROW(sequence.below(0), std::logic_error);
}

TEST(RandomSequence, UniformTakesTheTop53Bits) {
  RandomSequence raw(5, Stream::test_inputs, 10);
  RandomSequence sequence(5, Stream::test_inputs, 10);
  for (int i = 0; i < 1000; ++i) {
    const double value = sequence.uniform();
    EXPECT_EQ(value, static_cast<double>(raw.next_u64() >> 11) / 9007199254740992.0);
    EXPECT_GE(value, 0.0);
    EXPECT_LT(value, 1.0);
  }
}

TEST(RandomSequence, NormalHasTheMomentsOfAStandardNormal) {
  RandomSequence sequence(5, Stream::test_inputs, 11);
  constexpr int draws = 200000;
  double sum = 0, squares = 0, fourth = 0, lag = 0, previous = 0;
  for (int i = 0; i < draws; ++i) {
    const double value = sequence.normal();
    sum += value;
    squares += value * value;
    fourth += value * value * value * value;
    lag += value * previous;
    previous = value;
  }
  EXPECT_NEAR(sum / draws, 0.0, 0.01);
  EXPECT_NEAR(squares / draws, 1.0, 0.015);
  EXPECT_NEAR(fourth / draws, 3.0, 0.12);
  EXPECT_NEAR(lag / draws, 0.0, 0.01);
}

TEST(RandomSequence, NormalFollowsBoxMuller) {
  RandomSequence uniforms(5, Stream::test_inputs, 12);
  RandomSequence normals(5, Stream::test_inputs, 12);
  for (int i = 0; i < 100; ++i) {
    const double radius = std::sqrt(-2 * std::log(1 - uniforms.uniform()));
    const double angle = 2 * std::acos(-1.0) * uniforms.uniform();
    EXPECT_NEAR(normals.normal(), radius * std::cos(angle), 1e-14);
    EXPECT_NEAR(normals.normal(), radius * std::sin(angle), 1e-14);
  }
}

}  // namespace
}  // namespace cohort
