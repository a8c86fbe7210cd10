// The merge rules, and the gate that keeps the next model from being worse than what there was.
#include "cohort/round/merge.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <utility>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/train/step.hpp"

namespace cohort::round {
namespace {

constexpr std::array<std::string_view, 4> kRules{"best", "average", "soup", "none"};
constexpr std::array<std::string_view, 3> kWeights{"samples", "uniform", "validation"};
constexpr std::array<std::string_view, 2> kPolicies{"aggregate", "recompute"};

template <typename E, std::size_t n>
E from_name(const std::array<std::string_view, n>& names, std::string_view name, const char* what) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<E>(found - names.begin());
  const std::vector<std::string> known(names.begin(), names.end());
  throw UsageError(concat(what, ": there is no '", name, "'", did_you_mean(name, known),
                          " (known: ", joined(known, ", "), ")"));
}

bool is_better(const MergeMember& a, const MergeMember& b) {
  return a.validation != b.validation ? a.validation > b.validation : a.id < b.id;
}

/// More of them are counted, not named.
constexpr std::size_t kMostNames = 10;

void require_unique_ids(std::span<const MergeMember> members) {
  std::vector<std::int64_t> ids;
  for (const MergeMember& member : members) ids.push_back(member.id);
  std::sort(ids.begin(), ids.end());
  const auto twice = std::adjacent_find(ids.begin(), ids.end());
  if (twice != ids.end()) throw UsageError(concat("merge: member ", *twice, " is given twice"));
}

/// One merge on its way: what the rules share.
class Merge {
 public:
  Merge(const kernels::Table<float>& table, const nn::StateLayout& layout, const Model& incumbent,
        std::span<const MergeMember> members, const MergeOptions& options, const ScoreModel& score,
        const RecomputeStatistics& recompute)
      : table_(table),
        layout_(layout),
        incumbent_(incumbent),
        options_(options),
        score_(score),
        recompute_(recompute),
        members_(members.begin(), members.end()) {
    std::sort(members_.begin(), members_.end(), is_better);
  }

  MergeResult run() {
    require_fitting();
    result_.incumbent_score = score_(incumbent_.parameters.span(), incumbent_.statistics.span());
    if (members_.empty() || options_.rule == MergeRule::none) {
      keep_incumbent(members_.empty() ? "no accepted member" : "merge is none");
    } else {
      take_best();
      if (options_.rule == MergeRule::average) try_average();
      if (options_.rule == MergeRule::soup) try_soup();
      hold_against_incumbent();
    }
    std::sort(result_.members.begin(), result_.members.end());
    return std::move(result_);
  }

 private:
  template <typename... Parts>
  void tell(const Parts&... parts) {
    result_.story.push_back(concat(parts...));
  }
  [[nodiscard]] const MergeMember& best() const { return members_.front(); }

  void require_fitting() const {
    require(options_.statistics == StatisticsPolicy::aggregate || recompute_,
            "merge: the policy recompute needs a function that recomputes");
    for (const MergeMember& member : members_) {
      if (member.parameters.size() != incumbent_.parameters.size() ||
          member.statistics.size() != incumbent_.statistics.size())
        throw UsageError(concat("merge: ", member.name, " is of another architecture than the incumbent (",
                                member.parameters.size(), " against ", incumbent_.parameters.size(),
                                " parameters); models of different architectures cannot be merged"));
    }
  }

  void keep_incumbent(std::string_view why) {
    result_.model = {copy_of(incumbent_.parameters.span()), copy_of(incumbent_.statistics.span())};
    result_.score = result_.incumbent_score;
    result_.members.clear();
    tell(why, ": the incumbent stays, ", result_.score, " correct");
  }

  void take_best() {
    result_.model = {copy_of(best().parameters), copy_of(best().statistics)};
    result_.score = best().validation;
    result_.members = {best().id};
    tell("best member ", best().name, ": ", best().validation, " correct, incumbent ",
         result_.incumbent_score);
  }

  /// The mean of some members with its score. One member is copied, statistics and all.
  std::pair<Model, std::int64_t> averaged(std::span<const MergeMember> members,
                                          std::span<const std::int64_t> weights) const {
    Model model = average(table_, layout_, members, weights);
    const auto in_it = std::count_if(weights.begin(), weights.end(), [](auto weight) { return weight > 0; });
    if (options_.statistics == StatisticsPolicy::recompute && in_it > 1) try {
        recompute_(model.parameters.span(), model.statistics.span());
      } catch (const train::DivergedError&) {
        return {std::move(model), 0};  // good models may lie so far apart that their mean is none
      }
    const std::int64_t correct = score_(model.parameters.span(), model.statistics.span());
    return {std::move(model), correct};
  }

