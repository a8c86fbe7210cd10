#include "cohort/kernels/cholesky.hpp"

#include <gtest/gtest.h>

#include "cohort/core/philox.hpp"

namespace cohort::kernels {
namespace {

TEST(Cholesky, FactorsASmallMatrix) {
  // L = [2 0 0; 6 1 0; -8 5 3]; what stands above the diagonal is not read.
  const auto factor = Cholesky::factor(3, {4, -1, -1, 12, 37, -1, -16, -43, 98});
  ASSERT_TRUE(factor);
  const std::vector<double> diagonal = factor->diagonal();
  ASSERT_EQ(diagonal.size(), 3U);
  EXPECT_NEAR(diagonal[0], 2, 1e-14);
  EXPECT_NEAR(diagonal[1], 1, 1e-13);
  EXPECT_NEAR(diagonal[2], 3, 1e-13);
}

TEST(Cholesky, SolvesForSeveralSides) {
  constexpr std::size_t kSize = 17, kSides = 3;
  RandomSequence random(1, Stream::test_inputs, 0);
  std::vector<double> root(kSize * kSize), matrix(kSize * kSize, 0), expected(kSize * kSides);
  for (double& value : root) value = random.normal();
  for (double& value : expected) value = random.normal();
  for (std::size_t i = 0; i < kSize; ++i)
    for (std::size_t j = 0; j < kSize; ++j)
      for (std::size_t k = 0; k < kSize; ++k)
        matrix[i * kSize + j] += root[i * kSize + k] * root[j * kSize + k];
  for (std::size_t i = 0; i < kSize; ++i) matrix[i * kSize + i] += 1;
  std::vector<double> sides(kSize * kSides, 0);
  for (std::size_t i = 0; i < kSize; ++i)
    for (std::size_t c = 0; c < kSides; ++c)
      for (std::size_t j = 0; j < kSize; ++j)
        sides[c * kSize + i] += matrix[i * kSize + j] * expected[c * kSize + j];
  const auto factor = Cholesky::factor(kSize, matrix);
  ASSERT_TRUE(factor);
  factor->solve(kSides, sides);
  for (std::size_t i = 0; i < sides.size(); ++i) EXPECT_NEAR(sides[i], expected[i], 1e-10) << i;
}

TEST(Cholesky, SaysWhenAMatrixIsNotPositiveDefinite) {
  EXPECT_FALSE(Cholesky::factor(2, {1, 0, 2, 1}));
  EXPECT_FALSE(Cholesky::factor(1, {-1}));
}

TEST(Cholesky, HoldsNothing) {
  const auto factor = Cholesky::factor(0, {});
  ASSERT_TRUE(factor);
  factor->solve(2, {});
  EXPECT_TRUE(factor->diagonal().empty());
}

}  // namespace
}  // namespace cohort::kernels
