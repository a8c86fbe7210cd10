// One step, to see what a round would take.
#include "cohort/core/text.hpp"
#include "cohort/core/words.hpp"
#include "cohort/round/rounds.hpp"
#include "cohort/train/trainer.hpp"
#include "round/across_groups.hpp"
#include "round/grouping.hpp"

namespace cohort::round {

void dry_run(comm::Communicator& comm, const Task& task, const data::Partition& partition,
             const train::Execution& execution, const data::Dataset& dataset, Log& log) {
  const auto count = static_cast<int>(partition.parts.size());
  const Grouping grouping(comm.ranks(), count);
  const int mine = grouping.group_of_rank(comm.rank());
  int first = 0;
  while (grouping.trainer_of(first) != mine) ++first;
  const auto candidate = static_cast<std::size_t>(first);
  const Member& member = task.members.at(candidate);
  train::Job job{member_recipe(task, 1, member, {}), execution};
  job.execution.require.clear();       // of the whole run's model,
  job.execution.max_memory_bytes = 0;  // and of a whole round's memory
  const data::Dataset view = data::view_of(dataset, partition.parts.at(candidate));
  log.result(concat("one step of    ", member.name, ", of ", counted(count, "candidate"), " on ",
                    counted(grouping.groups(), "group"), " of ranks; no audit, no merge"));
  comm::Communicator group = comm.split(mine);
  StopWish no_wish(0);
  across_groups(comm, group, no_wish, "try a step", [&] { train::dry_run(group, job, view, log); });
}

}  // namespace cohort::round
