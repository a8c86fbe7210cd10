// The first half of a round: who tries what, and the training.
#include <algorithm>
#include <filesystem>
#include <set>

#include "cohort/core/text.hpp"
#include "cohort/store/atomic_file.hpp"
#include "round/across_groups.hpp"
#include "round/assignment_file.hpp"
#include "round/finding_text.hpp"
#include "round/round_run.hpp"

namespace cohort::round {
namespace {

std::string setting_text(const explore::Setting& setting) {
  std::string text;
  for (const auto& [key, value] : setting) text += concat("  ", key.substr(key.rfind('.') + 1), " ", value);
  return text;
}

}  // namespace

void RoundRun::assign(RoundWork& work) {
  std::string text;  // for the other ranks, who need not see the file
  on_root("assign", [&] {
    std::filesystem::create_directories(paths_.round(work.round));
    const std::filesystem::path path = paths_.assignments(work.round);
    if (!std::filesystem::exists(path))
      store::write_text_atomically(path, json_of(propose(work.round)).dump(1) + "\n");
    text = json_of(read_assignments(path, task_, work.round)).dump();
  });
  work.assignments = assignments_of(Json::parse(world_.broadcast(text)));
  work.common_validation = common_validation(partition_);
}

std::vector<explore::Trial> RoundRun::trials() const {
  std::vector<explore::Trial> all;
  for (const RoundRecord& record : start_.records)
    for (std::size_t i = 0; i < record.assignments.size(); ++i) {
      const Finding& finding = record.findings[i];
      // Where models are merged, all of them get better by the round: what counts is the gain.
      const std::int64_t base = keeps_own_models(task_) ? 0 : record.incumbent_validation;
      all.push_back({record.round, record.assignments[i].candidate, record.assignments[i].setting,
                     finding.validation_correct - base, !may_merge(finding.verdict)});
    }
  return all;
}

std::vector<Assignment> RoundRun::propose(std::int64_t round) const {
  std::set<std::int64_t> halted;
  for (const RoundRecord& record : start_.records) halted.insert(record.halted.begin(), record.halted.end());
  std::vector<std::int64_t> running;
  for (std::size_t i = 0; i < task_.members.size(); ++i)
    if (!halted.contains(static_cast<std::int64_t>(i))) running.push_back(static_cast<std::int64_t>(i));
  std::vector<Assignment> assignments;
  if (task_.search.empty()) {
    for (const std::int64_t candidate : running) assignments.push_back({candidate, {}, -1});
    return assignments;
  }
  const auto proposer = explore::make_proposer(explore::SearchSpace::parse(task_.search), task_.explore);
  for (explore::Proposal& proposal : proposer->propose(round, running, trials()))
    assignments.push_back(
        {proposal.candidate, std::move(proposal.setting), keeps_own_models(task_) ? proposal.donor : -1});
  return assignments;
}

std::vector<Turn> RoundRun::turns_of(const RoundWork& work, const std::vector<std::size_t>& positions) const {
  std::vector<Turn> turns;
  for (const std::size_t position : positions) {
    const Assignment& assignment = work.assignments[position];
    const Member& member = task_.members.at(static_cast<std::size_t>(assignment.candidate));
    turns.push_back({member.name, member_recipe(task_, work.round, member, assignment.setting).batch_size});
  }
  return turns;
}

CandidateResult RoundRun::train_one(Workers& workers, const RoundWork& work, std::size_t position,
                                    const Upkeep& upkeep) {
  const Assignment& assignment = work.assignments[position];
  const auto candidate = static_cast<std::size_t>(assignment.candidate);
  const CandidateWork task{
      task_, work.round, assignment, dataset_, partition_.parts.at(candidate), start_.parent_of(assignment)};
  return train_candidate(workers, task, paths_.candidate(work.round, name_of_candidate(assignment.candidate)),
                         coordinator_.keys.at(candidate), upkeep);
}

void RoundRun::take_what_is_there(RoundWork& work) {
  const std::string missing = "not there when the round was closed";
  Json failures = Json::array();
  on_root(concat("look for what was handed in to round ", work.round), [&] {
    for (const Assignment& assignment : work.assignments) {
      const CandidateFiles files = paths_.candidate(work.round, name_of_candidate(assignment.candidate));
      failures.push(std::filesystem::exists(std::filesystem::symlink_status(files.submission)) ? std::string()
                                                                                               : missing);
    }
  });
  failures = Json::parse(world_.broadcast(failures.dump()));
  for (std::size_t i = 0; i < work.assignments.size(); ++i) {
    work.failures.push_back(failures.as_array().at(i).as_string());
    log_.info(concat("  ", name_of_candidate(work.assignments[i].candidate),
                     work.failures.back().empty() ? "  has handed in" : "  has handed nothing in"));
  }
}

bool RoundRun::train(RoundWork& work) {
  if (coordinator_.keys.empty()) {
    take_what_is_there(work);
    return true;
  }
  const auto count = static_cast<int>(work.assignments.size());
  const Grouping grouping(world_.ranks(), count);
  const int mine = grouping.group_of_rank(world_.rank());
  comm::Communicator group = world_.split(mine);
  Workers workers = workers_of(group);
  stop_.listen(group.is_root() && grouping.groups() > 1);
  std::vector<std::size_t> turns;
  for (int position = 0; position < count; ++position)
    if (grouping.trainer_of(position) == mine) turns.push_back(static_cast<std::size_t>(position));
  std::optional<TrainingProgress> progress;
  if (status_)
    progress.emplace(log_, *status_, execution_.log_interval_s, task_.round_steps, turns_of(work, turns));
  Upkeep upkeep{execution_.checkpoint_interval_s};
  if (progress)
    upkeep.after_step = [&](const train::StepResult& result, std::int64_t step) {
      progress->after_step(result, step);
    };
  std::vector<CandidateResult> results(work.assignments.size());
  bool is_stopped = false;
  across_groups(world_, group, stop_, concat("train in round ", work.round), [&] {
    for (std::size_t turn = 0; turn < turns.size() && !is_stopped; ++turn) {
      if (progress) progress->begin(turn);
      CandidateResult& result = results[turns[turn]];
      result = train_one(workers, work, turns[turn], upkeep);
      is_stopped = result.state == CandidateState::stopped;
    }
    if (progress) progress->end();
  });
  if (world_.max(is_stopped ? 1 : 0) > 0) return false;
  share_failures(work, results);
  return true;
}

void RoundRun::share_failures(RoundWork& work, const std::vector<CandidateResult>& results) {
  const Grouping grouping(world_.ranks(), static_cast<int>(results.size()));
  for (std::size_t i = 0; i < results.size(); ++i) {
    const int root = grouping.root_of(grouping.trainer_of(static_cast<int>(i)));
    work.failures.push_back(
        world_.broadcast(results[i].state == CandidateState::failed ? results[i].detail : "", root));
    if (!work.failures.back().empty())
      log_.info(concat("  ", name_of_candidate(work.assignments[i].candidate),
                       "  failed: ", work.failures.back(), setting_text(work.assignments[i].setting)));
  }
}

}  // namespace cohort::round
