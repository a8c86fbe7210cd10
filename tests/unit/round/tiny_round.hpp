// A task of three candidates, small enough to train in a blink, with its data, files and audit.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "cohort/kernels/select.hpp"
#include "cohort/round/audit.hpp"
#include "cohort/round/rounds.hpp"
#include "cohort/train/step.hpp"
#include "support/tiny_run.hpp"

namespace cohort::round {

inline constexpr std::int64_t kTinyLinks = 4, kTinyLinkSteps = 3;

/// Four links of three steps, batches of two micro-batches; all but the two middle links always replayed.
inline Task tiny_task() {
  Task task;
  task.recipe = tests::tiny_job().recipe;
  task.recipe.batch_size = 16;
  task.recipe.ema_decay = 0.5;
  task.recipe.schedule.learning_rate = 0.004;
  task.rounds = 2;
  task.round_steps = kTinyLinks * kTinyLinkSteps;
  task.link_steps = kTinyLinkSteps;
  task.partition.rule = data::PartitionRule::split;
  task.partition.train = {24};
  task.partition.validation = {7};
  task.audit.links = 2;
  task.pool.pool = "1000";
  task.pool.is_demonstration = true;
  return task;
}

inline data::Dataset packed(const std::filesystem::path& path, const tests::TinyData& tiny) {
  tests::write_tiny_data(path, tiny);
  return data::Dataset::open(path, true);
}

/// A model of finite values whose answers are infinite; padding stays as it is.
inline void make_infinite(std::span<float> parameters, std::span<float> statistics) {
  for (float& value : parameters) value = value == 0 ? 0 : 1e6F;
  std::ranges::fill(statistics, 0.0F);
}

class TinyRound {
 public:
  explicit TinyRound(const std::string& name, const Task& rules = tiny_task(), int candidates = 3,
                     const tests::TinyData& data = {})
      : folder_("round-" + name),
        dataset(packed(folder_.path() / "tiny.h5", data)),
        hidden(packed(folder_.path() / "tiny.hidden.h5", {0, 0, 60, 9})
                   .with_splits(std::vector<data::Split>(60, data::Split::hidden))),
        task(rules),
        partition(complete_task(task, candidates, dataset, &hidden)),
        coordinator(local_coordinator(task.recipe.seed, task.members.size())),
        model(nn::build_model(task.recipe.model)),
        layout(nn::layout_state(model)),
        parent{AlignedBuffer<float>(static_cast<std::size_t>(layout.parameter_count)),
               AlignedBuffer<float>(static_cast<std::size_t>(layout.statistic_count))} {
    nn::initialise(layout, 3, parent.parameters.span(), parent.statistics.span());
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(task.members.size()); ++i)
      assignments.push_back({i, {}, -1});
  }

  [[nodiscard]] CandidateWork work(std::size_t i, std::int64_t round = 1) const {
    return {task, round, assignments.at(i), dataset, partition.parts.at(i), parent};
  }
  [[nodiscard]] CandidateFiles files(std::size_t i, const std::string& run = "run",
                                     std::int64_t round = 1) const {
    return RoundPaths{folder_.path() / run}.candidate(round, task.members.at(i).name);
  }
  [[nodiscard]] std::filesystem::path folder(const std::string& run) const { return folder_.path() / run; }
  Workers workers() { return {comm_, pool_, kernels::exact_table("auto")}; }

  /// Trains and hands in; `stop_after` > 0 asks to stop at that step.
  CandidateResult train(std::size_t i, const std::string& run = "run", std::int64_t stop_after = 0,
                        const Upkeep& upkeep = {}) {
    Workers with = workers();
    std::int64_t steps = 0;
    with.wants_to_stop = [&] { return ++steps == stop_after; };
    return train_candidate(with, work(i), files(i, run), coordinator.keys.at(i), upkeep);
  }

  /// What the candidate handed in.
  [[nodiscard]] Submission submitted(std::size_t i, const std::string& run = "run") const {
    ReadSubmission read = read_submission(files(i, run).submission, layout);
    if (!read.submission) throw Error(read.detail);
    return std::move(*read.submission);
  }
  /// Signs with the candidate's key and replaces what it handed in.
  void hand_in(std::size_t i, Submission& submission) const {
    sign(submission, coordinator.keys.at(i));
    replace(i, submission);
  }
  void replace(std::size_t i, const Submission& submission) const {
    std::filesystem::remove(files(i).submission);
    save_submission(files(i).submission, layout, submission);
  }

  [[nodiscard]] AuditCase audit_case() const {
    AuditCase audit{task,    1,  dataset, partition, dataset.indices(data::Split::validation),
                    &hidden, {}, 0,       {}};
    for (std::int32_t image = 0; image < hidden.size(); ++image) audit.hidden_images.push_back(image);
    return audit;
  }

  /// All three looks at all candidates. The links that are replayed follow from `beacon`.
  std::vector<Finding> audit(const AuditCase& audit, const Digest& beacon = sha256("beacon"),
                             std::int64_t incumbent_correct = 0) {
    std::vector<AuditSubject> subjects;
    std::vector<FirstLook> looks;
    for (std::size_t i = 0; i < assignments.size(); ++i) {
      subjects.push_back({assignments[i], files(i).submission, files(i).links, &parent});
      looks.push_back(look_at(audit, subjects.back()));
    }
    compare(audit, subjects, looks);
    std::vector<Finding> findings;
    Workers with = workers();
    for (std::size_t i = 0; i < looks.size(); ++i) {
      bool is_copy = false;
      for (std::size_t other = 0; other < looks.size(); ++other)
        is_copy = is_copy || (other != i && looks[other].finding.verdict == Verdict::ok &&
                              looks[other].finding.model == looks[i].finding.model);
      findings.push_back(examine(with, audit, subjects[i], looks[i], beacon, incumbent_correct, is_copy));
    }
    return findings;
  }

 private:
  tests::TemporaryFolder folder_;
  comm::Communicator comm_ = comm::Communicator::self();
  train::WorkerPool pool_{1};

 public:
  data::Dataset dataset, hidden;
  Task task;
  data::Partition partition;
  Coordinator coordinator;
  nn::Model model;
  nn::StateLayout layout;
  Model parent;
  std::vector<Assignment> assignments;
};

}  // namespace cohort::round
