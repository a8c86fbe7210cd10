#include "cohort/data/augment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>

#include "cohort/core/digest.hpp"
#include "cohort/core/error.hpp"
#include "cohort/core/philox.hpp"

namespace cohort::data {
namespace {

using Pixels = std::vector<std::uint8_t>;
using Floats = std::vector<float>;

const Normalization kNormalization{{0.7, 0.5, 0.4}, {0.2, 0.25, 0.3}};
/// Undoes nothing: (x / 255 - 0) / (1 / 255) is x up to rounding.
const Normalization kBytes{{0, 0, 0}, {1.0 / 255, 1.0 / 255, 1.0 / 255}};
const AugmentOptions kNothing{false, false, 0, 0, 0, 0};

Pixels picture(Shape shape, std::uint64_t seed = 1) {
  RandomSequence random(seed, Stream::test_inputs, 0);
  Pixels pixels(static_cast<std::size_t>(shape.count()));
  for (std::uint8_t& value : pixels) value = static_cast<std::uint8_t>(random.below(256));
  return pixels;
}

Floats train(const Pixels& pixels, Shape shape, const AugmentOptions& options, std::int64_t draw,
             const Normalization& normalization = kBytes, std::uint64_t seed = 5) {
  Floats out(pixels.size(), std::nanf(""));
  prepare_training(pixels, shape, normalization, options, seed, draw, out);
  return out;
}

Floats plain(const Pixels& pixels, Shape shape, const Normalization& normalization = kBytes) {
  Floats out(pixels.size(), std::nanf(""));
  prepare_plain(pixels, shape, normalization, out);
  return out;
}

std::string digest_of(const Floats& values) {
  return to_hex(sha256(std::as_bytes(std::span(values)))).substr(0, 16);
}

TEST(Prepare, NormalisesEveryChannelByItself) {
  const Shape shape{3, 1, 2};
  const Pixels pixels{0, 128, 255, 10, 20, 30};
  const Floats out = plain(pixels, shape, kNormalization);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const float mean = static_cast<float>(kNormalization.mean[i % 3]);
    const float deviation = static_cast<float>(kNormalization.standard_deviation[i % 3]);
    const float scaled = static_cast<float>(pixels[i]) / 255.0F;
    EXPECT_EQ(out[i], (scaled - mean) / deviation);
  }
}

TEST(Prepare, WithoutOptionsChangesNothing) {
  const Shape shape{3, 5, 7};
  const Pixels pixels = picture(shape);
  for (std::int64_t draw = 0; draw < 20; ++draw) {
    EXPECT_EQ(train(pixels, shape, kNothing, draw, kNormalization), plain(pixels, shape, kNormalization));
  }
}

TEST(Prepare, IsAFunctionOfSeedAndDraw) {
  const Shape shape{3, 8, 8};
  const Pixels pixels = picture(shape);
  const AugmentOptions options{true, true, 2, 0.2, 0.2, 0.2};
  EXPECT_EQ(train(pixels, shape, options, 3), train(pixels, shape, options, 3));
  EXPECT_NE(train(pixels, shape, options, 3), train(pixels, shape, options, 4));
  EXPECT_NE(train(pixels, shape, options, 3, kBytes, 1), train(pixels, shape, options, 3, kBytes, 2));
}

// Golden values were confirmed by an implementation with numpy, from docs/numerics.md.
TEST(Prepare, KeepsItsGoldenBits) {
  const Shape square{3, 8, 8}, oblong{3, 5, 7};
  const AugmentOptions all{true, true, 3, 0.25, 0.3, 0.4};
  const AugmentOptions geometry{true, true, 1, 0, 0, 0};
  EXPECT_EQ(digest_of(plain(picture(square), square, kNormalization)), "e9ccc8f085ae80a6");
  EXPECT_EQ(digest_of(train(picture(square), square, all, 0, kNormalization)), "fa3357587bec9c3d");
  EXPECT_EQ(digest_of(train(picture(square), square, all, 1, kNormalization)), "10f11412655a579f");
  EXPECT_EQ(digest_of(train(picture(oblong), oblong, all, 12345678901, kNormalization)), "a0a1e0193faf8f60");
  EXPECT_EQ(digest_of(train(picture(oblong), oblong, geometry, 2, kNormalization)), "6e6eb0abd2a2b72e");
}

/// The eight ways to lay a square on itself, as pixel lists, from the definition: turn, flip left-right, flip
/// up-down.
std::set<Floats> all_symmetries(const Pixels& pixels, int size) {
  const auto at = [&](int y, int x) { return static_cast<std::size_t>((y * size + x) * 3); };
  std::set<Floats> found;
  for (int flip = 0; flip < 2; ++flip) {
    Pixels current = pixels;
    for (int turn = 0; turn < 4; ++turn) {
      Pixels next(pixels.size());
      Floats out(pixels.size());
      for (int y = 0; y < size; ++y) {
        for (int x = 0; x < size; ++x) {
          for (std::size_t c = 0; c < 3; ++c) {
            next[at(y, x) + c] = current[at(x, size - 1 - y) + c];
            out[at(y, x) + c] = current[at(y, flip ? size - 1 - x : x) + c];
          }
        }
      }
      Pixels rounded(out.begin(), out.end());
      found.insert(plain(rounded, {3, size, size}));
      current = next;
    }
  }
  return found;
}

TEST(Prepare, FlipsAndTurnsEveryWayEquallyOften) {
  const Shape shape{3, 4, 4};
  const Pixels pixels = picture(shape);
  std::map<Floats, int> seen;
  for (std::int64_t draw = 0; draw < 4000; ++draw)
    ++seen[train(pixels, shape, {true, true, 0, 0, 0, 0}, draw)];
  const std::set<Floats> expected = all_symmetries(pixels, 4);
  ASSERT_EQ(expected.size(), 8U);
  EXPECT_EQ(seen.size(), 8U);
  for (const auto& [image, count] : seen) {
    EXPECT_TRUE(expected.contains(image));
    EXPECT_NEAR(count, 500, 110);
  }
}

TEST(Prepare, TurnsSquaresOnly) {
  const Shape shape{3, 2, 4};
  const Pixels pixels = picture(shape);
  std::set<Floats> seen;
  for (std::int64_t draw = 0; draw < 200; ++draw)
    seen.insert(train(pixels, shape, {false, true, 0, 0, 0, 0}, draw));
  EXPECT_EQ(seen, std::set<Floats>{plain(pixels, shape)});
}

TEST(Prepare, ShiftsWithMirroredEdges) {
  const Shape shape{3, 1, 3};
  const Pixels pixels{10, 10, 10, 20, 20, 20, 30, 30, 30};
  std::set<std::string> seen;
  for (std::int64_t draw = 0; draw < 2000; ++draw) {
    const Floats out = train(pixels, shape, {false, false, 2, 0, 0, 0}, draw);
    std::string text;
    for (std::size_t x = 0; x < 3; ++x) text += std::to_string(std::lround(out[3 * x] / 10));
    seen.insert(text);
  }
  // Two to the left … two to the right.
  EXPECT_EQ(seen, (std::set<std::string>{"332", "233", "123", "112", "211"}));
}

TEST(Prepare, ChangesBrightnessWithinItsRange) {
  const Shape shape{3, 2, 2};
  const Pixels pixels(12, 100);
  double low = 1000, high = 0, sum = 0;
  for (std::int64_t draw = 0; draw < 2000; ++draw) {
    const float value = train(pixels, shape, {false, false, 0, 0.2, 0, 0}, draw)[0];
    low = std::min<double>(low, value);
    high = std::max<double>(high, value);
    sum += value;
  }
  EXPECT_GE(low, 79.99);
  EXPECT_LT(low, 80.5);
  EXPECT_LE(high, 120.01);
  EXPECT_GT(high, 119.5);
  EXPECT_NEAR(sum / 2000, 100, 1);
}

double grey(const float* pixel) {
  return 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
}

TEST(Prepare, KeepsTheGreyMeanUnderContrast) {
  const Shape shape{3, 6, 6};
  Pixels pixels = picture(shape);
  for (std::uint8_t& value : pixels) value = static_cast<std::uint8_t>(80 + value / 4);  // no clamping
  const Floats before = plain(pixels, shape);
  for (std::int64_t draw = 0; draw < 50; ++draw) {
    const Floats after = train(pixels, shape, {false, false, 0, 0, 0.5, 0}, draw);
    double mean_before = 0, mean_after = 0;
    for (std::size_t i = 0; i < before.size(); i += 3) {
      mean_before += grey(&before[i]);
      mean_after += grey(&after[i]);
    }
    EXPECT_NEAR(mean_after, mean_before, 0.01);
    EXPECT_NE(after, before);
  }
}

TEST(Prepare, KeepsEachPixelsGreyUnderColour) {
  const Shape shape{3, 4, 4};
  Pixels pixels = picture(shape);
  for (std::uint8_t& value : pixels) value = static_cast<std::uint8_t>(80 + value / 4);
  const Floats before = plain(pixels, shape);
  for (std::int64_t draw = 0; draw < 50; ++draw) {
    const Floats after = train(pixels, shape, {false, false, 0, 0, 0, 0.5}, draw);
    for (std::size_t i = 0; i < before.size(); i += 3) EXPECT_NEAR(grey(&after[i]), grey(&before[i]), 1e-3);
    EXPECT_NE(after, before);
  }
}

TEST(Prepare, ClampsToTheRangeOfBytes) {
  const Shape shape{3, 4, 4};
  const Pixels pixels = picture(shape);
  for (std::int64_t draw = 0; draw < 100; ++draw) {
    for (const float value : train(pixels, shape, {true, true, 1, 1, 1, 1}, draw)) {
      EXPECT_GE(value, 0.0F);
      EXPECT_LE(value, 255.01F);
    }
  }
}

TEST(Prepare, TakesTheSameRandomWordsWhateverIsSwitchedOn) {
  // With brightness on, geometry must pick the same symmetry as without.
  const Shape shape{3, 4, 4};
  const Pixels pixels = picture(shape);
  for (std::int64_t draw = 0; draw < 50; ++draw) {
    const Floats moved = train(pixels, shape, {true, true, 2, 0, 0, 0}, draw);
    const Floats coloured = train(pixels, shape, {true, true, 2, 1e-6, 0, 0}, draw);
    for (std::size_t i = 0; i < moved.size(); ++i) EXPECT_NEAR(moved[i], coloured[i], 1e-2);
    // And the brightness factor is the same with and without geometry.
    const Pixels grey_picture(pixels.size(), 100);
    EXPECT_EQ(train(grey_picture, shape, {true, true, 2, 0.5, 0, 0}, draw),
              train(grey_picture, shape, {false, false, 0, 0.5, 0, 0}, draw));
  }
}

TEST(Prepare, ChecksOptionsAndBuffers) {
  EXPECT_NO_THROW(check_options({true, true, 4, 0.2, 0.2, 0.2}));
  EXPECT_NO_THROW(check_options({true, true, kMaxShift, 0, 0, 0}));
  EXPECT_THROW(check_options({true, true, kMaxShift + 1, 0, 0, 0}), UsageError);
  EXPECT_THROW(check_options({true, true, -1, 0, 0, 0}), UsageError);
  EXPECT_THROW(check_options({true, true, 0, 1.5, 0, 0}), UsageError);
  EXPECT_THROW(check_options({true, true, 0, 0, 0, std::nan("")}), UsageError);
  Floats small(3);
  EXPECT_THROW(prepare_plain(Pixels(12), {3, 2, 2}, kBytes, small), std::logic_error);
}

}  // namespace
}  // namespace cohort::data
