// The whole loop: assign, train, hand in, audit, merge, reward, next round.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/comm/communicator.hpp"
#include "cohort/core/error.hpp"
#include "cohort/core/log.hpp"
#include "cohort/data/dataset.hpp"
#include "cohort/identity/keys.hpp"
#include "cohort/round/audit.hpp"
#include "cohort/round/merge.hpp"
#include "cohort/round/task.hpp"
#include "cohort/train/checkpoint.hpp"
#include "cohort/train/options.hpp"
#include "cohort/train/trainer.hpp"

namespace cohort::round {

/// One round as it went: what the run folder keeps and reports are made from. Its JSON
/// (rounds/NNN/round.json) is written last, so a round that has one is complete.
struct RoundRecord {
  std::int64_t round = 0;
  std::vector<Assignment> assignments;  ///< of the candidates that took part, ascending
  std::vector<Finding> findings;        ///< one for each assignment, in order
  std::vector<std::string>
      failures;                      ///< for each assignment why there is no submission; empty = there is one
  std::vector<std::int64_t> halted;  ///< candidates that stop after this round
  std::vector<std::int64_t> merged;  ///< candidates in the round's model
  std::vector<std::string> merge_story;
  std::int64_t validation_images = 0, hidden_images = 0;
  std::int64_t incumbent_validation = 0, merged_validation = 0;
  std::int64_t incumbent_hidden = -1, majority_hidden = -1;
  Digest beacon{}, model{};  ///< model: model_digest of the round's result
  Digest audit{};            ///< audit_digest of what stands in audit.json; zeros without one
};

/// The record as JSON and back. record_from_json throws DataError where something is missing or wrong,
/// read_record too, naming the file, and Error when that cannot be read.
Json to_json(const RoundRecord& record);
RoundRecord record_from_json(const Json& json);
RoundRecord read_record(const std::filesystem::path& path);

/// Where a run of rounds keeps its files (docs/formats.md, "Rounds").
struct RoundPaths {
  std::filesystem::path run;
  [[nodiscard]] std::filesystem::path task() const { return run / "task.json"; }
  [[nodiscard]] std::filesystem::path ledger() const { return run / "hidden-ledger.json"; }
  /// The final model's score on the test split.
  [[nodiscard]] std::filesystem::path test() const { return run / "test.json"; }
  /// The secret of a federation's coordinator; nothing of a run that trains its own candidates.
  [[nodiscard]] std::filesystem::path coordinator_key() const { return run / "coordinator.key"; }
  [[nodiscard]] std::filesystem::path round(std::int64_t round) const;
  [[nodiscard]] std::filesystem::path assignments(std::int64_t r) const {
    return round(r) / "assignments.json";
  }
  [[nodiscard]] std::filesystem::path record(std::int64_t r) const { return round(r) / "round.json"; }
  [[nodiscard]] std::filesystem::path model(std::int64_t r) const { return round(r) / "model.h5"; }
  /// By which submission each member was examined first; it stays.
  [[nodiscard]] std::filesystem::path examined(std::int64_t r) const { return round(r) / "examined.json"; }
  /// What the audit of a round has found so far; gone when the round is done.
  [[nodiscard]] std::filesystem::path findings(std::int64_t r) const { return round(r) / "findings"; }
  [[nodiscard]] std::filesystem::path finding(std::int64_t r, const std::string& member) const {
    return findings(r) / (member + ".json");
  }
  /// There while a process of the run wishes all of them to stop.
  [[nodiscard]] std::filesystem::path stop_mark() const { return run / ".stop"; }
  [[nodiscard]] CandidateFiles candidate(std::int64_t round, const std::string& member) const;
};

/// Where a member in another house has put what it hands in for a round (take_in).
struct HandedIn {
  std::string member;
  std::filesystem::path from;
};

/// What a task needs beside its rules, decided by the data and by whoever runs it.
struct Coordinator {
  Digest secret{};                        ///< committed in the task
  std::vector<identity::SecretKey> keys;  ///< of the members, in the task's order; none: they train elsewhere
  std::filesystem::path ledger{};         ///< of what is spent of the hidden set; empty = in the run folder
  std::int64_t last_round = 0;            ///< later ones are left for another start; 0 = all are played
  std::vector<HandedIn> handed_in{};      ///< taken in before the next round, whose closing has not begun
  bool closes_without_all = false;        ///< else a round stays open until every member has handed in
};

/// The coordinator of a run within one mpirun: secret and keys follow from the seed, so that the same job
/// gives the same bits anywhere. They name candidates; they prove nothing to strangers.
Coordinator local_coordinator(std::uint64_t seed, std::size_t candidates);

/// Members in other houses, who have made their keys before the task is fixed.
struct Registration {
  std::vector<Member> members;  ///< in the order of the partition's parts
  Digest secret_commitment{};   ///< identity::secret_commitment of the coordinator's secret
  Digest beacon{};  ///< drawn when all keys were in, so that nobody could choose a key by its seed
};

/// Fills in what follows from the data: classes, digests, members, commitment. Without a registration, for a
/// run within one mpirun, members have the keys of local_coordinator, and columns' values that are no plain
/// file names become "site-1", "site-2", … Throws UsageError with all problems at once, as partition() and
/// problems() find them; with a registration also for members who do not fit the parts, for parameters that
/// only a run's rounds could assign, and where nothing is merged.
data::Partition complete_task(Task& task, int candidates, const data::Dataset& dataset,
                              const data::Dataset* hidden,
                              const std::optional<Registration>& registration = std::nullopt);

/// A round's result as a checkpoint; who wrote it and when is left to the caller.
train::Checkpoint round_checkpoint(const Task& task, const data::Dataset& dataset, const Model& model,
                                   std::int64_t round);

/// Right answers of a run's final model on the test split, which takes no part in the rounds.
struct TestScore {
  std::int64_t correct = 0, samples = 0;
};

/// Whether a run of rounds counts what this metric is made of: of its models only right answers, by class.
bool is_counted_in_rounds(std::string_view metric);

/// What a run of rounds came to, by its end or its stop.
struct RoundsResult {
  ExitCode code = ExitCode::finished;  ///< or metric_not_reached, or stopped_with_checkpoint
  std::vector<RoundRecord> records;
  data::Partition partition;
  std::string model_digest;       ///< hex, of the final model
  std::optional<TestScore> test;  ///< of a finished run, where the data set has a test split
};

/// Told of all rounds that are done, behind each of them.
using AfterRound = std::function<void(std::span<const RoundRecord>)>;

/// Runs or continues all rounds of a completed task in execution.out, up to the coordinator's last one; files
/// are written by roots of groups into a folder that all ranks see. Where members train elsewhere, what they
/// have handed in lies there as if the run had trained it (RoundPaths::candidate). On a stop request to any
/// rank, or max_time, every group keeps the state of its step or what it has audited, and the result says
/// stopped_with_checkpoint. Where execution.require asks for it, the final model is held against it on the
/// test split, else on the common validation images. `after_round` is called on the root with all rounds that
/// are done, behind each of them. Collective.
///
/// Throws AgreedError when the folder holds another task, when files cannot be read or written, or when the
/// disk has no room for a round.
RoundsResult run_rounds(comm::Communicator& comm, const Task& task, const data::Partition& partition,
                        const Coordinator& coordinator, const train::Execution& execution,
                        const data::Dataset& dataset, const data::Dataset* hidden,
                        const train::RunDescription& description, Log& log,
                        const AfterRound& after_round = {});

/// One step of one candidate in each group of ranks, with nothing written: shapes, memory, time. Collective.
///
/// Throws AgreedError when a candidate cannot be trained.
void dry_run(comm::Communicator& comm, const Task& task, const data::Partition& partition,
             const train::Execution& execution, const data::Dataset& dataset, Log& log);

}  // namespace cohort::round
