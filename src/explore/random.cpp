// Settings drawn at random, each candidate and round by itself.
#include "explore/proposers.hpp"

namespace cohort::explore {
namespace {

class Random : public Proposer {
 public:
  Random(const SearchSpace& space, const ExploreOptions& options) : space_(space), seed_(options.seed) {}

  std::vector<Proposal> propose(std::int64_t round, std::span<const std::int64_t> candidates,
                                std::span<const Trial>) override {
    std::vector<Proposal> proposals;
    for (const std::int64_t candidate : candidates) {
      RandomSequence random = sequence_of(seed_, round, candidate);
      proposals.push_back({candidate, random_setting(space_, random)});
    }
    return proposals;
  }

 private:
  SearchSpace space_;
  std::uint64_t seed_;
};

}  // namespace

std::unique_ptr<Proposer> make_random(const SearchSpace& space, const ExploreOptions& options) {
  return std::make_unique<Random>(space, options);
}

}  // namespace cohort::explore
