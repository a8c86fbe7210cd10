#include "cohort/round/apportionment.hpp"

#include <algorithm>

#include "cohort/core/error.hpp"

namespace cohort::round {

Digest tie_break(const Digest& round, const identity::PublicKey& key) {
  return Sha256().update(std::as_bytes(std::span(round))).update(std::as_bytes(std::span(key))).finish();
}

std::vector<Amount> apportion(const Amount& pool, std::span<const Claimant> claimants) {
  Amount total;
  for (const Claimant& claimant : claimants) total += claimant.weight;
  if (total.is_zero()) throw Error("apportion: all weights are 0, so there is nobody to pay");

  struct Remainder {
    Amount value;
    std::size_t claimant = 0;
  };
  std::vector<Amount> shares(claimants.size());
  std::vector<Remainder> remainders;
  Amount left = pool;
  for (std::size_t i = 0; i < claimants.size(); ++i) {
    if (claimants[i].weight.is_zero()) continue;
    const auto [quotient, remainder] = multiply_divide(pool, claimants[i].weight, total);
    shares[i] = quotient;
    left -= quotient;
    remainders.push_back({remainder, i});
  }
  // Fewer units are left than weights that are not 0.
  std::size_t units = 0;
  for (; !left.is_zero(); left -= 1) ++units;
  require(units < remainders.size() || units == 0, "apportion: more units left than claimants");
  std::nth_element(remainders.begin(), remainders.begin() + static_cast<std::ptrdiff_t>(units),
                   remainders.end(), [&](const Remainder& a, const Remainder& b) {
                     if (a.value != b.value) return a.value > b.value;
                     return claimants[a.claimant].tie < claimants[b.claimant].tie;
                   });
  for (std::size_t i = 0; i < units; ++i) shares[remainders[i].claimant] += 1;
  return shares;
}

}  // namespace cohort::round
