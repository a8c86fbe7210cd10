#include "cohort/explore/proposer.hpp"

#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "explore/proposers.hpp"

namespace cohort::explore {
namespace {

struct Kind {
  const char* name;
  std::unique_ptr<Proposer> (*make)(const SearchSpace&, const ExploreOptions&);
};
constexpr Kind kKinds[] = {
    {"random", make_random}, {"grid", make_grid}, {"gp", make_gp}, {"population", make_population}};

void check_options(const ExploreOptions& options) {
  std::vector<std::string> problems;
  if (options.grid_points < 1 || options.grid_points > 1000)
    problems.push_back(concat("grid_points must lie in 1 … 1000, got ", options.grid_points));
  if (!(options.quantile > 0 && options.quantile <= 0.5))
    problems.push_back(concat("quantile must lie above 0 and at most 0.5, got ", options.quantile));
  if (!(options.resample >= 0 && options.resample <= 1))
    problems.push_back(concat("resample must lie in 0 … 1, got ", options.resample));
  if (!problems.empty()) throw UsageError(concat("explore: ", joined(problems, "; ")));
}

}  // namespace

std::vector<std::string> proposer_names() {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) names.emplace_back(kind.name);
  return names;
}

std::unique_ptr<Proposer> make_proposer(const SearchSpace& space, const ExploreOptions& options) {
  check_options(options);
  for (const Kind& kind : kKinds)
    if (options.proposer == kind.name) return kind.make(space, options);
  const std::vector<std::string> names = proposer_names();
  throw UsageError(concat("explore: there is no proposer '", options.proposer, "'",
                          did_you_mean(options.proposer, names), " (known: ", joined(names, ", "), ")"));
}

RandomSequence sequence_of(std::uint64_t seed, std::int64_t round, std::int64_t candidate) {
  require(round >= 0 && round < std::int64_t{1} << 43 && candidate >= 0 && candidate < std::int64_t{1} << 20,
          "explore: rounds lie in [0, 2^43), candidates in [0, 2^20)");
  return {seed, Stream::exploration, static_cast<std::uint64_t>(round << 20 | candidate)};
}

Setting random_setting(const SearchSpace& space, RandomSequence& random) {
  Setting setting;
  for (const Dimension& dimension : space.dimensions())
    setting.emplace_back(dimension.key, dimension.at(random.uniform()));
  return setting;
}

bool is_better(const Trial& a, const Trial& b) {
  if (a.failed != b.failed) return b.failed;
  if (!a.failed && a.score != b.score) return a.score > b.score;
  return a.candidate < b.candidate;
}

const std::string& value_of(const Setting& setting, const std::string& key) {
  for (const auto& [name, value] : setting)
    if (name == key) return value;
  throw DataError(
      concat("search history: a trial has no value for ", key, "; it was made with another search space"));
}

}  // namespace cohort::explore
