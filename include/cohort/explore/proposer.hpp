// Which settings to try next, from what was seen so far. Proposals are computed by one rank, shared and
// recorded.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cohort/explore/search_space.hpp"

namespace cohort::explore {

/// One setting as it fared in one round.
struct Trial {
  std::int64_t round = 0;
  std::int64_t candidate = 0;
  Setting setting;
  std::int64_t score = 0;  ///< integer; larger is better (audited correct answers, or their gain)
  bool failed = false;     ///< diverged or was rejected: worse than any score
};

struct Proposal {
  std::int64_t candidate = 0;
  Setting setting;
  std::int64_t donor = -1;  ///< population: candidate whose model it continues with; -1 = as the merge says
  std::string note{};       ///< for people: how it came about, where that is not plain
};

struct ExploreOptions {
  std::string proposer = "random";  ///< random, grid, gp, population
  std::uint64_t seed = 0;
  std::int64_t grid_points = 3;  ///< per dimension
  double quantile = 0.2;         ///< population: share that is replaced, and that donates
  double resample = 0.25;        ///< population: chance of a fresh draw instead of x1.2 or x0.8
};

/// Settings to try. Random draws are those of (seed, Stream::exploration, draw round * 2^20 + candidate), so
/// a candidate's proposal does not depend on who else is in the round.
///
///   random      each dimension at a uniform place
///   grid        `grid_points` places per dimension (all values of a choice or a small integer), the first
///               dimension changing fastest; proposal number history.size() + position, from the start again
///               at the end
///   population  from a candidate's last trial on: the worst `quantile` and all that failed take setting and
///               model of the best `quantile` (worst from best, second worst from second best, …), each value
///               changed: with chance `resample` drawn anew, else x1.2 or x0.8 in the range, or for choice
///               and integer a neighbour; all others go on with what they have. Random without a trial
///   gp          expected improvement under a Gaussian process (src/explore/gp.cpp); random until
///               max(dimensions + 1, 3) trials have a score. Scores are compared as they stand, whatever
///               their round: give gains where a round raises all of them
///
/// Pure in its arguments: the same history gives the same proposals on any rank count (gp: on the same build
/// of LAPACK; that is why proposals are recorded).
class Proposer {
 public:
  virtual ~Proposer() = default;
  /// One proposal for each of `candidates`, in order. `history` is ordered by (round, candidate).
  /// Requires round in [0, 2^43), candidates in [0, 2^20).
  virtual std::vector<Proposal> propose(std::int64_t round, std::span<const std::int64_t> candidates,
                                        std::span<const Trial> history) = 0;
};

/// Throws UsageError for an unknown name (with the nearest) or options out of range.
std::unique_ptr<Proposer> make_proposer(const SearchSpace& space, const ExploreOptions& options);
std::vector<std::string> proposer_names();

}  // namespace cohort::explore
