#include "round/round_run.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "cohort/core/clock.hpp"
#include "cohort/core/text.hpp"
#include "cohort/kernels/select.hpp"
#include "round/stop.hpp"

namespace cohort::round {

RoundRun::RoundRun(comm::Communicator& world, const Task& task, const data::Partition& partition,
                   const Coordinator& coordinator, const train::Execution& execution,
                   const data::Dataset& dataset, const data::Dataset* hidden,
                   const train::RunDescription& description, Log& log, const AfterRound& after_round)
    : world_(world),
      task_(task),
      partition_(partition),
      coordinator_(coordinator),
      execution_(execution),
      dataset_(dataset),
      hidden_(hidden),
      description_(description),
      log_(log),
      after_round_(after_round),
      paths_{execution.out},
      table_(kernels::exact_table(execution.isa)),
      model_(nn::build_model(task.recipe.model)),
      layout_(nn::layout_state(model_)),
      task_digest_(task_digest(task)),
      pool_(execution.threads),
      stop_(execution.max_time_s > 0
                ? (description.started_s > 0 ? description.started_s : steady_now_s()) + execution.max_time_s
                : 0) {}

RoundsResult RoundRun::run() {
  open();
  if (stays_open_) {
    stop_.close();
    return {ExitCode::finished, start_.records, partition_, "", std::nullopt};
  }
  const std::int64_t last =
      coordinator_.last_round > 0 ? std::min(coordinator_.last_round, task_.rounds) : task_.rounds;
  for (auto round = static_cast<std::int64_t>(start_.records.size()) + 1; round <= last; ++round)
    if (all_stop() || !play(round)) {
      end("checkpointed", round);
      log_.info(concat("stopped in round ", round, " of ", task_.rounds, "; the same command continues"));
      return result(ExitCode::stopped_with_checkpoint);
    }
  RoundsResult all = result(ExitCode::finished);
  if (const auto next = static_cast<std::int64_t>(start_.records.size()) + 1; next <= task_.rounds) {
    end("waiting", next);  // for members to train it
    return all;
  }
  note({"testing"});
  const std::optional<ClassCounts> test = count_test();
  if (test) all.test = {test->correct, test->samples};
  all.code = judge(test);
  end("finished", task_.rounds);
  return all;
}

void RoundRun::end(std::string_view state, std::int64_t round) {
  stop_.close();
  world_.sum(0);  // nobody writes the mark any more
  on_root("write the status", [&] {
    std::filesystem::remove(paths_.stop_mark());
    status_->end(status(state, round));
  });
}

Json RoundRun::status(std::string_view state, std::int64_t round) const {
  Json status = Json::object().set("state", state).set("round", round).set("rounds", task_.rounds);
  if (execution_.require.empty()) return status;
  const train::Requirement requirement = train::parse_requirement(execution_.require);
  Json goal = Json::object().set("metric", requirement.metric).set("op", ">=");
  goal.set("value", requirement.at_least).set("reached", has_reached_);
  return status.set("thresholds", Json::array().push(std::move(goal)));
}

void RoundRun::note(const Activity& activity) {
  if (status_) status_->note(activity);
}

bool RoundRun::play(std::int64_t round) {
  RoundWork work;
  work.round = round;
  on_root("look for room", [&] { refuse_small_disk(round); });
  assign(work);
  log_.info(concat("round ", round, " of ", task_.rounds, "  ", work.assignments.size(), " candidates, ",
                   task_.round_steps, " steps each"));
  on_root("write the status", [&] { status_->say(status("running", round)); });
  try {
    if (!train(work) || !audit(work)) return false;
    finish_round(work, merge_members(work));
  } catch (const Stopped&) {  // what all ranks do together; groups among themselves end with their work
    return false;
  }
  return true;
}

const std::string& RoundRun::name_of_candidate(std::int64_t candidate) const {
  return task_.members.at(static_cast<std::size_t>(candidate)).name;
}

Workers RoundRun::workers_of(comm::Communicator& comm) {
  return {comm, pool_, table_, [this] { return stop_.is_there(); }};
}

bool RoundRun::all_stop() {
  return world_.max(stop_.is_there() ? 1 : 0) > 0;
}

RoundsResult RoundRun::result(ExitCode code) const {
  return {code, start_.records, partition_, to_hex(start_.digest(layout_)), std::nullopt};
}

RoundsResult run_rounds(comm::Communicator& comm, const Task& task, const data::Partition& partition,
                        const Coordinator& coordinator, const train::Execution& execution,
                        const data::Dataset& dataset, const data::Dataset* hidden,
                        const train::RunDescription& description, Log& log, const AfterRound& after_round) {
  return RoundRun(comm, task, partition, coordinator, execution, dataset, hidden, description, log,
                  after_round)
      .run();
}

}  // namespace cohort::round
