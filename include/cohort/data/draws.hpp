// The endless stream of training draws: draw d is sample order(d mod N) of pass d div N, a function of (seed, pass).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cohort::data {

enum class Sampling { shuffled, balanced };

/// Which sample each draw is. Needs no state: any rank asks for any range at any time.
class DrawSequence {
 public:
  /// `indices` are the samples to draw from, `labels` the labels of all samples of the data set.
  /// balanced: draw d takes class (by unbiased integer choice, uniform over the classes present), then the next
  /// sample of that class's own shuffled stream, as a function of (seed, d) alone.
  DrawSequence(std::vector<std::int32_t> indices, std::span<const std::int32_t> labels, std::uint64_t seed,
               Sampling sampling = Sampling::shuffled);

  /// Fills `samples` with the samples of draws first_draw, first_draw + 1, …
  void samples(std::int64_t first_draw, std::span<std::int32_t> samples);

  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(indices_.size()); }

 private:
  void load_pass(std::int64_t pass);
  std::vector<std::int32_t> indices_;
  std::vector<std::vector<std::int32_t>> by_class_;
  std::uint64_t seed_;
  Sampling sampling_;
  std::int64_t cached_pass_ = -1;
  std::vector<std::int32_t> order_;
};

/// Fisher-Yates shuffle of 0 … count-1 by unbiased integers of (seed, stream draw_order, pass).
std::vector<std::int32_t> permutation(std::int64_t count, std::uint64_t seed, std::int64_t pass);

}  // namespace cohort::data
