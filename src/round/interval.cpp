#include "cohort/round/interval.hpp"

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"

namespace cohort::round {
namespace {

// Z²n + 4ZS·k(n−k) stays below 2^98 for ten million samples.
__extension__ using Wide = unsigned __int128;

constexpr std::uint64_t kSquaredQuantile = 2'705'543;

/// Smallest r with r² >= value: bisection, so that no floating point is involved.
Wide ceil_square_root(Wide value) {
  Wide low = 0, high = Wide{1} << 50;
  while (low < high) {
    const Wide middle = (low + high) / 2;
    if (middle * middle >= value)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

}  // namespace

std::int64_t lower_bound(std::int64_t correct, std::int64_t samples) {
  if (samples < 1 || samples > kMostSamples || correct < 0 || correct > samples)
    throw UsageError(concat("lower bound: ", correct, " correct of ", samples, "; expected 0 to n of 1 to ",
                            kMostSamples));
  const auto k = static_cast<Wide>(correct), n = static_cast<Wide>(samples);
  const Wide s = kMillion, z = kSquaredQuantile;
  const Wide inside = (z * z * n + 4 * z * s * k * (n - k) + n - 1) / n;
  const Wide root = ceil_square_root(inside);
  const Wide centre = 2 * k * s + z;
  if (root >= centre) return 0;
  return static_cast<std::int64_t>(s * (centre - root) / (2 * (n * s + z)));
}

}  // namespace cohort::round
