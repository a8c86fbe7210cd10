// A run of rounds in one process, small enough for a blink.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cohort/round/filed_round.hpp"
#include "tiny_round.hpp"

namespace cohort::round {

/// Four candidates, rounds of two links of a step.
inline Task short_task(MergeRule rule, std::int64_t rounds) {
  Task task = tiny_task();
  task.rounds = rounds;
  task.round_steps = 2;
  task.link_steps = 1;
  task.partition.train = {16};
  task.partition.validation = {5};
  task.merge.rule = rule;
  task.audit.evidence = Evidence::hidden;  // no replay: quick
  return task;
}

class ShortRun {
 public:
  ShortRun(const std::string& name, const Task& task, const tests::TinyData& data = {})
      : tiny_(name, task, 4, data) {}

  RoundsResult run(const std::string& name = "run", const std::string& require = "") {
    train::Execution execution;
    execution.out = tiny_.folder(name);
    execution.threads = 1;
    execution.require = require;
    const train::RunDescription description;
    Log log(false);
    return run_rounds(comm_, tiny_.task, tiny_.partition, tiny_.coordinator, execution, tiny_.dataset,
                      &tiny_.hidden, description, log, [this](std::span<const RoundRecord> done) {
                        told.push_back(done.back().round);
                        if (when_told) when_told();
                      });
  }
  [[nodiscard]] RoundPaths paths(const std::string& name = "run") const { return {tiny_.folder(name)}; }
  [[nodiscard]] std::filesystem::path submission(const std::string& run, std::int64_t round,
                                                 std::size_t i) const {
    return paths(run).candidate(round, tiny_.task.members[i].name).submission;
  }
  /// As after a kill before the round was done.
  void forget(const std::string& run, std::int64_t round) const {
    std::filesystem::remove_all(paths(run).round(round));
  }

  /// Another submission of the member, signed as it should be.
  void change_model(std::size_t i) const {
    Submission submission = tiny_.submitted(i);
    submission.parameters[5] += 0.25F;
    submission.header.model =
        model_digest(tiny_.layout, submission.parameters.span(), submission.statistics.span());
    tiny_.hand_in(i, submission);
  }

  /// Of the first round, from files alone.
  FiledAudit audit_again() {
    Workers workers = tiny_.workers();
    return FiledRound(paths().run, 1, tiny_.dataset, &tiny_.hidden).audit(workers, std::nullopt);
  }
  AuditRecord audited_again() { return audit_again().record; }
  void use_ledger(const std::string& name) {
    tiny_.coordinator.ledger = name.empty() ? std::filesystem::path() : tiny_.folder(name);
  }
  /// Another task on the same data.
  void use_largest_value(double value) { tiny_.task.audit.largest_value = value; }

  std::vector<std::int64_t> told;   ///< rounds, as they were done
  std::function<void()> when_told;  ///< after each

 private:
  TinyRound tiny_;
  comm::Communicator comm_ = comm::Communicator::self();
};

}  // namespace cohort::round
