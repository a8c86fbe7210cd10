// The proposers by name, and what they share.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "cohort/core/philox.hpp"
#include "cohort/explore/proposer.hpp"

namespace cohort::explore {

std::unique_ptr<Proposer> make_random(const SearchSpace& space, const ExploreOptions& options);
std::unique_ptr<Proposer> make_grid(const SearchSpace& space, const ExploreOptions& options);
std::unique_ptr<Proposer> make_population(const SearchSpace& space, const ExploreOptions& options);
std::unique_ptr<Proposer> make_gp(const SearchSpace& space, const ExploreOptions& options);

/// The random numbers of one candidate in one round.
RandomSequence sequence_of(std::uint64_t seed, std::int64_t round, std::int64_t candidate);

/// Every dimension at a uniform place.
Setting random_setting(const SearchSpace& space, RandomSequence& random);

/// Better trials first; what failed is worse than any score; equal ones by candidate.
bool is_better(const Trial& a, const Trial& b);

/// The value of a key. Throws DataError when the setting lacks it.
const std::string& value_of(const Setting& setting, const std::string& key);

}  // namespace cohort::explore
