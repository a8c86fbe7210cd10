#include "round/reward_weights.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/interval.hpp"
#include "cohort/round/shapley.hpp"

namespace cohort::round {
namespace {

Amount amount_of(std::int64_t value) {
  return {static_cast<std::uint64_t>(value)};
}

/// Entry by entry: 0 unless it may be paid and beats the baseline, else what `weigh` says.
template <typename Weigh>
std::vector<Amount> above_baseline(const AuditRecord& record, const Weigh& weigh) {
  const std::int64_t base = baseline_correct(record.hidden);
  std::vector<Amount> weights;
  for (const AuditEntry& entry : record.entries)
    weights.push_back(may_be_paid(entry.verdict) && entry.hidden_correct > base ? weigh(entry) : Amount());
  return weights;
}

std::vector<Amount> by_lower_bound(const AuditRecord& record, int gamma) {
  const std::int64_t samples = record.hidden.samples;
  const std::int64_t base = lower_bound(baseline_correct(record.hidden), samples);
  return above_baseline(record, [&](const AuditEntry& entry) {
    const Amount gain = amount_of(lower_bound(entry.hidden_correct, samples) - base);
    return gamma == 1 ? gain : gain * gain;
  });
}

std::vector<Amount> by_count(const AuditRecord& record) {
  const std::int64_t base = baseline_correct(record.hidden);
  return above_baseline(record,
                        [&](const AuditEntry& entry) { return amount_of(entry.hidden_correct - base); });
}

std::vector<Amount> by_rank(const AuditRecord& record) {
  std::vector<std::int64_t> counts;
  const std::int64_t base = baseline_correct(record.hidden);
  for (const AuditEntry& entry : record.entries)
    if (may_be_paid(entry.verdict) && entry.hidden_correct > base) counts.push_back(entry.hidden_correct);
  std::sort(counts.begin(), counts.end());
  return above_baseline(record, [&](const AuditEntry& entry) {
    const auto fewer = std::lower_bound(counts.begin(), counts.end(), entry.hidden_correct) - counts.begin();
    return amount_of(1 + fewer);
  });
}

/// Which player of the coalitions each entry is; copies of one model are one player.
std::map<Digest, std::size_t> players_of(const AuditRecord& record) {
  const std::vector<std::string>& members = record.coalitions->members;
  std::map<Digest, std::size_t> players;
  for (const AuditEntry& entry : record.entries) {
    const auto found = std::find(members.begin(), members.end(), entry.member);
    if (found != members.end())
      players.emplace(entry.model, static_cast<std::size_t>(found - members.begin()));
  }
  return players;
}

/// How many paid members each player stands for.
std::vector<std::int64_t> count_copies(const AuditRecord& record,
                                       const std::map<Digest, std::size_t>& players, std::size_t count) {
  std::vector<std::int64_t> copies(count, 0);
  for (const AuditEntry& entry : record.entries) {
    if (!may_be_paid(entry.verdict)) continue;
    const auto found = players.find(entry.model);
    if (found == players.end())
      throw DataError(concat("rewards: ", entry.member, " may be paid but no coalition has its model"));
    ++copies[found->second];
  }
  const std::int64_t members = std::accumulate(copies.begin(), copies.end(), std::int64_t{0});
  if (members > static_cast<std::int64_t>(kMostPlayers))
    throw UsageError(
        concat("rewards: ", members, " members to pay; rule shapley takes at most ", kMostPlayers));
  return copies;
}

/// Of the players, in the order of the coalitions' members.
std::vector<std::int64_t> values_of_players(const AuditRecord& record) {
  if (!record.coalitions)
    throw DataError(
        "rewards: the audit has no coalitions, which rule shapley needs; they are counted, by the run and by "
        "'cohort audit', only where the task itself has a pool of that rule");
  const Coalitions& coalitions = *record.coalitions;
  const std::int64_t base = baseline_correct(record.hidden);
  if (coalitions.utilities.front() != base)
    throw DataError(concat("rewards: the empty coalition has ", coalitions.utilities.front(),
                           " correct, the baseline ", base, "; both must be the same"));
  return shapley_values(coalitions.utilities);
}

std::vector<Amount> by_shapley(const AuditRecord& record) {
  const std::vector<std::int64_t> values = values_of_players(record);
  const std::map<Digest, std::size_t> players = players_of(record);
  const std::vector<std::int64_t> copies = count_copies(record, players, values.size());
  // Copies share their player's value in equal parts; a common multiple keeps the parts whole.
  std::int64_t multiple = 1;
  for (const std::int64_t count : copies)
    if (count > 1) multiple = std::lcm(multiple, count);
  std::vector<Amount> weights;
  for (const AuditEntry& entry : record.entries) {
    Amount weight;
    if (may_be_paid(entry.verdict)) {
      const std::size_t player = players.at(entry.model);
      if (values[player] > 0) weight = amount_of(values[player]) * amount_of(multiple / copies[player]);
    }
    weights.push_back(weight);
  }
  return weights;
}

std::vector<Amount> by_micro_batches(const AuditRecord& record) {
  const AuditEntry* first = nullptr;
  for (const AuditEntry& entry : record.entries) {
    if (!may_be_paid(entry.verdict)) continue;
    if (first == nullptr) first = &entry;
    if (entry.model != first->model)
      throw DataError(concat("rewards: rule micro-batches shares one model's gain, but ", first->member,
                             " and ", entry.member, " handed in different ones"));
  }
  return above_baseline(record, [](const AuditEntry& entry) { return amount_of(entry.micro_batches); });
}

}  // namespace

std::vector<Amount> weights_of(const AuditRecord& record, const RewardOptions& options) {
  switch (options.rule) {
    case RewardRule::lower_bound:
      return by_lower_bound(record, options.gamma);
    case RewardRule::plain:
      return by_count(record);
    case RewardRule::rank:
      return by_rank(record);
    case RewardRule::shapley:
      return by_shapley(record);
    case RewardRule::micro_batches:
      return by_micro_batches(record);
  }
  throw UsageError("rewards: unknown rule");
}

std::set<std::string> harmful_members(const AuditRecord& record) {
  std::set<std::string> harmful;
  if (!record.coalitions) return harmful;
  const std::vector<std::int64_t> values = values_of_players(record);
  const std::map<Digest, std::size_t> players = players_of(record);
  for (const AuditEntry& entry : record.entries) {
    const auto player = players.find(entry.model);
    if (may_merge(entry.verdict) && player != players.end() && values[player->second] < 0)
      harmful.insert(entry.member);
  }
  return harmful;
}

}  // namespace cohort::round
