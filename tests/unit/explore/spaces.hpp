// Search spaces and proposers for tests.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "cohort/core/text.hpp"
#include "cohort/explore/proposer.hpp"

namespace cohort::tests {

inline explore::SearchSpace space_of(const std::vector<std::pair<std::string, std::string>>& entries) {
  return explore::SearchSpace::parse(entries);
}

/// One dimension of each scale.
inline explore::SearchSpace mixed_space() {
  return space_of({{"lr", "log(1e-3, 3e-1)"},
                   {"smoothing", "linear(0, 0.3)"},
                   {"augment.shift", "integer(0, 4)"},
                   {"optimizer", "choice(sgd, adamw, lars)"}});
}

inline std::unique_ptr<explore::Proposer> proposer(const explore::SearchSpace& space, const std::string& name,
                                                   std::uint64_t seed = 0) {
  explore::ExploreOptions options;
  options.proposer = name;
  options.seed = seed;
  return explore::make_proposer(space, options);
}

inline const std::string& value(const explore::Setting& setting, const std::string& key) {
  for (const auto& [name, text] : setting)
    if (name == key) return text;
  throw std::out_of_range(key);
}
inline double number(const explore::Proposal& proposal, const std::string& key) {
  return parse_double(value(proposal.setting, key)).value();
}

}  // namespace cohort::tests
