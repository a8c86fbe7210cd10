#include "cohort/explore/halving.hpp"

#include <algorithm>

#include "cohort/core/error.hpp"
#include "explore/proposers.hpp"

namespace cohort::explore {
namespace {

bool is_rung(std::int64_t round, const HalvingOptions& options) {
  for (std::int64_t rung = options.first_rung; rung <= round; rung *= options.factor)
    if (rung == round) return true;
  return false;
}

}  // namespace

std::vector<std::int64_t> halted_after(std::int64_t round, std::span<const Trial> round_trials,
                                       const HalvingOptions& options) {
  if (options.first_rung < 1 || options.factor < 2)
    throw UsageError("halving: first_rung must be at least 1 and factor at least 2");
  std::vector<std::int64_t> halted;
  if (!options.is_on || round < 1 || !is_rung(round, options)) return halted;
  std::vector<Trial> order(round_trials.begin(), round_trials.end());
  std::sort(order.begin(), order.end(), is_better);
  const auto factor = static_cast<std::size_t>(options.factor);
  for (std::size_t i = (order.size() + factor - 1) / factor; i < order.size(); ++i)
    halted.push_back(order[i].candidate);
  std::sort(halted.begin(), halted.end());
  return halted;
}

}  // namespace cohort::explore
