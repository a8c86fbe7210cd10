// The orders of operations that docs/numerics.md gives for batch normalisation, written out once more.
#include <gtest/gtest.h>

#include <cmath>

#include "unit/kernels/batch_norm_problem.hpp"

namespace cohort::kernels {
namespace {

using namespace testing;

/// Σ over at most 256 pixels as docs/numerics.md writes it: four chains, folded (0+1)+(2+3).
template <typename Term>
float chunk_sum(int pixels, Term add) {
  float chain[4] = {};
  for (int p = 0; p < pixels; ++p) chain[p % 4] = add(chain[p % 4], p);
  return (chain[0] + chain[1]) + (chain[2] + chain[3]);
}

TEST(BatchNorm, TakesStatisticsInTheDocumentedOrder) {
  for (const MapShape& shape : kBatchNormShapes) {
    BatchNormProblem<float> problem(shape, false, false, 3);
    problem.run(exact_table("auto"));
    const std::int64_t chunks = (shape.pixels() + 255) / 256;
    const double count = shape.images * static_cast<double>(shape.pixels());
    for (int channel = 0; channel < shape.channels; ++channel) {
      double origin = 0, first = 0, second = 0;
      for (int n = 0; n < shape.images; ++n) {
        for (std::int64_t c = 0; c < chunks; ++c) {
          const std::int64_t begin = shape.pixels() * c / chunks, end = shape.pixels() * (c + 1) / chunks;
          const int pixels = static_cast<int>(end - begin);
          const auto x = [&](int p) { return problem.src[blocked_index(shape, n, channel, begin + p)]; };
          const float sum = chunk_sum(pixels, [&](float chain, int p) { return chain + x(p); });
          const float centre = sum * (1.0f / static_cast<float>(pixels));
          const float residue =
              chunk_sum(pixels, [&](float chain, int p) { return chain + (x(p) - centre); });
          const float squares = chunk_sum(
              pixels, [&](float chain, int p) { return std::fma(x(p) - centre, x(p) - centre, chain); });
          if (n == 0 && c == 0) origin = centre;
          const double offset = centre - origin, moved = pixels * offset;
          first += moved + residue;
          second += squares + offset * (2 * static_cast<double>(residue) + moved);
        }
      }
      const double shift = first / count, raw = second - first * shift, squares = raw < 0 ? 0 : raw;
      const auto i = static_cast<std::size_t>(channel);
      EXPECT_EQ(problem.mean[i], static_cast<float>(origin + shift));
      EXPECT_EQ(problem.variance[i], static_cast<float>(count > 1 ? squares / (count - 1) : squares));
      EXPECT_EQ(problem.inverse_std[i],
                static_cast<float>(1 / std::sqrt(squares / count + static_cast<double>(1e-5f))));
    }
  }
}

TEST(BatchNorm, TakesGradientsInTheDocumentedOrder) {
  for (const MapShape& shape : kBatchNormShapes) {
    BatchNormProblem<float> problem(shape, true, false);
    problem.run(exact_table("auto"));
    const std::int64_t chunks = (shape.pixels() + 255) / 256;
    const double count = shape.images * static_cast<double>(shape.pixels());
    for (int channel = 0; channel < shape.channels; ++channel) {
      const auto c = static_cast<std::size_t>(channel);
      const float mean = problem.mean[c], inverse_std = problem.inverse_std[c];
      const auto gradient = [&](std::size_t i) { return problem.dst[i] > 0 ? problem.d_dst[i] : 0.0f; };
      double sum = 0, product = 0;
      for (int n = 0; n < shape.images; ++n) {
        for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
          const std::int64_t begin = shape.pixels() * chunk / chunks,
                             end = shape.pixels() * (chunk + 1) / chunks;
          const auto at = [&](int p) { return blocked_index(shape, n, channel, begin + p); };
          const int pixels = static_cast<int>(end - begin);
          sum += chunk_sum(pixels, [&](float chain, int p) { return chain + gradient(at(p)); });
          product += chunk_sum(pixels, [&](float chain, int p) {
            return std::fma(gradient(at(p)), problem.src[at(p)] - mean, chain);
          });
        }
      }
      const double inverse = inverse_std, along = product * inverse;
      EXPECT_EQ(problem.d_beta[c], static_cast<float>(sum));
      EXPECT_EQ(problem.d_gamma[c], static_cast<float>(along));
      const auto constant = static_cast<float>(sum / count),
                 slope = static_cast<float>(along * inverse / count);
      for (std::int64_t pixel = 0; pixel < shape.pixels(); ++pixel) {
        const std::size_t i = blocked_index(shape, shape.images - 1, channel, pixel);
        EXPECT_EQ(problem.d_src[i], (problem.gamma[c] * inverse_std) *
                                        std::fma(problem.src[i] - mean, -slope, gradient(i) - constant));
      }
    }
  }
}

}  // namespace
}  // namespace cohort::kernels