  std::vector<std::int64_t> weights() {
    std::vector<std::int64_t> values(members_.size(), 1);
    for (std::size_t i = 0; i < members_.size(); ++i) {
      if (options_.weights == MergeWeights::samples) values[i] = members_[i].samples;
      if (options_.weights == MergeWeights::validation) values[i] = members_[i].validation;
    }
    const bool all_zero = std::all_of(values.begin(), values.end(), [](auto weight) { return weight == 0; });
    if (options_.weights != MergeWeights::validation || !all_zero) return values;
    tell("no member has a correct answer: weights are uniform");
    return std::vector<std::int64_t>(members_.size(), 1);
  }

  void try_average() {
    const std::vector<std::int64_t> shares = weights();
    std::map<std::int64_t, std::string> in_it;
    for (std::size_t i = 0; i < members_.size(); ++i)
      if (shares[i] > 0) in_it.emplace(members_[i].id, members_[i].name);
    std::vector<std::int64_t> ids;
    std::vector<std::string> names;
    for (const auto& [id, name] : in_it) {
      ids.push_back(id);
      names.push_back(name);
    }
    auto [model, correct] = averaged(members_, shares);
    tell("average of ", names.size() > kMostNames ? concat(names.size(), " models") : joined(names, ", "),
         " weighted by ", name_of(options_.weights), ": ", correct, " correct");
    if (options_.gate && correct < best().validation) {
      tell("gate: ", correct, " is below the best member's ", best().validation, "; ", best().name,
           " alone goes on");
      return;
    }
    result_.model = std::move(model);
    result_.score = correct;
    result_.members = std::move(ids);
  }

  void try_soup() {
    std::vector<MergeMember> chosen{best()};
    for (std::size_t i = 1; i < members_.size(); ++i) {
      chosen.push_back(members_[i]);
      auto [model, correct] = averaged(chosen, std::vector<std::int64_t>(chosen.size(), 1));
      const bool joins = correct >= result_.score;
      tell("soup with ", members_[i].name, ": ", correct, " correct, ", joins ? "it joins" : "it stays out");
      if (!joins) {
        chosen.pop_back();
        continue;
      }
      result_.model = std::move(model);
      result_.score = correct;
      result_.members.push_back(members_[i].id);
    }
  }

  void hold_against_incumbent() {
    if (result_.score >= result_.incumbent_score) return;
    if (options_.gate)
      keep_incumbent(concat("gate: ", result_.score, " is below the incumbent's"));
    else
      tell("no gate: ", result_.score, " goes on although the incumbent has ", result_.incumbent_score);
  }

  const kernels::Table<float>& table_;
  const nn::StateLayout& layout_;
  const Model& incumbent_;
  const MergeOptions& options_;
  const ScoreModel& score_;
  const RecomputeStatistics& recompute_;
  std::vector<MergeMember> members_;  ///< best first
  MergeResult result_;
};

}  // namespace

std::string_view name_of(MergeRule rule) {
  return kRules[static_cast<std::size_t>(rule)];
}
std::string_view name_of(MergeWeights weights) {
  return kWeights[static_cast<std::size_t>(weights)];
}
std::string_view name_of(StatisticsPolicy policy) {
  return kPolicies[static_cast<std::size_t>(policy)];
}
MergeRule merge_rule_from_name(std::string_view name) {
  return from_name<MergeRule>(kRules, name, "merge rule");
}
MergeWeights merge_weights_from_name(std::string_view name) {
  return from_name<MergeWeights>(kWeights, name, "merge weights");
}
StatisticsPolicy statistics_policy_from_name(std::string_view name) {
  return from_name<StatisticsPolicy>(kPolicies, name, "statistics policy");
}

MergeResult merge(const kernels::Table<float>& table, const nn::StateLayout& layout, const Model& incumbent,
                  std::span<const MergeMember> members, const MergeOptions& options, const ScoreModel& score,
                  const RecomputeStatistics& recompute) {
  require_unique_ids(members);
  return Merge(table, layout, incumbent, members, options, score, recompute).run();
}

}  // namespace cohort::round
