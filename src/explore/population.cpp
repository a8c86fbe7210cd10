// Truncation selection: the worst take over from the best and vary what they took (Jaderberg et al., 2017).
#include <algorithm>
#include <map>

#include "cohort/core/text.hpp"
#include "explore/proposers.hpp"

namespace cohort::explore {
namespace {

/// One of the two neighbouring parts; at an end the one inside.
double neighbour(const Dimension& dimension, double place, RandomSequence& random) {
  const auto parts = static_cast<double>(dimension.parts());
  const double step = (random.below(2) == 1 ? 1 : -1) / parts;
  const double moved = place + step;
  return moved > 0 && moved < 1 ? moved : place - step;
}

std::string varied(const Dimension& dimension, const std::string& value, double resample,
                   RandomSequence& random) {
  if (random.uniform() < resample) return dimension.at(random.uniform());
  const double place = dimension.place_of(value);
  if (dimension.parts() > 0) return dimension.at(neighbour(dimension, place, random));
  const double factor = random.below(2) == 1 ? 1.2 : 0.8;
  const double scaled = parse_double(value).value_or(dimension.low) * factor;
  const double inside = std::clamp(scaled, dimension.low, dimension.high);
  return dimension.at(dimension.place_of(format_shortest(inside)));
}

class Population : public Proposer {
 public:
  Population(const SearchSpace& space, const ExploreOptions& options) : space_(space), options_(options) {}

  std::vector<Proposal> propose(std::int64_t round, std::span<const std::int64_t> candidates,
                                std::span<const Trial> history) override {
    const std::vector<Trial> ranking = rank(candidates, history);
    std::map<std::int64_t, const Trial*> own, donors;
    for (const Trial& trial : ranking) own[trial.candidate] = &trial;
    choose_donors(ranking, donors);
    std::vector<Proposal> proposals;
    for (const std::int64_t candidate : candidates) {
      RandomSequence random = sequence_of(options_.seed, round, candidate);
      const auto mine = own.find(candidate);
      const auto donor = donors.find(candidate);
      if (donor != donors.end())
        proposals.push_back(taken_over(candidate, *donor->second, random));
      else if (mine == own.end() || mine->second->failed)
        proposals.push_back({candidate, random_setting(space_, random)});
      else
        proposals.push_back({candidate, mine->second->setting, candidate, "goes on"});
    }
    return proposals;
  }

 private:
  /// The last trial of each candidate, best first.
  static std::vector<Trial> rank(std::span<const std::int64_t> candidates, std::span<const Trial> history) {
    std::map<std::int64_t, Trial> last;
    for (const Trial& trial : history)
      if (std::find(candidates.begin(), candidates.end(), trial.candidate) != candidates.end())
        last[trial.candidate] = trial;
    std::vector<Trial> ranking;
    for (const auto& [candidate, trial] : last) ranking.push_back(trial);
    std::sort(ranking.begin(), ranking.end(), is_better);
    return ranking;
  }

  /// Who takes over from whom; nobody where all failed or there is only one.
  void choose_donors(const std::vector<Trial>& ranking, std::map<std::int64_t, const Trial*>& donors) const {
    const auto sound = static_cast<std::size_t>(
        std::count_if(ranking.begin(), ranking.end(), [](const Trial& trial) { return !trial.failed; }));
    const std::size_t failed = ranking.size() - sound;
    if (sound == 0 || ranking.size() < 2) return;
    const auto share = std::max<std::size_t>(
        1, static_cast<std::size_t>(options_.quantile * static_cast<double>(ranking.size())));
    const std::size_t replaced = std::max(share, failed);
    const std::size_t givers = std::min(share, sound);
    for (std::size_t i = 0; i < replaced; ++i)
      donors[ranking[ranking.size() - 1 - i].candidate] = &ranking[i % givers];
  }

  [[nodiscard]] Proposal taken_over(std::int64_t candidate, const Trial& donor,
                                    RandomSequence& random) const {
    Proposal proposal{candidate, {}, donor.candidate, concat("takes over from ", donor.candidate)};
    for (const Dimension& dimension : space_.dimensions())
      proposal.setting.emplace_back(dimension.key, varied(dimension, value_of(donor.setting, dimension.key),
                                                          options_.resample, random));
    return proposal;
  }

  SearchSpace space_;
  ExploreOptions options_;
};

}  // namespace

std::unique_ptr<Proposer> make_population(const SearchSpace& space, const ExploreOptions& options) {
  return std::make_unique<Population>(space, options);
}

}  // namespace cohort::explore
