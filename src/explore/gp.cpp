// Bayesian optimisation: the place of greatest expected improvement (Jones, Schonlau and Welch, 1998),
// several at once with the constant liar (Ginsbourger, Le Riche and Carraro, 2010).
#include <algorithm>
#include <cmath>
#include <numeric>

#include "cohort/core/error.hpp"
#include "cohort/core/exact_math.hpp"
#include "explore/gaussian_process.hpp"
#include "explore/normal.hpp"
#include "explore/proposers.hpp"

namespace cohort::explore {
namespace {

/// Only the newest trials count: the work grows with the cube of their number.
constexpr std::size_t kMostTrials = 256;
/// Places at which the improvement is tried, before the best ones are refined.
constexpr int kPlaces = 512;
constexpr std::size_t kRefined = 3;
constexpr double kFirstStep = 0.1, kLastStep = 0.01;
/// An improvement below this, in standard deviations of the scores, is none.
constexpr double kMargin = 0.03;
/// Places closer than this in every coordinate count as tried.
constexpr double kSame = 0.02;

/// The number's digits in the base, mirrored at the point: Halton's sequence, evenly spread.
double mirrored(int number, int base) {
  double value = 0, digit = 1;
  for (; number > 0; number /= base) {
    digit /= base;
    value += digit * (number % base);
  }
  return value;
}

std::vector<int> primes(std::size_t count) {
  std::vector<int> found;
  for (int n = 2; found.size() < count; ++n)
    if (std::none_of(found.begin(), found.end(), [n](int prime) { return n % prime == 0; }))
      found.push_back(n);
  return found;
}

class Search {
 public:
  Search(const SearchSpace& space, std::span<const Trial> trials) : space_(space), process_(order_of(space)) {
    observe(trials);
  }

  /// The setting with the greatest expected improvement that was not tried yet; then lies about its outcome.
  Setting next(RandomSequence& random) {
    std::vector<Place> places = spread(random);
    for (Place& place : places) snap(place);
    std::vector<double> gains = improvements(places);
    const std::vector<std::size_t> order = in_order(gains);
    std::vector<Place> starts{best_place_};
    for (std::size_t i = 0; i < kRefined; ++i) starts.push_back(places[order[i]]);
    for (Place& place : starts) {
      double gain = improvements({&place, 1}).front();
      climb(place, gain);
      places.push_back(std::move(place));
      gains.push_back(gain);
    }
    const Place chosen = place_of(setting_at(first_new(places, gains)));
    tried_.push_back(chosen);
    process_.add(chosen, lie_);
    return setting_at(chosen);
  }

 private:
  static std::vector<bool> order_of(const SearchSpace& space) {
    std::vector<bool> order;
    for (const Dimension& dimension : space.dimensions()) order.push_back(dimension.scale != Scale::choice);
    return order;
  }
  [[nodiscard]] Place place_of(const Setting& setting) const {
    Place place;
    for (const Dimension& dimension : space_.dimensions())
      place.push_back(dimension.place_of(value_of(setting, dimension.key)));
    return place;
  }
  [[nodiscard]] Setting setting_at(const Place& place) const {
    Setting setting;
    for (std::size_t i = 0; i < place.size(); ++i)
      setting.emplace_back(space_.dimensions()[i].key, space_.dimensions()[i].at(place[i]));
    return setting;
  }
  /// Moves each coordinate of a choice or integer to the middle of its part, where trials of it lie.
  void snap(Place& place) const {
    for (std::size_t i = 0; i < place.size(); ++i) {
      const Dimension& dimension = space_.dimensions()[i];
      if (dimension.parts() > 0) place[i] = dimension.place_of(dimension.at(place[i]));
    }
  }

  /// Standardises the scores; what failed counts as one deviation below the worst.
  void observe(std::span<const Trial> trials) {
    double count = 0, sum = 0, squares = 0;
    for (const Trial& trial : trials) {
      if (trial.failed) continue;
      count += 1;
      sum += static_cast<double>(trial.score);
    }
    const double mean = sum / count;
    for (const Trial& trial : trials) {
      const double distance = static_cast<double>(trial.score) - mean;
      if (!trial.failed) squares += distance * distance;
    }
    const double deviation = squares > 0 ? exact::sqrt(squares / count) : 1;
    std::vector<double> targets;
    for (const Trial& trial : trials) {
      targets.push_back((static_cast<double>(trial.score) - mean) / deviation);
      if (trial.failed) continue;
      if (targets.back() > best_ || best_place_.empty()) {
        best_ = targets.back();
        best_place_ = place_of(trial.setting);
      }
      lie_ = std::min(lie_, targets.back());
    }
    std::vector<Place> places;
    for (std::size_t i = 0; i < trials.size(); ++i) {
      places.push_back(place_of(trials[i].setting));
      if (trials[i].failed) targets[i] = lie_ - 1;
    }
    tried_ = places;
    process_.fit(std::move(places), std::move(targets));
  }

