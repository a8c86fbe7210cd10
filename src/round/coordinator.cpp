// Who coordinates a run, and the task that follows from the job and the data.
#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/core/numerics.hpp"
#include "cohort/core/text.hpp"
#include "cohort/identity/commitment.hpp"
#include "cohort/round/rounds.hpp"
#include "round/task_problems.hpp"

namespace cohort::round {
namespace {

using Problems = std::vector<std::string>;

Digest derived(std::string_view tag, std::uint64_t seed, std::uint64_t index) {
  return tagged_sha256(tag).update_u64(seed).update_u64(index).finish();
}

/// Member names become names of folders: columns may hold anything.
std::string plain_name(const std::string& name, std::size_t index) {
  const bool is_plain =
      !name.empty() && name.size() <= 60 && name.front() != '.' && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.';
      });
  return is_plain ? name : concat("site-", index + 1);
}

/// Names, keys and even parts of a step's micro-batches for the task's contributors, whose number it has.
void complete_contributors(Task& task, std::uint64_t seed) {
  const auto count = static_cast<std::int64_t>(task.contributors.size());
  const std::int64_t owed = task.recipe.batch_size / std::max<std::int64_t>(1, task.recipe.micro_batch);
  const Coordinator coordinator = local_coordinator(seed, task.members.size() + task.contributors.size());
  for (std::int64_t i = 0; i < count; ++i) {
    Contributor& contributor = task.contributors[static_cast<std::size_t>(i)];
    contributor.member = {concat("device-", i < 9 ? "0" : "", i + 1),
                          coordinator.keys[task.members.size() + static_cast<std::size_t>(i)].public_key(),
                          ""};
    contributor.micro_batches = (i + 1) * owed / count - i * owed / count;
  }
}

/// Members of a run within one mpirun.
void make_members(Task& task, data::Partition& partition) {
  const std::uint64_t seed = task.recipe.seed;
  const Coordinator coordinator = local_coordinator(seed, partition.parts.size());
  task.secret_commitment = identity::secret_commitment(coordinator.secret);
  task.registration_beacon = derived("cohort/run-registration/v1", seed, 0);
  task.members.clear();
  if (!task.contributors.empty() && partition.parts.size() == 1) partition.parts[0].name = "together";
  for (std::size_t i = 0; i < partition.parts.size(); ++i) {
    partition.parts[i].name = plain_name(partition.parts[i].name, i);
    task.members.push_back({partition.parts[i].name, coordinator.keys[i].public_key(), ""});
  }
  complete_contributors(task, seed);
}

/// Whoever owns a column's value must be the member of that name: order alone would give one house another's
/// images.
void check_sites(const data::Partition& partition, const std::vector<Member>& members, Problems& found) {
  for (std::size_t i = 0; i < std::min(partition.parts.size(), members.size()); ++i)
    if (const std::string& site = partition.parts[i].name; members[i].name != plain_name(site, i))
      found.push_back(concat("members: number ", i + 1, " is ", members[i].name, ", but the column's value ",
                             i + 1, " is ", site, "; name members as the column does, in its order"));
}

void register_members(Task& task, data::Partition& partition, const Registration& registration,
                      Problems& found) {
  task.secret_commitment = registration.secret_commitment;
  task.registration_beacon = registration.beacon;
  task.members = registration.members;
  if (!task.contributors.empty())
    found.emplace_back("reward.contributors: members in other houses train models of their own");
  if (!task.search.empty())
    found.emplace_back("explore.space: only a run's own candidates can be given parameters by the round");
  if (task.merge.rule == MergeRule::none)
    found.emplace_back("merge.rule: none has no model that members in other houses could go on from");
  if (task.members.size() != partition.parts.size())
    found.push_back(concat("members: ", task.members.size(), " are named, the partition has ",
                           partition.parts.size(), " parts"));
  else if (task.partition.rule == data::PartitionRule::by_column)
    check_sites(partition, task.members, found);
  for (std::size_t i = 0; i < std::min(partition.parts.size(), task.members.size()); ++i)
    partition.parts[i].name = task.members[i].name;
}

}  // namespace

Coordinator local_coordinator(std::uint64_t seed, std::size_t candidates) {
  Coordinator coordinator;
  coordinator.secret = derived("cohort/run-secret/v1", seed, 0);
  for (std::size_t i = 0; i < candidates; ++i)
    coordinator.keys.push_back(identity::SecretKey::from_seed(derived("cohort/run-key/v1", seed, i)));
  return coordinator;
}

data::Partition complete_task(Task& task, int candidates, const data::Dataset& dataset,
                              const data::Dataset* hidden, const std::optional<Registration>& registration) {
  data::Partition partition = data::partition(dataset, candidates, task.partition);
  task.numerics_version = kNumericsVersion;
  task.recipe = train::resolved(task.recipe, dataset);
  task.classes = dataset.classes();
  task.dataset = dataset.digest();
  if (hidden != nullptr) {
    if (hidden->classes() != dataset.classes() || hidden->image_shape() != dataset.image_shape())
      throw DataError(concat(hidden->path().string(), ": its classes or image size differ from ",
                             dataset.path().string(), "'s"));
    task.hidden = hidden->digest();
  }
  task.partition_root = data::partition_digest(dataset, partition);
  std::vector<std::string> found;
  if (registration)
    register_members(task, partition, *registration, found);
  else
    make_members(task, partition);
  for (std::string& problem : problems(task, hidden != nullptr ? hidden->size() : 0))
    found.push_back(std::move(problem));
  for (std::string& problem : data_problems(task, partition, hidden)) found.push_back(std::move(problem));
  if (!found.empty()) throw UsageError(joined(found, "; "));
  return partition;
}

}  // namespace cohort::round
