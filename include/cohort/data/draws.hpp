// The endless stream of training draws: draw d is sample order(d mod N) of pass d div N, a function of (seed,
// pass).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cohort::data {

/// Every sample equally often, or every class.
enum class Sampling { shuffled, balanced };

/// Which sample each draw is. Any rank asks for any range at any time; what is kept between calls only saves
/// work.
class DrawSequence {
 public:
  /// `indices` are the samples to draw from, `labels` the labels of all samples of the data set.
  ///
  /// shuffled: draw d is indices[permutation(N, seed, d div N)[d mod N]].
  /// balanced: the draws come in blocks of as many as there are classes among `indices`; each block names
  /// every class once, in an order shuffled by (seed, block), and takes the next sample of that class's own
  /// shuffled stream. So each draw's class is uniform, and the draw depends on (seed, d) alone
  /// (docs/numerics.md, "Draws").
  ///
  /// Throws DataError when there is nothing to draw from.
  DrawSequence(std::vector<std::int32_t> indices, std::span<const std::int32_t> labels, std::uint64_t seed,
               Sampling sampling = Sampling::shuffled);

  /// Fills `samples` with the samples of draws first_draw, first_draw + 1, … Requires first_draw >= 0.
  void samples(std::int64_t first_draw, std::span<std::int32_t> samples);

  /// Samples to draw from, N.
  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(indices_.size()); }

 private:
  /// A permutation that is made again only when another one is asked for.
  struct Order {
    std::int64_t number = -1;
    std::vector<std::int32_t> positions;
  };
  struct ClassMembers {
    std::int32_t label = 0;
    std::vector<std::int32_t> indices;
    Order order;
  };
  std::int32_t shuffled_draw(std::int64_t draw);
  std::int32_t balanced_draw(std::int64_t draw);

  std::vector<std::int32_t> indices_;
  std::vector<ClassMembers> classes_;  // ascending labels; filled for balanced sampling
  std::uint64_t seed_;
  Sampling sampling_;
  Order order_;
};

/// Fisher-Yates shuffle of 0 … count-1 by unbiased integers of (seed, stream draw_order, pass).
std::vector<std::int32_t> permutation(std::int64_t count, std::uint64_t seed, std::int64_t pass);

}  // namespace cohort::data
