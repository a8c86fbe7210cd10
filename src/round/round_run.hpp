// One run of rounds: what all ranks hold, and the phases of a round in their order.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cohort/comm/agree.hpp"
#include "cohort/round/audit_record.hpp"
#include "cohort/round/class_counts.hpp"
#include "cohort/round/round_start.hpp"
#include "cohort/round/rounds.hpp"
#include "cohort/train/run_folder.hpp"
#include "round/grouping.hpp"
#include "round/round_case.hpp"
#include "round/run_status.hpp"
#include "round/stop_wish.hpp"
#include "round/training_progress.hpp"

namespace cohort::round {

/// A round between its first assignment and its record; the same on all ranks but for the looks' submissions.
struct RoundWork {
  std::int64_t round = 1;
  std::vector<Assignment> assignments;
  std::vector<std::string> failures;  ///< per assignment; empty = submitted
  std::vector<FirstLook> looks;       ///< per assignment; submissions only on the auditing group's root
  std::vector<Finding> findings;      ///< per assignment
  std::vector<bool> is_copy;          ///< per assignment: another has the same model
  std::vector<std::int32_t> hidden_images;
  std::vector<std::int32_t> common_validation;
  HiddenBaseline baseline;
  Digest beacon{};
};

/// One run of rounds on all ranks: what run_rounds does, its state between the phases of a round.
class RoundRun {
 public:
  RoundRun(comm::Communicator& world, const Task& task, const data::Partition& partition,
           const Coordinator& coordinator, const train::Execution& execution, const data::Dataset& dataset,
           const data::Dataset* hidden, const train::RunDescription& description, Log& log,
           const AfterRound& after_round);
  /// Collective.
  RoundsResult run();

 private:
  // round_open.cpp
  void open();
  void open_folder();
  void refuse_another_run(bool is_new) const;
  void refuse_spent_hidden_set(const std::filesystem::path& file) const;
  void refuse_small_disk(std::int64_t round) const;
  void load_models();

  // round_intake.cpp: where members train elsewhere
  void open_to_members(std::int64_t round);
  void take_in_all(std::int64_t round);
  [[nodiscard]] std::vector<std::string> members_without_submission(std::int64_t round) const;

  // round_run.cpp: the frame
  bool play(std::int64_t round);
  void end(std::string_view state, std::int64_t round);
  [[nodiscard]] Json status(std::string_view state, std::int64_t round) const;
  /// What the root is at, for the status.
  void note(const Activity& activity);
  RoundsResult result(ExitCode code) const;
  template <typename F>
  void on_root(std::string_view doing, F&& work) {
    comm::agree(world_, doing, [&] {
      if (world_.is_root()) work();
    });
  }
  /// The ranks of a communicator, as workers that ask for this process's wish to stop.
  [[nodiscard]] Workers workers_of(comm::Communicator& comm);
  /// Any rank's wish is all ranks'. Collective.
  bool all_stop();

  // round_training.cpp
  void assign(RoundWork& work);
  [[nodiscard]] std::vector<Assignment> propose(std::int64_t round) const;
  [[nodiscard]] std::vector<explore::Trial> trials() const;
  /// Where members train elsewhere: of each there is a submission or there is none.
  void take_what_is_there(RoundWork& work);
  /// False when stopped.
  bool train(RoundWork& work);
  CandidateResult train_one(Workers& workers, const RoundWork& work, std::size_t position,
                            const Upkeep& upkeep);
  [[nodiscard]] std::vector<Turn> turns_of(const RoundWork& work,
                                           const std::vector<std::size_t>& positions) const;
  void share_failures(RoundWork& work, const std::vector<CandidateResult>& results);

  // round_audit.cpp
  bool audit(RoundWork& work);
  AuditSubject subject_of(const RoundWork& work, std::size_t position) const;
  AuditCase case_of(const RoundWork& work) const;
  void look(RoundWork& work, const AuditCase& audit);
  void draw(RoundWork& work);
  void choose_hidden(RoundWork& work);
  bool examine_all(RoundWork& work, const AuditCase& audit);
  bool leaves_doubts(const RoundWork& work);
  std::int64_t examine_one(Workers& workers, const AuditCase& audit, RoundWork& work, std::size_t position);
  void say_audited(const RoundWork& work);

  // round_reward.cpp
  /// The digest of the audit that shares follow from; zeros without hidden images.
  Digest pay(const RoundWork& work, const Digest& parent, std::optional<Coalitions> coalitions);

  // round_merge.cpp
  RoundRecord merge_members(RoundWork& work);
  std::vector<Model> share_models(const RoundWork& work, std::vector<std::size_t>& positions);
  std::vector<std::int64_t> halted_after_round(const RoundRecord& record) const;
  void finish_round(const RoundWork& work, RoundRecord record);
  void save_model(const std::filesystem::path& path, std::int64_t round);

  // test_score.cpp
  /// The final model's counts on the test split; nothing without one. The same on all ranks.
  std::optional<ClassCounts> count_test();
  ClassCounts count_validation();
  ClassCounts count_once(const std::filesystem::path& path, ClassCounts counts,
                         const std::vector<std::int32_t>& samples);
  /// finished, or metric_not_reached.
  ExitCode judge(const std::optional<ClassCounts>& test);

  [[nodiscard]] const std::string& name_of_candidate(std::int64_t candidate) const;
  Model share(const Model& on_root, int root);

  comm::Communicator& world_;
  const Task& task_;
  const data::Partition& partition_;
  const Coordinator& coordinator_;
  const train::Execution& execution_;
  const data::Dataset& dataset_;
  const data::Dataset* hidden_;
  const train::RunDescription& description_;
  Log& log_;
  const AfterRound& after_round_;

  const RoundPaths paths_;
  const kernels::Table<float>& table_;
  const nn::Model model_;
  const nn::StateLayout layout_;
  const Digest task_digest_;
  train::WorkerPool pool_;
  std::optional<train::RunFolder> folder_;  ///< on the root
  std::optional<RunStatus> status_;         ///< on the root
  RoundStart start_;                        ///< of the round to come; on all ranks
  bool stays_open_ = false;                 ///< members are waited for, and nothing is closed
  bool has_reached_ = false;                ///< what the job requires; known at the end
  StopWish stop_;
};

}  // namespace cohort::round
