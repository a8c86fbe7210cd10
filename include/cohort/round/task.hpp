// What all members agree on before the first round: model, data, rules. Its digest names it in every
// submission.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cohort/core/digest.hpp"
#include "cohort/core/json.hpp"
#include "cohort/data/partition.hpp"
#include "cohort/explore/halving.hpp"
#include "cohort/explore/proposer.hpp"
#include "cohort/identity/keys.hpp"
#include "cohort/round/merge.hpp"
#include "cohort/round/verdict.hpp"
#include "cohort/train/options.hpp"

namespace cohort::round {

/// How contributions are examined.
struct AuditRules {
  Evidence evidence = Evidence::replay;
  std::int64_t links = 2;                  ///< replayed besides the first and the last, chosen by the beacon
  std::int64_t hidden_images = 0;          ///< per round; 0 = the hidden set in equal parts over all rounds
  std::int64_t alpha_millionths = 10'000;  ///< chance of refuting an honest claim, over a whole round
  double largest_value = 1e6;              ///< a parameter beyond it is refused
};

/// How the pool of a round is divided.
struct PoolRules {
  std::string pool;                  ///< decimal; empty = nothing is paid
  std::string rule = "lower-bound";  ///< lower-bound, plain, rank, shapley, micro-batches
  int gamma = 1;
  std::int64_t unproven_numerator = 1, unproven_denominator = 2;  ///< rate of OK_UNPROVEN
  bool is_demonstration = false;  ///< allows fewer hidden images than a paid round needs
};

/// One who may hand in submissions.
struct Member {
  std::string name;
  identity::PublicKey key{};
  std::string address;  ///< for payouts, "0x…"; may be empty
};

/// One of several who train a task's only candidate together: owes so many micro-batches of every step. An
/// audit verifies that they were computed; who owes which is the task's division, for equal bits do not show
/// who computed them.
struct Contributor {
  Member member;
  std::int64_t micro_batches = 0;
};

/// A run of rounds, fixed before it starts.
struct Task {
  int numerics_version = 0;
  train::Recipe recipe;  ///< resolved for the data set; seed, steps and schedule_start are set per candidate
  std::int64_t rounds = 1, round_steps = 1, link_steps = 1;
  bool schedule_spans_run = true;  ///< else every round runs the whole schedule
  data::PartitionOptions partition;
  std::vector<std::pair<std::string, std::string>> search;  ///< empty = fixed parameters
  explore::ExploreOptions explore;
  explore::HalvingOptions halving;
  MergeOptions merge;
  AuditRules audit;
  PoolRules pool;
  std::vector<std::string> classes;
  Digest dataset{}, hidden{}, partition_root{};  ///< hidden is zero without a hidden set
  Digest secret_commitment{}, registration_beacon{};
  std::vector<Member> members;            ///< one per candidate, in its order
  std::vector<Contributor> contributors;  ///< of the only candidate, paid in its place; empty = none
};

/// The task as JSON and back; the text of to_json is canonical. from_json and read_task throw DataError with
/// all that is missing, unknown or out of bounds, read_task naming the file. A task of another
/// numerics_version is read: what may be done with it is for the caller to say (filed_partition refuses it).
Json to_json(const Task& task);
Task task_from_json(const Json& json);
Task read_task(const std::filesystem::path& path);

/// SHA-256("cohort/task/v1\0" ‖ canonical text).
Digest task_digest(const Task& task);

/// Whom an audit record lists and a pool is divided among: the contributors, or else the members.
std::vector<Member> paid_members(const Task& task);

/// "the task has no member 'x'; did you mean 'y'?".
std::string unknown_member(const Task& task, std::string_view name);

/// All that is wrong with the task, at once; empty when fine. `hidden_images`: size of the hidden set.
std::vector<std::string> problems(const Task& task, std::int64_t hidden_images);

/// Links of the state chain of one round: one every link_steps steps, the last perhaps shorter.
///
/// Requires  round_steps and link_steps of at least 1.
std::int64_t links_of(const Task& task);

/// Hidden images of each round: audit.hidden_images, or the set in equal parts; none with evidence `claim`.
std::int64_t hidden_per_round(const Task& task, std::int64_t hidden_images);

/// The seed, and the whole recipe, that one member must train with in one round (from 1 on).
std::uint64_t member_seed(const Task& task, std::int64_t round, const Member& member);
train::Recipe member_recipe(const Task& task, std::int64_t round, const Member& member,
                            const explore::Setting& setting);

}  // namespace cohort::round
