// The points of a grid one after the other, as digits of a number with one digit per dimension.
#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "explore/proposers.hpp"

namespace cohort::explore {
namespace {

/// A larger grid would never be walked; the product must not overflow either.
constexpr std::int64_t kMostPoints = 1'000'000'000;

class Grid : public Proposer {
 public:
  Grid(const SearchSpace& space, const ExploreOptions& options) : space_(space) {
    for (const Dimension& dimension : space_.dimensions()) {
      const std::int64_t parts = dimension.parts();
      digits_.push_back(dimension.scale == Scale::choice ? parts
                        : parts > 0                      ? std::min(parts, options.grid_points)
                                                         : options.grid_points);
      if (points_ > kMostPoints / digits_.back())
        throw UsageError(concat("explore: a grid of ", options.grid_points, " points in each of ",
                                space_.dimensions().size(),
                                " dimensions has more than 1e9 points; use fewer, or the proposer random"));
      points_ *= digits_.back();
    }
  }

  std::vector<Proposal> propose(std::int64_t, std::span<const std::int64_t> candidates,
                                std::span<const Trial> history) override {
    std::vector<Proposal> proposals;
    auto number = static_cast<std::int64_t>(history.size());
    for (const std::int64_t candidate : candidates) {
      proposals.push_back({candidate, point(number % points_)});
      if (number >= points_)
        proposals.back().note =
            concat("all ", points_, " points of the grid were tried, again from the start");
      ++number;
    }
    return proposals;
  }

 private:
  [[nodiscard]] Setting point(std::int64_t number) const {
    Setting setting;
    for (std::size_t i = 0; i < digits_.size(); ++i) {
      const Dimension& dimension = space_.dimensions()[i];
      setting.emplace_back(dimension.key, dimension.at(place(dimension, number % digits_[i], digits_[i])));
      number /= digits_[i];
    }
    return setting;
  }
  /// Both ends and what lies evenly between; a single point stands in the middle. Every value of a choice.
  static double place(const Dimension& dimension, std::int64_t digit, std::int64_t digits) {
    const auto index = static_cast<double>(digit), count = static_cast<double>(digits);
    if (digits == dimension.parts()) return (index + 0.5) / count;
    return digits == 1 ? 0.5 : index / (count - 1);
  }

  SearchSpace space_;
  std::vector<std::int64_t> digits_;
  std::int64_t points_ = 1;
};

}  // namespace

std::unique_ptr<Proposer> make_grid(const SearchSpace& space, const ExploreOptions& options) {
  return std::make_unique<Grid>(space, options);
}

}  // namespace cohort::explore