  /// Evenly spread places, shifted as a whole by random amounts.
  [[nodiscard]] std::vector<Place> spread(RandomSequence& random) const {
    const std::size_t dimensions = space_.dimensions().size();
    const std::vector<int> bases = primes(dimensions);
    Place shift;
    for (std::size_t i = 0; i < dimensions; ++i) shift.push_back(random.uniform());
    std::vector<Place> places(kPlaces, Place(dimensions));
    for (int number = 0; number < kPlaces; ++number) {
      for (std::size_t i = 0; i < dimensions; ++i) {
        const double moved = mirrored(number + 1, bases[i]) + shift[i];
        places[static_cast<std::size_t>(number)][i] = moved < 1 ? moved : moved - 1;
      }
    }
    return places;
  }

  /// Expected improvement on the best score, less what another look at a known place would give (augmented
  /// expected improvement; Huang, Allen, Notz and Zeng, 2006).
  [[nodiscard]] std::vector<double> improvements(std::span<const Place> places) const {
    std::vector<double> gains;
    for (const Belief& belief : process_.believe(places)) {
      const double above = belief.mean - best_ - kMargin, deviation = belief.deviation;
      if (deviation <= 0) {
        gains.push_back(0);
        continue;
      }
      const double z = above / deviation;
      const double expected = above * normal_integral(z) + deviation * normal_density(z);
      const double known = exact::sqrt(process_.noise() / (deviation * deviation + process_.noise()));
      gains.push_back(std::max(expected, 0.0) * (1 - known));
    }
    return gains;
  }

  /// Positions by gain, the greatest first; equal ones as they stand.
  static std::vector<std::size_t> in_order(const std::vector<double>& gains) {
    std::vector<std::size_t> order(gains.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return gains[a] > gains[b]; });
    return order;
  }

  /// Steps along one coordinate at a time while that helps, with ever smaller steps.
  void climb(Place& place, double& gain) const {
    for (double step = kFirstStep; step >= kLastStep;) {
      std::vector<Place> around;
      for (std::size_t i = 0; i < place.size(); ++i) {
        const auto parts = static_cast<double>(space_.dimensions()[i].parts());
        for (const double direction : {-1.0, 1.0}) {
          around.push_back(place);
          const double length = parts > 0 ? std::max(step, 1 / parts) : step;
          around.back()[i] = std::clamp(place[i] + direction * length, 0.0, 1.0);
          snap(around.back());
        }
      }
      const std::vector<double> gains = improvements(around);
      const std::size_t best = in_order(gains).front();
      if (gains[best] > gain) {
        gain = gains[best];
        place = around[best];
      } else {
        step /= 2;
      }
    }
  }

  [[nodiscard]] bool was_tried(const Place& place) const {
    return std::any_of(tried_.begin(), tried_.end(), [&](const Place& other) {
      return std::equal(place.begin(), place.end(), other.begin(),
                        [](double a, double b) { return std::fabs(a - b) < kSame; });
    });
  }

  /// The best place that was not tried; where all were, the best.
  [[nodiscard]] const Place& first_new(const std::vector<Place>& places,
                                       const std::vector<double>& gains) const {
    const std::vector<std::size_t> order = in_order(gains);
    for (const std::size_t i : order)
      if (!was_tried(places[i])) return places[i];
    return places[order.front()];
  }

  const SearchSpace& space_;
  GaussianProcess process_;
  double best_ = 0, lie_ = 0;  ///< greatest and least standardised score
  Place best_place_;
  std::vector<Place> tried_;
};

class Gp : public Proposer {
 public:
  Gp(const SearchSpace& space, const ExploreOptions& options) : space_(space), seed_(options.seed) {}

  std::vector<Proposal> propose(std::int64_t round, std::span<const std::int64_t> candidates,
                                std::span<const Trial> history) override {
    const auto scored = static_cast<std::size_t>(
        std::count_if(history.begin(), history.end(), [](const Trial& trial) { return !trial.failed; }));
    const bool knows_enough =
        !space_.empty() && scored >= std::max<std::size_t>(space_.dimensions().size() + 1, 3);
    std::vector<Proposal> proposals;
    if (!knows_enough) {
      for (const std::int64_t candidate : candidates) {
        RandomSequence random = sequence_of(seed_, round, candidate);
        proposals.push_back({candidate, random_setting(space_, random), -1, "random: too few scores yet"});
      }
      return proposals;
    }
    Search search(space_, newest(history));
    for (const std::int64_t candidate : candidates) {
      RandomSequence random = sequence_of(seed_, round, candidate);
      proposals.push_back({candidate, search.next(random)});
    }
    return proposals;
  }

 private:
  /// The newest trials, with the best one in any case.
  static std::vector<Trial> newest(std::span<const Trial> history) {
    if (history.size() <= kMostTrials) return {history.begin(), history.end()};
    const std::span<const Trial> last = history.last(kMostTrials - 1);
    std::vector<Trial> trials{*std::min_element(history.begin(), history.end(), is_better)};
    trials.insert(trials.end(), last.begin(), last.end());
    return trials;
  }

  SearchSpace space_;
  std::uint64_t seed_;
};

}  // namespace

std::unique_ptr<Proposer> make_gp(const SearchSpace& space, const ExploreOptions& options) {
  return std::make_unique<Gp>(space, options);
}

}  // namespace cohort::explore
