// A round as its files tell it: audited again by anybody who has them, without the run that made them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cohort/data/dataset.hpp"
#include "cohort/round/audit.hpp"
#include "cohort/round/audit_record.hpp"
#include "cohort/round/dispute.hpp"
#include "cohort/round/round_start.hpp"
#include "cohort/round/rounds.hpp"

namespace cohort::round {

/// Who owns what, as it follows from a task and its data.
struct FiledPartition {
  data::Partition partition;
  std::vector<std::int32_t> training, common_validation;  ///< all parts' samples pooled, ascending
};
/// Throws DataError when the task is for another numerics_version than this program's, the data set is not
/// the task's, or the task's partition does not follow from it.
FiledPartition filed_partition(const Task& task, const data::Dataset& dataset);

/// The hidden set as the task's audits use it: `there`, which may be null, or none where the task asks for
/// none. Throws DataError when it is another one than the task's.
const data::Dataset* used_hidden_set(const Task& task, const data::Dataset* there);

/// A submission that did not come through the run folder.
struct ForeignSubmission {
  std::string member;
  std::filesystem::path submission;
  std::filesystem::path links;  ///< empty: where the run folder has the member's
};

/// What an audit of files found.
struct FiledAudit {
  std::vector<Finding>
      findings;  ///< one for each candidate of the round, or for the foreign submission alone
  AuditRecord record;
  std::string beacon;  ///< for people: who chose the links
  std::vector<std::string>
      differences;  ///< from what the round's own record says; empty for a foreign submission
};

/// One round of a run folder: task, parts, what was assigned, and the models that it started from.
class FiledRound {
 public:
  /// Reads all of it. The references must outlive this; `hidden` may be null. `parent`: what the round
  /// started from, in place of the records of the rounds before, where no run kept any.
  ///
  /// Requires  a parent of the task's architecture.
  /// Throws    DataError when data or hidden set are not the task's or a file is damaged, Error when one is
  ///           missing; UsageError for a round that the task does not have, and for a parent of round 1,
  ///           where there are records of this or an earlier round, where the evidence asks for more than
  ///           claims, or where nothing is merged.
  FiledRound(std::filesystem::path run, std::int64_t round, const data::Dataset& dataset,
             const data::Dataset* hidden, std::optional<Model> parent = std::nullopt);

  [[nodiscard]] const Task& task() const { return task_; }
  [[nodiscard]] const data::Partition& partition() const { return filed_.partition; }
  /// The model that the round started from.
  [[nodiscard]] const Model& incumbent() const { return start_.incumbent; }
  [[nodiscard]] const nn::StateLayout& layout() const { return layout_; }
  /// Hidden images of the round, where the ledger has them.
  [[nodiscard]] const std::vector<std::int32_t>& hidden_images() const { return hidden_images_; }

  /// Looks at all that was handed in, or at one foreign submission, as the run does. The links are those of
  /// the round's record; without one those of the run's own coordinator, and for a foreign submission random
  /// ones, as its maker may know the others. With evidence `replay` a member's later, different submission is
  /// late: what is examined is put on record in the run folder first, but for what the run handed in to a
  /// round that is done, whose record stands.
  ///
  /// Requires  workers.comm of one rank.
  /// Throws    UsageError for a member that the round does not have; DataError when the task asks for hidden
  ///           images and their file, or the round's entry in the ledger, is not there, and when the foreign
  ///           submission started from another model than the parent given by name; Error when this machine
  ///           could not audit a submission.
  FiledAudit audit(Workers& workers, const std::optional<ForeignSubmission>& foreign) const;

  /// Settles a member's account, or what the run folder has where its paths are empty, against another one,
  /// whose links may be empty: then the state before the disputed link must be among the first's. Requires
  /// and throws as round::settle; UsageError for a member that the round does not have.
  Dispute dispute(Workers& workers, const ForeignSubmission& first, const Account& second) const;

 private:
  [[nodiscard]] AuditCase make_case() const;
  [[nodiscard]] std::vector<AuditSubject> subjects(const std::optional<ForeignSubmission>& foreign) const;
  [[nodiscard]] std::string failure_of(std::int64_t candidate) const;
  [[nodiscard]] std::vector<FirstLook> look_at_all(const AuditCase& audit,
                                                   std::span<const AuditSubject> subjects,
                                                   bool is_foreign) const;
  [[nodiscard]] Digest choose_beacon(const AuditCase& audit, std::span<const Digest> commitments,
                                     bool is_foreign, std::string& origin) const;
  void require_hidden_images() const;

  RoundPaths paths_;
  std::int64_t round_;
  const data::Dataset& dataset_;
  const data::Dataset* hidden_;
  Task task_;
  nn::Model model_;
  nn::StateLayout layout_;
  FiledPartition filed_;
  std::vector<Assignment> assignments_;
  RoundStart start_;
  bool has_named_parent_ = false;  ///< the auditor's word for what the round started from, nobody's record
  std::optional<RoundRecord> record_;
  std::vector<std::int32_t> hidden_images_;
};

}  // namespace cohort::round
